// mq_overview(7): priorities, full and empty queues, notification, and what is refused.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/resource.h>

#define NAME "/rivulet-probe"
#define OPEN(...) \
  ({ mqd_t fd = mq_open(__VA_ARGS__); show_ok("mq_open(" #__VA_ARGS__ ")", fd); fd; })

static const struct timespec past = {1, 0}, broken = {1, 1000000000};
static mqd_t queue;

static void handler(int signo, siginfo_t *info, void *context) {
  (void)context;
  say("  %s code %d value %d from child %d", signal_name(signo), info->si_code, info->si_value.sival_int,
      info->si_pid != getpid());
}

static void put(const char *text, unsigned priority) {
  char label[64];
  snprintf(label, sizeof label, "send %s, %u", text, priority);
  show(label, mq_timedsend(queue, text, strlen(text), priority, &past));
}

static void receive(void) {
  char text[64] = "";
  unsigned priority = 0;
  long length = mq_timedreceive(queue, text, sizeof text, &priority, &past);
  if (length < 0) show("receive", -1);
  else say("receive %.*s, %u", (int)length, text, priority);
}

static void show_poll(void) {
  struct pollfd one = {queue, POLLIN | POLLOUT, 0};
  poll(&one, 1, 0);
  say("poll: %#x", one.revents);
}

static void opening(void) {
  struct mq_attr attributes = {.mq_maxmsg = 3, .mq_msgsize = 16};
  OPEN(NAME, O_RDWR);
  OPEN("/", O_RDWR);
  OPEN("/a/b", O_RDWR | O_CREAT, 0600, NULL);
  OPEN("/..", O_RDWR | O_CREAT, 0600, NULL);
  char name[300];
  memset(name, 'n', sizeof name);
  name[0] = '/';
  name[257] = 0;
  OPEN(name, O_RDWR | O_CREAT, 0600, NULL);
  attributes.mq_maxmsg = 0;
  OPEN(NAME, O_RDWR | O_CREAT, 0600, &attributes);
  attributes.mq_maxmsg = 3;
  attributes.mq_msgsize = -1;
  OPEN(NAME, O_RDWR | O_CREAT, 0600, &attributes);
  attributes.mq_msgsize = 1L << 40;
  OPEN(NAME, O_RDWR | O_CREAT, 0600, &attributes);
  attributes.mq_msgsize = 16;
  queue = OPEN(NAME, O_RDWR | O_CREAT | O_EXCL, 0640, &attributes);
  OPEN(NAME, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  OPEN(NAME, O_RDWR | O_CREAT, 0600, NULL);
  mq_getattr(queue, &attributes);
  say("%ld of %ld, %ld bytes, flags %#lx", attributes.mq_curmsgs, attributes.mq_maxmsg, attributes.mq_msgsize,
      attributes.mq_flags);
  struct stat state;
  fstat(queue, &state);
  say("mode %o", state.st_mode);
  int other = (int)syscall(SYS_mq_open, NAME + 1, O_RDONLY | O_NONBLOCK);
  say("without O_CLOEXEC: %#x, flags %#x", fcntl(other, F_GETFD), fcntl(other, F_GETFL));
  int with = (int)syscall(SYS_mq_open, NAME + 1, O_RDONLY | O_CLOEXEC);
  say("with it: %#x, flags %#x", fcntl(with, F_GETFD), fcntl(with, F_GETFL));
  close(other), close(with);
}

static void messages(void) {
  char small[4];
  show_poll();
  receive();
  put("low", 1);
  put("high", 9);
  put("low too", 1);
  show_poll();
  put("full", 0);
  put("seventeen letters", 0);
  put("priority", 32768);
  CALL(mq_receive(queue, small, sizeof small, NULL));
  CALL(mq_timedsend(queue, "x", 1, 0, &broken));
  receive();
  receive();
  receive();
  receive();
  CALL(mq_timedsend(0, "x", 1, 0, NULL));
  CALL(mq_timedsend(-1, "x", 1, 0, NULL));
  CALL(mq_timedreceive(queue, small, sizeof small, NULL, &broken));
  struct mq_attr nonblocking = {.mq_flags = O_NONBLOCK}, unknown = {.mq_flags = O_APPEND};
  CALL(mq_setattr(queue, &unknown, NULL));
  CALL(mq_setattr(queue, &nonblocking, NULL));
  CALL(mq_receive(queue, (char[16]){0}, 16, NULL));
  nonblocking.mq_flags = 0;
  CALL(mq_setattr(queue, &nonblocking, &unknown));
  say("flags %#lx", unknown.mq_flags);
  mqd_t reader = OPEN(NAME, O_RDONLY), writer = OPEN(NAME, O_WRONLY);
  CALL(mq_send(reader, "x", 1, 0));
  CALL(mq_receive(writer, small, sizeof small, NULL));
  mq_close(reader);
  mq_close(writer);
}

static void waiting(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    char text[16];
    _exit(mq_receive(queue, text, sizeof text, NULL));
  }
  await_state(child, "S");
  put("four", 0);
  show_wait("receiver", child);
  for (int i = 0; i < 3; i++) put("x", 0);
  child = MUST(fork());
  if (child == 0) _exit(mq_send(queue, "late", 4, 5) == 0 ? 0 : 1);
  await_state(child, "S");
  receive();
  show_wait("sender", child);
  for (int i = 0; i < 3; i++) receive();
}

static void notification(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65};
  CALL(mq_notify(queue, &event));
  event.sigev_notify = 99;
  CALL(mq_notify(queue, &event));
  CALL(mq_notify(0, NULL));
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
  CALL(mq_notify(queue, &event));
  CALL(mq_notify(queue, &event));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(mq_notify(queue, &event));
    CALL(mq_notify(queue, NULL));
    _exit(mq_send(queue, "news", 4, 0) == 0 ? 0 : 1); // the handler prints meanwhile
  }
  show_wait("child", child);
  put("no news", 0);
  receive();
  receive();
  CALL(mq_notify(queue, &event));
  CALL(mq_notify(queue, NULL));
  put("unheard", 0);
  receive();
}

static void others(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setgroups(0, NULL));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    OPEN(NAME, O_RDONLY);
    struct mq_attr large = {.mq_maxmsg = 11, .mq_msgsize = 16};
    OPEN(NAME "-own", O_RDWR | O_CREAT, 0600, &large);
    large.mq_maxmsg = 10;
    large.mq_msgsize = 8193;
    OPEN(NAME "-own", O_RDWR | O_CREAT, 0600, &large);
    struct rlimit none = {0, 0};
    MUST(setrlimit(RLIMIT_MSGQUEUE, &none));
    OPEN(NAME "-own", O_RDWR | O_CREAT, 0600, NULL);
    CALL(mq_unlink(NAME));
    _exit(0);
  }
  show_wait("child", child);
  CALL(mq_unlink(NAME));
  CALL(mq_unlink(NAME));
  put("still open", 1);
  receive();
  CALL(mq_close(queue));
  CALL(mq_close(queue));
}

int main(void) {
  umask(022);
  opening();
  messages();
  waiting();
  notification();
  others();
  return 0;
}
