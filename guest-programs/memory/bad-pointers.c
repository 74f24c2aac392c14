// Bad pointers in system calls are EFAULT, never a signal; partial transfers stop where memory ends.
#include "../lib/observe.h"
#include <sys/time.h>
#include <sys/utsname.h>

int main(void) {
  char *pages = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(mprotect(pages + 4096, 4096, PROT_NONE));
  char *edge = pages + 4096 - 4;
  int fds[2];
  MUST(pipe(fds));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  memcpy(edge, "abcd", 4);
  show("open", open((char *)1, O_RDONLY));
  show("open, path runs off the page", open(edge, O_RDONLY));
  show("write all bad", write(file, (void *)1, 10));
  show("write to a file across the edge", write(file, edge, 10));
  show("write to a pipe across the edge", write(fds[1], edge, 10));
  show("read all bad", pread(file, (void *)1, 4, 0));
  show("read across the edge", pread(file, edge, 10, 0));
  show("pipe", pipe((int *)1));
  show("stat", stat("f", (struct stat *)1));
  show("uname", uname((struct utsname *)1));
  show("gettimeofday", syscall(SYS_gettimeofday, 1, NULL));
  show("nanosleep", nanosleep((struct timespec *)1, NULL));
  show("sigaction", syscall(SYS_rt_sigaction, SIGUSR1, (void *)1, NULL, 8));
  show("sigprocmask", syscall(SYS_rt_sigprocmask, SIG_SETMASK, (void *)1, NULL, 8));
  show("getcwd", syscall(SYS_getcwd, (char *)1, 4096));
  show("writev bad vector", writev(file, (struct iovec *)1, 2));
  struct iovec parts[2] = {{"good", 4}, {(void *)1, 4}};
  show("writev bad second part", writev(file, parts, 2));
  show("writev count -1", writev(file, parts, -1));
  show("writev count 0", writev(file, parts, 0));
  show("kernel address", write(file, (void *)-4096ul, 4));
  show("zero bytes from a bad address", write(file, (void *)1, 0));
  return 0;
}
