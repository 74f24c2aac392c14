// timer_create and its kin: notifications, absolute times, overruns, exec and fork, errors.
#include "../lib/observe.h"
#include <pthread.h>

static volatile int hits;
static volatile pid_t hit_thread;
static siginfo_t seen;
static void handler(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  seen = *info;
  hit_thread = syscall(SYS_gettid);
  hits++;
}

static volatile pid_t other_tid;
static void *other(void *unused) {
  (void)unused;
  other_tid = syscall(SYS_gettid);
  while (!hits) sleep_ms(1);
  return NULL;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  int id = -1, id2 = -1;
  struct itimerspec spec = {.it_value = {0, 1000000}}, left;
  // the system call itself: without an event it is SIGALRM with the timer's number
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
  CALL(syscall(SYS_timer_settime, id, 0, &spec, NULL));
  while (!hits) pause();
  say("signal %s, code is SI_TIMER %d, value is the id %d, timer id right %d", signal_name(seen.si_signo),
      seen.si_code == SI_TIMER, seen.si_value.sival_int == id, seen.si_timerid == id);
  CALL(syscall(SYS_timer_gettime, id, &left));
  say("over: %ld %ld", (long)left.it_value.tv_sec, left.it_value.tv_nsec);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  CALL(syscall(SYS_timer_create, CLOCK_REALTIME, &event, &id2));
  say("ids follow: %d", id2 == id + 1);
  spec = (struct itimerspec){.it_value = {1000, 0}, .it_interval = {7, 5}};
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  CALL(syscall(SYS_timer_gettime, id2, &left));
  say("counting: %d, interval %ld %ld", left.it_value.tv_sec >= 999 && left.it_value.tv_sec <= 1000,
      (long)left.it_interval.tv_sec, left.it_interval.tv_nsec);
  spec = (struct itimerspec){.it_value = {0, 0}};
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, &left));
  say("old value there: %d", left.it_value.tv_sec > 0);
  CALL(syscall(SYS_timer_gettime, id2, &left));
  say("disarmed: %ld", (long)left.it_value.tv_sec);
  spec.it_value.tv_nsec = 1000000000;
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  spec.it_value.tv_nsec = -1;
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  CALL(syscall(SYS_timer_settime, id2, 0, NULL, NULL));
  event.sigev_notify = SIGEV_NONE;
  CALL(syscall(SYS_timer_create, CLOCK_BOOTTIME, &event, &id2));
  spec = (struct itimerspec){.it_value = {0, 1000000}, .it_interval = {50, 0}};
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  sleep_ms(3);
  CALL(syscall(SYS_timer_gettime, id2, &left));
  say("the next one: %ld", (long)left.it_value.tv_sec);
  CALL(syscall(SYS_timer_getoverrun, id2));
  CALL(syscall(SYS_timer_settime, 9999, 0, &spec, NULL));
  CALL(syscall(SYS_timer_getoverrun, 9999));
  CALL(syscall(SYS_timer_gettime, 9999, &left));
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 0};
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id2));
  event = (struct sigevent){.sigev_notify = 55, .sigev_signo = SIGUSR1};
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id2));
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
  event._sigev_un._tid = 1;
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id2));
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, NULL, &id2));
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, NULL, &id2));
  CALL(syscall(SYS_timer_create, 99, NULL, &id2));

  hits = 0;
  pthread_t thread;
  pthread_create(&thread, NULL, other, NULL);
  while (!other_tid) sleep_ms(1);
  event._sigev_un._tid = other_tid;
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id2));
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  spec = (struct itimerspec){.it_value = now};
  CALL(syscall(SYS_timer_settime, id2, TIMER_ABSTIME, &spec, NULL));
  pthread_join(thread, NULL);
  say("to the thread: %d", hit_thread == other_tid);

  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 9};
  CALL(syscall(SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID, &event, &id2));
  hits = 0;
  spec = (struct itimerspec){.it_value = {0, 20000000}};
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  while (!hits) continue;
  say("CPU timer: value %d", seen.si_value.sival_int);

  // an ignored signal is lost, but the timer goes on
  signal(SIGUSR1, SIG_IGN);
  CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id2));
  spec = (struct itimerspec){.it_value = {0, 2000000}, .it_interval = {0, 2000000}};
  CALL(syscall(SYS_timer_settime, id2, 0, &spec, NULL));
  sleep_ms(10);
  hits = 0;
  sigaction(SIGUSR1, &action, NULL);
  while (hits < 2) pause();
  say("and again: value %d", seen.si_value.sival_int);
  pid_t child = MUST(fork());
  if (child == 0) {
    show("timer of the parent", syscall(SYS_timer_gettime, id2, &left));
    _exit(0);
  }
  int status;
  while (waitpid(child, &status, 0) == -1) continue;
  show_status("child", status);
  CALL(syscall(SYS_timer_delete, id2));
  CALL(syscall(SYS_timer_delete, id2));
  CALL(syscall(SYS_timer_delete, id));
  return 0;
}
