// poll, select and epoll_wait while another thread closes or replaces what they wait on: the socket stays until they return.
// rows: U45 U42
#include "../lib/unix-messages.h"
#include <pthread.h>
#include <sys/select.h>

enum call { POLL, SELECT, EPOLL, CALLS };
static const char *NAMES[] = {"poll", "select", "epoll_wait"};

static struct {
  enum call call;
  int fds[2], epoll;
  volatile pid_t tid;
  volatile bool isDone;
  long result;
  int error, events[2];
} job;

static void *wait_in_call(void *unused) {
  job.tid = gettid();
  if (job.call == POLL) {
    struct pollfd list[] = {{job.fds[0], POLLIN, 0}, {job.fds[1], POLLIN, 0}};
    job.result = poll(list, 2, -1);
    job.events[0] = list[0].revents, job.events[1] = list[1].revents;
  } else if (job.call == SELECT) {
    fd_set in, out, others;
    FD_ZERO(&in); FD_ZERO(&out); FD_ZERO(&others);
    for (int i = 0; i < 2; i++) FD_SET(job.fds[i], &in);
    FD_SET(job.fds[0], &others);
    job.result = select(job.fds[0] + job.fds[1] + 1, &in, &out, &others, NULL);
    for (int i = 0; i < 2; i++) job.events[i] = (FD_ISSET(job.fds[i], &in) != 0) | (FD_ISSET(job.fds[i], &others) != 0) << 1;
  } else {
    struct epoll_event event = {0};
    job.result = epoll_wait(job.epoll, &event, 1, -1);
    job.events[0] = event.events, job.events[1] = event.data.u32;
  }
  job.error = errno;
  job.isDone = true;
  return unused;
}

static bool sleeps(pid_t tid) {
  char text[256] = "", path[48];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return true;
  if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
  close(fd);
  char *end = strrchr(text, ')');
  return end && end[2] == 'S';
}

static void settle(void) {
  for (int calm = 0; calm < 3; calm++) {
    sleep_ms(2);
    if (!job.isDone && !(job.tid && sleeps(job.tid))) calm = -1;
  }
}

static pthread_t start(enum call call, int first, int second) {
  pthread_t thread;
  memset(&job, 0, sizeof job);
  job.call = call, job.fds[0] = first, job.fds[1] = second;
  if (call == EPOLL) {
    job.epoll = MUST(epoll_create1(0));
    for (unsigned i = 0; i < 2; i++) {
      struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
      MUST(epoll_ctl(job.epoll, EPOLL_CTL_ADD, job.fds[i], &event));
    }
  }
  MUST(-pthread_create(&thread, NULL, wait_in_call, NULL));
  settle();
  return thread;
}

static void show_job(const char *label) {
  settle();
  if (!job.isDone) say("%s, %s: waits", NAMES[job.call], label);
  else if (job.result < 0) say("%s, %s: %s", NAMES[job.call], label, errno_name(job.error));
  else say("%s, %s: %ld, %#x %#x", NAMES[job.call], label, job.result, job.events[0], job.events[1]);
}

static void finish(pthread_t thread, int fd) {
  if (!job.isDone) MUST(send(fd, "end", 3, MSG_NOSIGNAL));
  show_job("at last");
  if (!job.isDone) pthread_cancel(thread);
  pthread_join(thread, NULL);
  if (job.call == EPOLL) close(job.epoll);
}

static void one_closed(enum call call, int type) {
  int watched[2], other[2];
  say("-- %s, %s, closed", NAMES[call], type_name(type));
  pair_of(type, watched), pair_of(type, other);
  pthread_t thread = start(call, watched[0], other[0]);
  MUST(close(watched[0]));
  show_job("closed");
  show_poll("the peer meanwhile", watched[1]);
  show("send to it", send(watched[1], "x", 1, MSG_NOSIGNAL));
  show_job("a message to the closed one");
  finish(thread, other[1]);
  show_poll("the peer afterwards", watched[1]);
  show("send to it", send(watched[1], "x", 1, MSG_NOSIGNAL));
  close(watched[1]), close(other[0]), close(other[1]);
}

static void one_replaced(enum call call, int type) {
  int watched[2], other[2], third[2];
  say("-- %s, %s, replaced", NAMES[call], type_name(type));
  pair_of(type, watched), pair_of(type, other), pair_of(type, third);
  pthread_t thread = start(call, watched[0], other[0]);
  MUST(dup2(third[0], watched[0]));
  show_job("replaced");
  show("send to the new one", send(third[1], "x", 1, MSG_NOSIGNAL));
  show_job("a message to the new one");
  show("send to the old one", send(watched[1], "x", 1, MSG_NOSIGNAL));
  show_job("a message to the old one");
  finish(thread, other[1]);
  show("send to the old one", send(watched[1], "x", 1, MSG_NOSIGNAL));
  for (int i = 0; i < 2; i++) close(watched[i]), close(other[i]), close(third[i]);
}

// The new file is not ready when the old one wakes the call: it then goes on waiting for the old one alone.
static void replaced_by_idle(enum call call, int type) {
  int watched[2], other[2], third[2];
  say("-- %s, %s, replaced by an idle one", NAMES[call], type_name(type));
  pair_of(type, watched), pair_of(type, other), pair_of(type, third);
  pthread_t thread = start(call, watched[0], other[0]);
  MUST(dup2(third[0], watched[0]));
  show("send to the old one", send(watched[1], "x", 1, MSG_NOSIGNAL));
  show_job("a message to the old one");
  show("send to the new one", send(third[1], "x", 1, MSG_NOSIGNAL));
  show_job("a message to the new one");
  show("send to the old one", send(watched[1], "x", 1, MSG_NOSIGNAL));
  show_job("another to the old one");
  finish(thread, other[1]);
  for (int i = 0; i < 2; i++) close(watched[i]), close(other[i]), close(third[i]);
}

static void path_only(void) {
  int fd = MUST(open("/", O_PATH));
  fd_set in, out, others;
  struct timeval none = {0, 0};
  FD_ZERO(&in); FD_ZERO(&out); FD_ZERO(&others);
  FD_SET(fd, &in), FD_SET(fd, &others);
  show("select, O_PATH", select(fd + 1, &in, &out, &others, &none));
  say("sets: %d %d %d", FD_ISSET(fd, &in) != 0, FD_ISSET(fd, &out) != 0, FD_ISSET(fd, &others) != 0);
  struct pollfd entry = {fd, POLLIN, 0};
  show("poll, O_PATH", poll(&entry, 1, 0));
  say("events: %#x", entry.revents);
  close(fd);
  FD_ZERO(&in);
  FD_SET(fd, &in);
  show("select, closed", select(fd + 1, &in, NULL, NULL, &none));
}

int main(void) {
  for (int call = POLL; call < CALLS; call++)
    for (int i = 0; i < 3; i++) {
      one_closed(call, ALL_TYPES[i]);
      one_replaced(call, ALL_TYPES[i]);
      replaced_by_idle(call, ALL_TYPES[i]);
    }
  path_only();
  return 0;
}
