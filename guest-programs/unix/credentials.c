// SCM_CREDENTIALS on every receive with SO_PASSCRED; sent by hand they must be the sender's own.
// rows: U26
#include "../lib/unix.h"

static ssize_t send_cred(int fd, struct ucred cred) {
  char room[CMSG_SPACE(sizeof cred)] __attribute__((aligned(8))) = {0};
  struct iovec data = {"c", 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof cred);
  memcpy(CMSG_DATA(header), &cred, sizeof cred);
  return sendmsg(fd, &message, 0);
}

static void receive_cred(const char *label, int fd) {
  char room[256] __attribute__((aligned(8))), byte[8];
  struct iovec data = {byte, sizeof byte};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
  if (got == -1) {
    show(label, -1);
    return;
  }
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  struct ucred cred = {0};
  if (header && header->cmsg_type == SCM_CREDENTIALS) memcpy(&cred, CMSG_DATA(header), sizeof cred);
  say("%s: %zd, flags %#x, control %zu, type %d, pid mine %d, uid mine %d", label, got, message.msg_flags,
      (size_t)message.msg_controllen, header ? header->cmsg_type : -1, cred.pid == getpid(), cred.uid == getuid());
}

int main(void) {
  int fds[2], one = 1;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(write(fds[0], "a", 1));
  receive_cred("without the option", fds[1]);
  MUST(setsockopt(fds[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  MUST(write(fds[0], "b", 1));
  receive_cred("with it", fds[1]);
  struct ucred mine = {getpid(), getuid(), getgid()};
  show("own credentials", send_cred(fds[0], mine));
  receive_cred("received", fds[1]);
  struct ucred nobody = {0x3fffff, getuid(), getgid()};
  show("a process that is not", send_cred(fds[0], nobody));
  int fd = fds[0];
  show("with a descriptor", send_fds(fds[0], &fd, 1));
  receive_cred("received", fds[1]);
  return 0;
}
