// timerfd: one shot and periodic, absolute, disarm, gettime, non-blocking, poll.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/timerfd.h>

int main(void) {
  uint64_t count = 0;
  int fd = CALL(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  CALL(read(fd, &count, 8));
  struct itimerspec timer = {.it_value = {0, 20000000}}, old;
  CALL(timerfd_settime(fd, 0, &timer, NULL));
  CALL(timerfd_gettime(fd, &old));
  say("time left within the limit: %d", old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 20000000);
  struct pollfd entry = {fd, POLLIN, 0};
  CALL(poll(&entry, 1, 5000));
  CALL(read(fd, &count, 8));
  say("expirations: %lu", (long)count);
  CALL(timerfd_gettime(fd, &old));
  say("disarmed: %ld", old.it_value.tv_nsec);
  timer = (struct itimerspec){.it_value = {0, 5000000}, .it_interval = {0, 5000000}};
  CALL(timerfd_settime(fd, 0, &timer, NULL));
  sleep_ms(33);
  CALL(read(fd, &count, 8));
  say("several: %d", count >= 5);
  timer = (struct itimerspec){0};
  CALL(timerfd_settime(fd, 0, &timer, &old));
  say("old interval: %ld", old.it_interval.tv_nsec);
  CALL(read(fd, &count, 8));
  timer.it_value.tv_sec = 1;
  CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL));
  CALL(poll(&entry, 1, 1000));
  timer.it_value.tv_nsec = 2000000000;
  CALL(timerfd_settime(fd, 0, &timer, NULL));
  CALL(timerfd_create(77, 0));
  CALL(timerfd_create(CLOCK_REALTIME, 0x77));
  CALL(timerfd_settime(0, 0, &timer, NULL));
  CALL(write(fd, &count, 8));
  CALL(read(fd, &count, 4));
  return 0;
}
