// SCM_RIGHTS: the parent passes an open file to its child, which reads on where the parent stopped. unix(7), cmsg(3).
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int send_descriptor(int over, int fd) {
  char byte = 'F';
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(over, &message, 0) == -1 ? -1 : 0;
}

static int receive_descriptor(int over) {
  char byte;
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(over, &message, 0) == -1) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *path = "/tmp/rivulet-demo-rights";
  char text[32] = {0};
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1) {
    perror("socketpair");
    return 1;
  }
  pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    int fd = receive_descriptor(fds[1]);
    if (fd == -1) {
      perror("child: recvmsg");
      return 1;
    }
    ssize_t length = read(fd, text, 9);
    printf("child: read %ld bytes through the passed file: \"%s\"\n", (long)length, text);
    return 0;
  }
  close(fds[1]);
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file == -1) {
    perror("open");
    return 1;
  }
  write(file, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
  lseek(file, 0, SEEK_SET);
  read(file, text, 10);
  printf("parent: read \"%s\", and passes the file on\n", text);
  if (send_descriptor(fds[0], file) == -1) {
    perror("parent: sendmsg");
    return 1;
  }
  int status;
  waitpid(child, &status, 0);
  printf("parent: the shared offset is now %ld\n", (long)lseek(file, 0, SEEK_CUR));
  unlink(path);
  return WEXITSTATUS(status);
}
