// io_pgetevents with a signal mask: which signals come in, in what order with events and errors, and the mask afterwards.
#include "../lib/observe.h"
#include <linux/aio_abi.h>
#include <poll.h>
static aio_context_t context;
struct usig { const sigset_t *mask; size_t size; };
static volatile int caught;
static sigset_t inside; // the mask that the handler ran under
static void handler(int number) {
  caught = number;
  pthread_sigmask(0, NULL, &inside);
}
static void show_mask(const char *l) {
  sigset_t now; pthread_sigmask(0, NULL, &now);
  say("%s: USR1 %d USR2 %d TERM %d", l, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2), sigismember(&now, SIGTERM));
}
static void show_caught(const char *l) {
  say("%s: caught %d; inside USR1 %d USR2 %d TERM %d", l, caught, sigismember(&inside, SIGUSR1), sigismember(&inside, SIGUSR2), sigismember(&inside, SIGTERM));
  caught = 0; sigemptyset(&inside);
  show_mask("  after");
}
static long pget(long least, long most, struct io_event *e, struct timespec *t, struct usig *u) { return syscall(SYS_io_pgetevents, context, least, most, e, t, u); }
int main(void) {
  struct io_event got[4];
  struct timespec zero = {0,0}, soon = {0, 20000000}, bad = {0, 2000000000};
  struct sigaction a = {.sa_handler = handler};
  MUST(sigaction(SIGUSR1, &a, NULL)); MUST(sigaction(SIGUSR2, &a, NULL));
  sigset_t block, none, only2, only1, term;
  sigemptyset(&none); sigemptyset(&block); sigaddset(&block, SIGUSR1); sigaddset(&block, SIGUSR2);
  sigemptyset(&only2); sigaddset(&only2, SIGUSR2);
  sigemptyset(&only1); sigaddset(&only1, SIGUSR1);
  sigemptyset(&term); sigaddset(&term, SIGTERM);
  struct usig open_ = {&none, 8}, with2 = {&only2, 8}, nul = {NULL, 8}, nulbad={NULL,4}, t = {&term, 8}, bad1 = {(void*)8, 8}, badsz = {&none, 16};
  MUST(syscall(SYS_io_setup, 4, &context));
  sigprocmask(SIG_SETMASK, &block, NULL);
  kill(getpid(), SIGUSR1);
  CALL(pget(0, 1, got, &zero, &open_)); show_caught("pending, min 0, zero time");
  kill(getpid(), SIGUSR1);
  CALL(pget(0, 1, got, NULL, &open_)); show_caught("pending, min 0, no time");
  kill(getpid(), SIGUSR1);
  CALL(pget(1, 1, got, &zero, &open_)); show_caught("pending, min 1, zero time");
  kill(getpid(), SIGUSR1);
  CALL(pget(1, 1, got, &soon, &open_)); show_caught("pending, min 1, time");
  kill(getpid(), SIGUSR1);
  CALL(pget(1, 1, got, NULL, &open_)); show_caught("pending, min 1, forever");
  kill(getpid(), SIGUSR1); kill(getpid(), SIGUSR2);
  CALL(pget(1, 1, got, NULL, &with2)); show_caught("two pending, USR2 masked");
  CALL(pget(1, 1, got, &soon, &with2)); show_caught("masked stays pending");
  CALL(pget(1, 1, got, &soon, &nul)); show_caught("null mask");
  CALL(pget(1, 1, got, &soon, &nulbad)); show_caught("null mask bad size");
  CALL(pget(1, 1, got, &soon, &bad1)); show_caught("bad mask");
  CALL(pget(1, 1, got, &soon, &badsz)); show_caught("bad size");
  CALL(pget(1, 1, got, &bad, &t)); show_caught("bad time");
  int fds[2]; MUST(pipe(fds)); MUST(write(fds[1], "x", 1));
  struct iocb one = {.aio_lio_opcode = 5, .aio_fildes = fds[0], .aio_buf = POLLIN, .aio_data = 9}, *l[] = {&one};
  CALL(syscall(SYS_io_submit, context, 1, l));
  kill(getpid(), SIGUSR1);
  CALL(pget(1, 1, got, NULL, &open_)); show_caught("event ready and signal pending");
  CALL(syscall(SYS_io_submit, context, 1, l));
  kill(getpid(), SIGUSR1);
  CALL(pget(2, 2, got, NULL, &open_)); show_caught("one of two ready and signal pending");
  kill(getpid(), SIGUSR1);
  CALL(syscall(SYS_io_submit, context, 1, l));
  CALL(pget(1, 2, (void*)8, NULL, &open_)); show_caught("fault and signal");
  kill(getpid(), SIGUSR1);
  CALL(pget(5, 2, got, NULL, &open_)); show_caught("einval and signal");
  syscall(SYS_io_getevents, context, 0, 4, got, NULL);
  kill(getpid(), SIGUSR1);
  CALL(syscall(SYS_io_pgetevents, 8L, 0, 4, got, NULL, &open_)); show_caught("einval ctx and signal");
  kill(getpid(), SIGUSR1);
  CALL(pget(0, 0, got, &zero, &open_)); show_caught("nr 0");
  kill(getpid(), SIGUSR1);
  CALL(pget(0, 1, got, (void*)8, &open_)); show_caught("bad time pointer");
  CALL(pget(0, 1, got, &zero, NULL)); show_caught("no struct");
  CALL(pget(0, 1, got, &zero, (void*)8)); show_caught("bad struct");
  sigprocmask(SIG_SETMASK, &only2, NULL); show_caught("opened");
  sigprocmask(SIG_SETMASK, &block, NULL);
  signal(SIGTERM, SIG_IGN); kill(getpid(), SIGTERM);
  CALL(pget(0, 1, got, &zero, &open_)); show_caught("ignored one");
  // restart
  a.sa_flags = SA_RESTART; MUST(sigaction(SIGUSR1, &a, NULL)); 
  signal(SIGTERM, SIG_IGN);
  kill(getpid(), SIGUSR1);
  CALL(pget(1, 1, got, NULL, &open_)); show_caught("SA_RESTART");
  pid_t parent = getpid(), c = MUST(fork());
  if (c == 0) {
    await_state(parent, "S"); kill(parent, SIGTERM); sleep_ms(20); kill(parent, SIGSTOP); sleep_ms(20); kill(parent, SIGCONT); sleep_ms(20); 
    MUST(read(fds[0], got, 1)); sleep_ms(20);
    kill(parent, SIGUSR2); sleep_ms(20); kill(parent, SIGUSR1); _exit(0);
  }
  CALL(pget(1, 1, got, NULL, &with2)); show_caught("ignored, stopped, then");
  show_wait("child", c);
  c = MUST(fork());
  if (c == 0) { await_state(parent, "S"); kill(parent, SIGSTOP); sleep_ms(20); kill(parent, SIGCONT); sleep_ms(20); kill(parent, SIGUSR1); _exit(0); }
  sigprocmask(SIG_SETMASK, &none, NULL); show_caught("unblocked");
  CALL(syscall(SYS_io_getevents, context, 1, 1, got, NULL)); show_caught("getevents");
  show_wait("child", c);
  CALL(syscall(SYS_io_destroy, context));
  CALL(pget(0, 1, got, &zero, &open_));
}
