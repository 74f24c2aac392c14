// splice, tee, vmsplice and sendfile: between pipes, files and sockets, offsets, limits and errors.
#include "../lib/observe.h"
#include <sys/ioctl.h>
#include <sys/sendfile.h>

static int a[2], b[2];
static char data[200000];

static int queued(int fd) {
  int bytes;
  MUST(ioctl(fd, FIONREAD, &bytes));
  return bytes;
}

static void drain(int fd, const char *label) {
  char text[256];
  ssize_t count = read(fd, text, sizeof text);
  say("%s: %s", label, count < 0 ? errno_name(errno) : quoted(text, count));
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  MUST(pipe2(a, O_NONBLOCK));
  MUST(pipe2(b, O_NONBLOCK));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(file, "0123456789", 10));
  CALL(splice(a[0], NULL, b[1], NULL, 10, 0));
  CALL(splice(a[0], NULL, a[1], NULL, 10, 0));
  CALL(splice(file, NULL, file, NULL, 10, 0));
  CALL(splice(a[0], NULL, b[1], NULL, 0, 0));
  CALL(splice(a[0], NULL, b[1], NULL, 10, 0x100));
  CALL(splice(a[1], NULL, b[1], NULL, 10, 0));
  CALL(splice(99, NULL, b[1], NULL, 10, 0));
  off64_t offset = 3;
  CALL(splice(file, &offset, a[1], &offset, 10, 0));
  CALL(splice(a[0], &offset, b[1], NULL, 10, 0));
  CALL(splice(file, &offset, a[1], NULL, 4, 0));
  say("offset %d, position %d", (int)offset, (int)lseek(file, 0, SEEK_CUR));
  CALL(splice(file, NULL, a[1], NULL, 4, 0));
  MUST(lseek(file, 0, SEEK_SET));
  CALL(splice(file, NULL, a[1], NULL, 2, 0));
  say("position %d, queued %d", (int)lseek(file, 0, SEEK_CUR), queued(a[0]));
  CALL(tee(a[0], b[1], 3, 0));
  CALL(tee(a[0], a[1], 3, 0));
  CALL(tee(a[0], file, 3, 0));
  drain(b[0], "the copy");
  CALL(splice(a[0], NULL, b[1], NULL, 5, 0));
  drain(a[0], "left behind");
  drain(b[0], "moved");
  MUST(write(a[1], "abc", 3));
  MUST(write(a[1], "def", 3));
  CALL(tee(a[0], b[1], 100, 0));
  MUST(write(a[1], "ghi", 3));
  MUST(write(b[1], "xyz", 3));
  drain(a[0], "the original");
  drain(b[0], "the copy");
  offset = 20;
  MUST(write(a[1], "end", 3));
  CALL(splice(a[0], NULL, file, &offset, 100, 0));
  say("size %d", (int)lseek(file, 0, SEEK_END));
  MUST(write(a[1], "more", 4));
  CALL(splice(a[0], NULL, file, NULL, 100, 0));
  say("size %d, position %d", (int)lseek(file, 0, SEEK_END), (int)lseek(file, 0, SEEK_CUR));
  int appending = MUST(open("f", O_WRONLY | O_APPEND));
  MUST(write(a[1], "no", 2));
  CALL(splice(a[0], NULL, appending, NULL, 100, 0));
  drain(a[0], "still there");
  MUST(write(a[1], data, 65536));
  CALL(splice(file, &(off64_t){0}, a[1], NULL, 10, 0));
  CALL(splice(file, &(off64_t){0}, a[1], NULL, 10, SPLICE_F_NONBLOCK));
  CALL(splice(a[0], NULL, b[1], NULL, 100000, 0));
  say("queued %d and %d", queued(a[0]), queued(b[0]));
  while (read(b[0], data, sizeof data) > 0) continue;
  MUST(ftruncate(file, 100000));
  CALL(splice(file, &(off64_t){0}, a[1], NULL, 200000, 0));
  while (read(a[0], data, sizeof data) > 0) continue;
  CALL(splice(file, &(off64_t){100000}, a[1], NULL, 10, 0));
  CALL(splice(file, &(off64_t){-1}, a[1], NULL, 10, 0));
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
  CALL(splice(pair[0], NULL, a[1], NULL, 10, SPLICE_F_NONBLOCK));
  MUST(write(pair[1], "from a socket", 13));
  CALL(splice(pair[0], NULL, a[1], NULL, 100, 0));
  CALL(splice(a[0], NULL, pair[0], NULL, 100, 0));
  drain(pair[1], "back through the socket");
  close(pair[1]);
  CALL(splice(pair[0], NULL, a[1], NULL, 100, 0));
  MUST(write(a[1], "x", 1));
  CALL(splice(a[0], NULL, pair[0], NULL, 100, 0));
  drain(a[0], "not lost");
  struct iovec parts[2] = {{"vm", 2}, {"splice", 6}};
  CALL(vmsplice(a[1], parts, 2, 0));
  CALL(vmsplice(file, parts, 2, 0));
  CALL(vmsplice(a[1], parts, 0, 0));
  struct iovec room[2] = {{data, 3}, {data + 3, 100}};
  CALL(vmsplice(a[0], room, 2, 0));
  say("got %s", quoted(data, 8));
  CALL(vmsplice(a[0], room, 2, SPLICE_F_NONBLOCK));
  MUST(ftruncate(file, 10));
  MUST(pwrite(file, "0123456789", 10, 0));
  MUST(lseek(file, 2, SEEK_SET));
  int copy = MUST(open("g", O_CREAT | O_RDWR | O_TRUNC, 0600));
  CALL(sendfile(copy, file, NULL, 4));
  offset = 1;
  CALL(sendfile(copy, file, &offset, 100));
  say("offset %d, positions %d and %d", (int)offset, (int)lseek(file, 0, SEEK_CUR), (int)lseek(copy, 0, SEEK_CUR));
  CALL(sendfile(copy, file, &offset, 100));
  CALL(sendfile(a[1], file, NULL, 100));
  drain(a[0], "sent into a pipe");
  int full[2];
  MUST(pipe2(full, O_NONBLOCK));
  CALL(sendfile(full[1], file, NULL, 0));
  while (write(full[1], data, sizeof data) > 0) {}
  CALL(sendfile(full[1], file, NULL, 0));
  CALL(sendfile(full[1], a[0], NULL, 0));
  CALL(sendfile(copy, a[0], NULL, 10));
  CALL(sendfile(copy, a[0], &offset, 10));
  CALL(sendfile(appending, file, NULL, 10));
  CALL(sendfile(file, appending, NULL, 10));
  CALL(sendfile(copy, 99, NULL, 10));
  offset = -1;
  CALL(sendfile(copy, file, &offset, 10));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(ftruncate(file, 1000000));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(pair[0]);
    long total = 0, count;
    while ((count = read(pair[1], data, 30000)) > 0) total += count;
    say("child received %ld", total);
    _exit(0);
  }
  close(pair[1]);
  offset = 0;
  CALL(sendfile(pair[0], file, &offset, 2000000));
  say("offset %d", (int)offset);
  close(pair[0]);
  show_wait("receiver", child);
  close(a[0]);
  CALL(splice(file, &(off64_t){0}, a[1], NULL, 10, 0));
  CALL(tee(b[0], a[1], 10, 0));
  return 0;
}
