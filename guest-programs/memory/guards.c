// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE: pages that fault within an area, over fork, mprotect, mremap and munmap.
#include "../lib/observe.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define INSTALL 102
#define REMOVE 103

static sigjmp_buf back;
static int code;
static void faulted(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  code = info->si_code;
  siglongjmp(back, 1);
}

/** Each page of `count`: its byte, or what a read of it gives. */
static void look(const char *label, volatile char *at, int count) {
  char text[400] = "";
  for (volatile int i = 0; i < count; i++) {
    char word[20] = "fault";
    if (!sigsetjmp(back, 1)) snprintf(word, sizeof word, "%d", at[i * 4096]);
    else snprintf(word, sizeof word, "%s", code == SEGV_MAPERR ? "maperr" : "accerr");
    strcat(strcat(text, " "), word);
  }
  say("%s:%s", label, text);
}

static void fill(char *at, int count) {
  for (int i = 0; i < count; i++) at[i * 4096] = i + 1;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  char *area = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fill(area, 8);
  CALL(madvise(area + 4096, 2 * 4096, INSTALL));
  CALL(madvise(area + 5 * 4096, 4096, INSTALL));
  CALL(madvise(area + 5 * 4096, 4096, INSTALL));
  look("guards", area, 8);
  int null = open("/dev/zero", O_RDONLY), in[2];
  CALL(read(null, area + 4096, 1));
  CALL(read(null, area + 3 * 4096 - 10, 20));
  MUST(pipe(in));
  CALL(write(in[1], area + 4096 - 5, 10));
  pid_t child = MUST(fork());
  if (child == 0) {
    look("a child", area, 8);
    MUST(madvise(area, 8 * 4096, REMOVE));
    look("without", area, 8);
    _exit(0);
  }
  MUST(waitpid(child, NULL, 0));
  look("the parent", area, 8);
  CALL(madvise(area, 8 * 4096, MADV_DONTNEED));
  look("discarded", area, 8);
  fill(area + 16 * 4096, 16);
  CALL(mprotect(area, 4096 * 4, PROT_READ));
  look("read-only", area, 8);
  CALL(madvise(area, 4096, INSTALL));
  look("one more", area, 3);
  CALL(mprotect(area, 4096 * 4, PROT_NONE));
  look("none", area, 3);
  CALL(mprotect(area, 4096 * 4, PROT_READ | PROT_WRITE));
  CALL(madvise(area, 4096, MADV_POPULATE_WRITE));
  CALL(madvise(area, 4 * 4096, REMOVE));
  look("removed", area, 8);
  char *moved = mremap(area + 4 * 4096, 4 * 4096, 8 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, area + 40 * 4096);
  say("moved %d", moved == area + 40 * 4096);
  look("moved", moved, 6);
  MUST(munmap(moved + 4096, 4096));
  MUST(mmap(moved + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
  look("mapped anew", moved, 3);
  say("-- where they go");
  CALL(madvise(area + 1, 4096, INSTALL));
  CALL(madvise(area, 0, INSTALL));
  CALL(madvise(area, 8 * 4096, INSTALL));
  MUST(mlock(area + 16 * 4096, 4096));
  CALL(madvise(area + 16 * 4096, 4096, INSTALL));
  CALL(madvise(area + 16 * 4096, 4096, REMOVE));
  char *shared = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fill(shared, 4);
  CALL(madvise(shared, 4 * 4096, MADV_DONTNEED));
  look("shared memory stays", shared, 4);
  CALL(madvise(shared + 4096, 4096, INSTALL));
  look("shared", shared, 4);
  CALL(madvise(shared, 4 * 4096, REMOVE));
  look("again", shared, 4);
  return 0;
}
