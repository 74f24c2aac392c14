// Programs that sleep for ever, each in its own way, and one that relies on sleeping long enough: what explore says of
// them is compared in the system tests.
// part
// flags: -fno-inline
#include "../lib/observe.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/epoll.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static uint32_t word;

static void noted(int signal) { (void)signal; }

// The signal is handled before pause.
static void signal_before_pause(void) {
  signal(SIGUSR1, noted);
  raise(SIGUSR1);
  pause();
}

static void *set_word(void *unused) {
  word = 1; // nobody is woken
  return unused;
}

static void futex_without_wake(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, set_word, NULL);
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static int ready_pipe(int *ends) {
  MUST(pipe(ends));
  MUST(write(ends[1], "two", 2));
  return ends[0];
}

// Only one of two bytes is read, and the edge was reported already.
static void edge(uint32_t how) {
  int ends[2], epoll = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN | how};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, ready_pipe(ends), &event));
  MUST(epoll_wait(epoll, &event, 1, -1));
  char byte;
  MUST(read(ends[0], &byte, 1));
  MUST(epoll_wait(epoll, &event, 1, -1));
}

// The only writer is the reader itself.
static void own_pipe(void) {
  int ends[2];
  MUST(pipe(ends));
  char byte;
  MUST(read(ends[0], &byte, 1));
}

static void lock_twice(void) {
  pthread_mutex_lock(&gate);
  pthread_mutex_lock(&gate);
}

static void sleeping_child(void) {
  if (MUST(fork()) == 0) pause();
  MUST(wait(NULL));
}

static void leave_child(void) {
  if (MUST(fork()) == 0) pause();
}

// The child takes it for granted that ten milliseconds are enough for its parent.
static int sleep_long_enough(void) {
  int *is_set = mmap(NULL, sizeof *is_set, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (MUST(fork()) == 0) {
    usleep(10000);
    _exit(*is_set ? 0 : 1);
  }
  getppid();
  *is_set = 1;
  int status;
  MUST(wait(&status));
  return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (strcmp(how, "signal") == 0) signal_before_pause();
  if (strcmp(how, "futex") == 0) futex_without_wake();
  if (strcmp(how, "edge") == 0) edge(EPOLLET);
  if (strcmp(how, "oneshot") == 0) edge(EPOLLONESHOT);
  if (strcmp(how, "pipe") == 0) own_pipe();
  if (strcmp(how, "lock") == 0) lock_twice();
  if (strcmp(how, "child") == 0) sleeping_child();
  if (strcmp(how, "leave") == 0) leave_child();
  if (strcmp(how, "late") == 0) return sleep_long_enough();
  return 0;
}
