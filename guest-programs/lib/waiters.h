// Threads that wait in a call again and again, and who of them was woken: one thread a number, in the order they began.
#pragma once
#include "unix-messages.h"
#include <pthread.h>
#include <sys/epoll.h>

enum waits_in { IN_READ, IN_PEEK, IN_ACCEPT, IN_EPOLL, IN_POLL };

struct waiter {
  enum waits_in call;
  int fd, number, room;
  pthread_t thread;
  volatile pid_t tid;
  volatile int done; // calls that came back
  bool isOnce;
  volatile bool isOver;
};

enum { MOST_WAITERS = 8 };
static struct waiter waiters[MOST_WAITERS] MAYBE_UNUSED;
static int waiter_count MAYBE_UNUSED;

// Each entry is a waiter's number and what its call gave; -errno for errors.
static struct { int number; long result; } woken[64] MAYBE_UNUSED;
static volatile int woken_count MAYBE_UNUSED;

MAYBE_UNUSED static void *wait_in_call(void *argument) {
  struct waiter *self = argument;
  static __thread char data[64];
  self->tid = gettid();
  while (!self->isOver) {
    long result;
    struct epoll_event event;
    struct pollfd entry = {self->fd, POLLIN, 0};
    switch (self->call) {
      case IN_READ: result = recv(self->fd, data, self->room, 0); break;
      case IN_PEEK: result = recv(self->fd, data, self->room, MSG_PEEK); break;
      case IN_ACCEPT: result = accept(self->fd, NULL, NULL) < 0 ? -1 : 0; break;
      case IN_EPOLL: result = epoll_wait(self->fd, &event, 1, -1); break;
      default: result = poll(&entry, 1, -1); break;
    }
    int place = __atomic_fetch_add(&woken_count, 1, __ATOMIC_SEQ_CST);
    if (place < (int)COUNT(woken)) woken[place].number = self->number, woken[place].result = result < 0 ? -errno : result;
    if (result == 0 && self->call != IN_ACCEPT) self->isOver = true;
    self->done++;
    if (self->isOnce || result < 0) self->isOver = true;
  }
  return NULL;
}

MAYBE_UNUSED static bool sleeps(pid_t tid) {
  char text[256] = "", path[48];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return true; // it has ended
  if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
  close(fd);
  char *end = strrchr(text, ')');
  return end && end[2] == 'S';
}

// Until all threads sleep or are over, and nobody was woken for a while.
MAYBE_UNUSED static void settle(void) {
  for (int calm = 0, seen = woken_count; calm < 3; calm++) {
    sleep_ms(2);
    bool isQuiet = seen == woken_count;
    for (int i = 0; i < waiter_count; i++)
      if (!waiters[i].isOver && !(waiters[i].tid && sleeps(waiters[i].tid))) isQuiet = false;
    if (!isQuiet) calm = -1;
    seen = woken_count;
  }
}

// One more thread that waits; it sleeps when this returns.
MAYBE_UNUSED static void add_waiter(enum waits_in call, int fd) {
  bool isOnce = call != IN_READ && call != IN_ACCEPT;
  struct waiter *self = &waiters[waiter_count];
  *self = (struct waiter){.call = call, .fd = fd, .number = waiter_count + 1, .room = 8, .isOnce = isOnce};
  waiter_count++;
  MUST(-pthread_create(&self->thread, NULL, wait_in_call, self));
  settle();
}

// Who was woken since the last time; of those woken together nobody knows who came first.
MAYBE_UNUSED static void show_woken(const char *label) {
  settle();
  char line[500] = "";
  for (int number = 1; number <= waiter_count; number++)
    for (int i = 0; i < woken_count; i++) {
      long result = woken[i].result;
      size_t used = strlen(line);
      if (woken[i].number != number) continue;
      if (result < 0) snprintf(line + used, sizeof line - used, " %d:%s", number, errno_name((int)-result));
      else snprintf(line + used, sizeof line - used, " %d:%ld", number, result);
    }
  say("%s: woken%s", label, line[0] ? line : " nobody");
  woken_count = 0;
}

// Those that still wait are let go by a signal that interrupts them.
MAYBE_UNUSED static void ignore_signal(int signo) { (void)signo; }
MAYBE_UNUSED static void end_waiters(const char *label) {
  struct sigaction action = {.sa_handler = ignore_signal};
  MUST(sigaction(SIGUSR1, &action, NULL));
  int left = 0;
  for (int i = 0; i < waiter_count; i++) {
    left += !waiters[i].isOver;
    waiters[i].isOver = true;
  }
  if (label) say("%s: %d still waited", label, left);
  for (int i = 0; i < waiter_count; i++) {
    int done = waiters[i].done;
    if (sleeps(waiters[i].tid) && waiters[i].done == done) pthread_kill(waiters[i].thread, SIGUSR1);
    pthread_join(waiters[i].thread, NULL);
  }
  waiter_count = 0;
  woken_count = 0;
}
