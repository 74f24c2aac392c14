// A large process forks: each side keeps what it had at the fork, whoever writes, moves, drops or ends first.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 3000

static unsigned char *memory;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static unsigned long sum(const unsigned char *from, int pages) {
  unsigned long total = 0;
  for (int page = 0; page < pages; page++) total = total * 31 + from[page * PAGE] + from[page * PAGE + PAGE - 1];
  return total;
}

static void fill(int first, int pages, int value) {
  for (int page = first; page < first + pages; page++) memset(memory + page * PAGE, value + page, PAGE);
}

/* the child waits until the parent has done `parent`, looks, does `child` and looks again; then the parent looks */
static void round_of(const char *what, void (*parent)(void), void (*child)(void)) {
  int done[2];
  if (pipe(done)) die("pipe");
  fill(0, PAGES, 1);
  fflush(stdout);
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    char byte;
    close(done[1]);
    if (read(done[0], &byte, 1) != 0) _exit(1);
    printf("%s: child finds %lx", what, sum(memory, PAGES));
    if (child) child();
    printf(" then %lx\n", sum(memory, PAGES));
    fflush(stdout);
    _exit(0);
  }
  if (parent) parent();
  close(done[0]);
  close(done[1]);
  int status;
  waitpid(pid, &status, 0);
  printf("%s: parent has %lx, status %d\n", what, sum(memory, PAGES), status);
}

static void write_some(void) { fill(500, 700, 77); }
static void write_all(void) { fill(0, PAGES, 90); }

static void drop_some(void) {
  if (madvise(memory + 100 * PAGE, 900 * PAGE, MADV_DONTNEED)) die("madvise");
}

static void replace_some(void) {
  if (mmap(memory, 1000 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) die("mmap");
  memory[5 * PAGE] = 9;
}

/* away and back, so that `memory` stays whole */
static void move_some(void) {
  unsigned char *other = mmap(NULL, 600 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (other == MAP_FAILED) die("mmap");
  if (mremap(memory + 1000 * PAGE, 600 * PAGE, 600 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other) != other) die("mremap");
  for (int page = 0; page < 300; page++) other[page * PAGE] ^= 0x55;
  if (mremap(other, 600 * PAGE, 600 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, memory + 1000 * PAGE) == MAP_FAILED) die("back");
}

static void protect_some(void) {
  if (mprotect(memory + 2000 * PAGE, 500 * PAGE, PROT_READ)) die("mprotect");
  if (mprotect(memory + 2000 * PAGE, 500 * PAGE, PROT_READ | PROT_WRITE)) die("mprotect");
  fill(2100, 10, 3);
}

/* into the last bytes of one page and the first of the next */
static void read_into(void) {
  int pair[2];
  if (pipe(pair)) die("pipe");
  if (write(pair[1], "written by the kernel", 21) != 21) die("write");
  if (read(pair[0], memory + 1500 * PAGE + PAGE - 10, 21) != 21) die("read");
  close(pair[0]);
  close(pair[1]);
}

/* each generation writes a part, forks and ends; the last one looks when all but the first are gone */
static void generations(void) {
  int ancestors[2];
  if (pipe(ancestors)) die("pipe");
  fflush(stdout);
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) {
    close(ancestors[1]);
    char byte;
    while (read(ancestors[0], &byte, 1) > 0) continue; /* until the last has written and ended */
    waitpid(pid, NULL, 0);
    printf("generations: the first has %lx\n", sum(memory, PAGES));
    return;
  }
  int told[2];
  if (pipe(told)) die("pipe");
  for (int depth = 1; depth < 9; depth++) {
    fill(depth * 300, 300, 100 + depth);
    pid = fork();
    if (pid < 0) die("fork");
    if (pid > 0) _exit(0);
  }
  close(told[1]);
  char byte;
  while (read(told[0], &byte, 1) > 0) continue; /* until all who have the other end are gone */
  printf("generations: the last finds %lx\n", sum(memory, PAGES));
  fflush(stdout);
  _exit(0);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 4096);
  memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap");
  round_of("nobody writes", NULL, NULL);
  round_of("the parent writes", write_some, NULL);
  round_of("the child writes", NULL, write_some);
  round_of("both write", write_some, write_all);
  round_of("the parent drops", drop_some, write_some);
  round_of("the child drops", write_all, drop_some);
  round_of("replaced", replace_some, replace_some);
  round_of("moved", move_some, move_some);
  round_of("moved by one", NULL, move_some);
  round_of("protected", protect_some, protect_some);
  round_of("the kernel writes", read_into, read_into);
  fill(0, PAGES, 1);
  generations();
  return 0;
}
