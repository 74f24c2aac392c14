// Calls with several things wrong: which error comes first, and what waitid leaves behind when it fails.
#include "../lib/observe.h"
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>

#define BAD ((void *)8)

int main(void) {
  int file = MUST(open("file", O_CREAT | O_RDWR, 0600));
  CALL(connect(-1, BAD, 16));
  CALL(connect(file, BAD, 16));
  CALL(connect(file, BAD, -1));
  CALL(connect(file, BAD, 1000));
  CALL(bind(file, BAD, 16));
  CALL(syscall(SYS_copy_file_range, -1, NULL, file, NULL, 1, 7));
  CALL(syscall(SYS_copy_file_range, file, NULL, -1, NULL, 1, 7));
  CALL(syscall(SYS_copy_file_range, file, BAD, file, NULL, 1, 7));
  CALL(syscall(SYS_copy_file_range, file, NULL, file, NULL, 1, 7));
  CALL(flock(-1, 0));
  CALL(flock(-1, 3));
  CALL(flock(-1, LOCK_SH | LOCK_EX));
  CALL(flock(-1, LOCK_SH));
  CALL(flock(-1, 32));
  CALL(syscall(SYS_renameat2, AT_FDCWD, BAD, AT_FDCWD, BAD, 8));
  CALL(syscall(SYS_renameat2, AT_FDCWD, BAD, AT_FDCWD, BAD, 3));
  CALL(syscall(SYS_renameat2, AT_FDCWD, BAD, AT_FDCWD, BAD, 0));
  CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, BAD));
  siginfo_t info = {.si_code = SI_QUEUE};
  CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, &info));
  CALL(syscall(SYS_utimensat, AT_FDCWD, "none", BAD, 1));
  struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}}, odd[2] = {{0, -1}, {0, 0}};
  CALL(syscall(SYS_utimensat, -1, BAD, omit, -1));
  CALL(syscall(SYS_utimensat, AT_FDCWD, "file", odd, 1));
  CALL(syscall(SYS_utimensat, AT_FDCWD, "file", NULL, 1));
  CALL(syscall(SYS_semtimedop, -1, BAD, 0, BAD));
  CALL(syscall(SYS_semtimedop, -1, BAD, 0, odd));
  CALL(syscall(SYS_semtimedop, -1, BAD, 10000, odd));
  CALL(syscall(SYS_semtimedop, -1, BAD, 1, odd));
  struct sembuf operation = {0, 1, 0};
  CALL(syscall(SYS_semtimedop, -1, &operation, 1, odd));
  CALL(waitid(P_ALL, 0, BAD, 0));
  CALL(waitid(P_ALL, 0, BAD, WEXITED));
  memset(&info, 0x55, sizeof info);
  CALL(waitid(P_ALL, 0, &info, WEXITED));
  say("filled: %d %d %d %d %d %d", info.si_signo, info.si_errno, info.si_code, info.si_pid, info.si_uid, info.si_status);
  memset(&info, 0x55, sizeof info);
  CALL(waitid(99, 0, &info, WEXITED));
  say("filled: %d %d %d %d %d %d", info.si_signo, info.si_errno, info.si_code, info.si_pid, info.si_uid, info.si_status);
  return 0;
}
