// sendfile, splice, tee, vmsplice between files, pipes and sockets.
#include "../lib/observe.h"
#include <sys/sendfile.h>

// A splice that waits writes where the file's position was when it began, and moves it from there.
static void wait_with_position(void) {
  int ends[2], file = MUST(open("h", O_CREAT | O_RDWR, 0600));
  char text[32];
  MUST(pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    CALL(splice(ends[0], NULL, file, NULL, 5, 0));
    _exit(0);
  }
  usleep(30000);
  MUST(lseek(file, 10, SEEK_SET));
  MUST(write(ends[1], "spliced", 7));
  MUST(waitpid(child, NULL, 0));
  say("position %ld", (long)lseek(file, 0, SEEK_CUR));
  ssize_t length = pread(file, text, sizeof text, 0);
  say("content: %s", quoted(text, length));
}

int main(void) {
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600)), out = MUST(open("g", O_CREAT | O_RDWR, 0600));
  MUST(write(file, "0123456789abcdef", 16));
  MUST(lseek(file, 2, SEEK_SET));
  CALL(sendfile(out, file, NULL, 5));
  off_t offset = 10;
  CALL(sendfile(out, file, &offset, 100));
  say("offsets: %ld, file %ld, out %ld", (long)offset, (long)lseek(file, 0, SEEK_CUR), (long)lseek(out, 0, SEEK_CUR));
  char text[64];
  ssize_t length = pread(out, text, sizeof text, 0);
  say("copied: %s", quoted(text, length));
  int a[2], b[2], sockets[2];
  MUST(pipe(a));
  MUST(pipe(b));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
  loff_t from = 1;
  CALL(splice(file, &from, a[1], NULL, 6, 0));
  CALL(tee(a[0], b[1], 100, 0));
  CALL(splice(a[0], NULL, sockets[0], NULL, 4, 0));
  length = read(sockets[1], text, sizeof text);
  say("socket: %s", quoted(text, length));
  length = read(a[0], text, sizeof text);
  say("rest of the pipe: %s", quoted(text, length));
  length = read(b[0], text, sizeof text);
  say("tee's copy: %s", quoted(text, length));
  struct iovec parts[2] = {{"vm", 2}, {"splice", 6}};
  CALL(vmsplice(a[1], parts, 2, 0));
  CALL(splice(a[0], NULL, out, NULL, 8, 0));
  MUST(write(sockets[0], "to a pipe", 9));
  CALL(splice(sockets[1], NULL, b[1], NULL, 100, 0));
  CALL(splice(b[0], NULL, a[1], NULL, 100, 0));
  length = read(a[0], text, sizeof text);
  say("socket to pipe to pipe: %s", quoted(text, length));
  CALL(sendfile(sockets[0], file, &(off_t){0}, 3));
  CALL(splice(file, NULL, out, NULL, 5, 0));
  CALL(splice(a[0], NULL, out, NULL, 5, SPLICE_F_NONBLOCK));
  CALL(sendfile(file, a[0], NULL, 5));
  CALL(splice(a[0], &from, out, NULL, 5, 0));
  close(a[1]);
  CALL(splice(a[0], NULL, out, NULL, 5, 0));
  CALL(tee(a[0], b[1], 5, 0));
  wait_with_position();
  return 0;
}
