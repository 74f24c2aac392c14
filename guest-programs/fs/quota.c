// quotactl where no file system has quotas: what is checked, and in which order.
// needs: root
#include "../lib/observe.h"
#include <sys/quota.h>

#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

int main(void) {
  char room[256];
  int file = MUST(open("file", O_RDWR | O_CREAT, 0600));
  CALL(quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL));
  CALL(quotactl(QCMD(Q_SYNC, 7), NULL, 0, NULL));
  CALL(quotactl(QCMD(Q_GETQUOTA, USRQUOTA), NULL, 0, room));
  CALL(quotactl(QCMD(Q_GETQUOTA, USRQUOTA), "missing", 0, room));
  CALL(quotactl(QCMD(Q_GETQUOTA, USRQUOTA), "file", 0, room));
  CALL(quotactl(QCMD(Q_GETQUOTA, 3), "missing", 0, room));
  CALL(quotactl(QCMD(Q_SYNC, GRPQUOTA), "file", 0, NULL));
  CALL(quotactl(QCMD(Q_GETQUOTA, USRQUOTA), (char *)8, 0, room));
  CALL(quotactl(QCMD(Q_GETQUOTA, USRQUOTA), "/dev/null", 0, room));
  CALL(syscall(SYS_quotactl_fd, 99, QCMD(Q_GETQUOTA, USRQUOTA), 0, room));
  CALL(syscall(SYS_quotactl_fd, file, QCMD(Q_GETQUOTA, 9), 0, room));
  CALL(syscall(SYS_quotactl_fd, file, QCMD(Q_GETQUOTA, USRQUOTA), 0, room));
  CALL(syscall(SYS_quotactl_fd, file, QCMD(Q_SYNC, USRQUOTA), 0, NULL));
}
