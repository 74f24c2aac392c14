// getrusage's counts of faults and switches: what they grow by, for a thread, its process and the children waited for.
#include "../lib/observe.h"
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

enum { PAGE = 4096, PAGES = 200, SLEEPS = 20 };

static struct rusage usage(int who) {
  struct rusage now;
  MUST(getrusage(who, &now));
  return now;
}

static char *fresh_pages(void) {
  return MUST(mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void touch(char *pages) {
  for (int i = 0; i < PAGES; i++) pages[i * PAGE] = 1;
}

static void faults(void) {
  char *pages = fresh_pages();
  long before = usage(RUSAGE_SELF).ru_minflt;
  touch(pages);
  long first = usage(RUSAGE_SELF).ru_minflt;
  touch(pages);
  long second = usage(RUSAGE_SELF).ru_minflt;
  say("pages touched first: a fault each %d, not twice as many %d", first - before >= PAGES, first - before < 2 * PAGES);
  say("touched again: hardly any %d", second - first < PAGES / 10);
  MUST(madvise(pages, PAGES * PAGE, MADV_DONTNEED));
  touch(pages);
  say("after MADV_DONTNEED: a fault each %d", usage(RUSAGE_SELF).ru_minflt - second >= PAGES);
  say("none needed reading: %d", usage(RUSAGE_SELF).ru_majflt < 50);
}

static void sleeps(void) {
  struct rusage before = usage(RUSAGE_SELF);
  for (int i = 0; i < SLEEPS; i++) usleep(100);
  struct rusage after = usage(RUSAGE_SELF);
  say("sleeps: a voluntary switch each %d, not twice as many %d", after.ru_nvcsw - before.ru_nvcsw >= SLEEPS,
      after.ru_nvcsw - before.ru_nvcsw < 2 * SLEEPS);
}

// On one processor, two that never sleep take it from each other.
static void rivals(void) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  MUST(sched_setaffinity(0, sizeof one, &one));
  pid_t rival = MUST(fork());
  if (rival == 0)
    for (;;) {}
  struct rusage before = usage(RUSAGE_SELF), after;
  int64_t end = now_ms(CLOCK_MONOTONIC) + 20000;
  do after = usage(RUSAGE_SELF);
  while (after.ru_nivcsw - before.ru_nivcsw < 3 && now_ms(CLOCK_MONOTONIC) < end);
  say("rivals: involuntary switches %d, few others %d", after.ru_nivcsw - before.ru_nivcsw >= 3,
      after.ru_nvcsw - before.ru_nvcsw < 50);
  struct rusage gone;
  MUST(kill(rival, SIGKILL));
  MUST(wait4(rival, NULL, 0, &gone));
  say("of the rival: %d", gone.ru_nivcsw > 0);
}

static void *in_thread(void *unused) {
  (void)unused;
  touch(fresh_pages());
  for (int i = 0; i < SLEEPS; i++) usleep(100);
  struct rusage own = usage(RUSAGE_THREAD), all = usage(RUSAGE_SELF);
  say("thread: its own faults %d, switches %d", own.ru_minflt >= PAGES, own.ru_nvcsw >= SLEEPS);
  say("its process has more of each: %d %d", all.ru_minflt > own.ru_minflt, all.ru_nvcsw >= own.ru_nvcsw);
  return NULL;
}

static void threads(void) {
  pthread_t thread;
  struct rusage before = usage(RUSAGE_SELF), own = usage(RUSAGE_THREAD);
  MUST(-pthread_create(&thread, NULL, in_thread, NULL));
  MUST(-pthread_join(thread, NULL));
  struct rusage after = usage(RUSAGE_SELF);
  say("what it had stays its process's: %d %d", after.ru_minflt - before.ru_minflt >= PAGES,
      after.ru_nvcsw - before.ru_nvcsw >= SLEEPS);
  say("and is not the first thread's: %d", usage(RUSAGE_THREAD).ru_minflt - own.ru_minflt < PAGES);
}

static void children(void) {
  struct rusage before = usage(RUSAGE_CHILDREN), own = usage(RUSAGE_SELF), child;
  pid_t pid = MUST(fork());
  if (pid == 0) {
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) touch(fresh_pages()), _exit(0);
    waitpid(grandchild, NULL, 0);
    touch(fresh_pages());
    for (int i = 0; i < SLEEPS; i++) usleep(100);
    _exit(0);
  }
  siginfo_t info;
  MUST(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
  say("before it was waited for: %ld", usage(RUSAGE_CHILDREN).ru_minflt - before.ru_minflt);
  MUST(wait4(pid, NULL, 0, &child));
  struct rusage after = usage(RUSAGE_CHILDREN);
  say("wait4: faults of both %d, switches %d", child.ru_minflt >= 2 * PAGES, child.ru_nvcsw >= SLEEPS);
  say("RUSAGE_CHILDREN has as many more: %d %d %d", after.ru_minflt - before.ru_minflt == child.ru_minflt,
      after.ru_nvcsw - before.ru_nvcsw == child.ru_nvcsw, after.ru_nivcsw - before.ru_nivcsw == child.ru_nivcsw);
  say("RUSAGE_SELF has not: %d", usage(RUSAGE_SELF).ru_minflt - own.ru_minflt < PAGES);
}

int main(void) {
  faults();
  sleeps();
  threads();
  children();
  rivals();
  return 0;
}
