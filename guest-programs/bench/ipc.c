// What system calls and communication cost: prints "metric value unit" lines for the part named by argv[1].
// bench
// skip-native: a benchmark, its output is a measurement
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void report_ns(const char *metric, double total, long count) { printf("%s %.1f ns\n", metric, total / count); }

/* the first calls, in which code is still translated, do not count */
static void bench_getpid(const char *self) {
  (void)self;
  long count = 3000000;
  for (long i = 0; i < count / 10; i++) syscall(SYS_getpid);
  double start = now();
  for (long i = 0; i < count; i++) syscall(SYS_getpid);
  report_ns("getpid", now() - start, count);
}

/* What the byte that is passed on says. */
enum { GO_ON, LAST };

/* Calls pass(context, GO_ON) `least` to `most` times, no longer than MOST_SECONDS after `least`; the clock is read before every
   `block` calls. Returns how often it was called. */
#define MOST_SECONDS 0.5
static long repeat(void (*pass)(const void *context, char byte), const void *context, long least, long most, long block) {
  double start = now();
  long done = 0;
  while (done < most && (done < least || now() - start < MOST_SECONDS * 1e9))
    for (long i = 0; i < block; i++, done++) pass(context, GO_ON);
  return done;
}

struct ends {
  const char *metric;
  int in, out;
};

static void there_and_back(const void *context, char byte) {
  const struct ends *ends = context;
  if (write(ends->out, &byte, 1) != 1 || read(ends->in, &byte, 1) != 1) die(ends->metric);
}

static _Noreturn void pass_on(int in, int out) {
  char byte = GO_ON;
  while (byte != LAST)
    if (read(in, &byte, 1) != 1 || write(out, &byte, 1) != 1) _exit(1);
  _exit(0);
}

/* the first round trips, in which code is still translated, do not count */
static void ping_pong(const char *metric, int near_read, int near_write, int far_read, int far_write) {
  struct ends near = {metric, near_read, near_write};
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) pass_on(far_read, far_write);
  repeat(there_and_back, &near, 1000, 10000, 100);
  double start = now();
  long count = repeat(there_and_back, &near, 1000, 50000, 100);
  report_ns(metric, now() - start, count);
  there_and_back(&near, LAST);
  waitpid(child, NULL, 0);
}

static void bench_pipe(const char *self) {
  (void)self;
  int there[2], back[2];
  if (pipe(there) || pipe(back)) die("pipe");
  ping_pong("pipe-roundtrip", back[0], there[1], there[0], back[1]);
}

static void bench_unix(const char *self) {
  (void)self;
  static const struct {
    const char *metric;
    int type;
  } kinds[] = {{"unix-stream-roundtrip", SOCK_STREAM}, {"unix-dgram-roundtrip", SOCK_DGRAM}, {"unix-seqpacket-roundtrip", SOCK_SEQPACKET}};
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, kinds[i].type, 0, pair)) die("socketpair");
    ping_pong(kinds[i].metric, pair[0], pair[0], pair[1], pair[1]);
    close(pair[0]);
    close(pair[1]);
  }
}

static void bench_bandwidth(const char *self) {
  (void)self;
  static const struct {
    const char *metric;
    size_t size;
    long count;
  } sizes[] = {{"unix-bandwidth-1B", 1, 200000}, {"unix-bandwidth-1KiB", 1024, 100000}, {"unix-bandwidth-64KiB", 65536, 8000}, {"unix-bandwidth-1MiB", 1 << 20, 500}};
  static char buffer[1 << 20];
  memset(buffer, 1, sizeof buffer);
  for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) die("socketpair");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      close(pair[0]);
      for (long k = 0; k < sizes[i].count; k++)
        for (size_t done = 0; done < sizes[i].size;) {
          ssize_t sent = write(pair[1], buffer + done, sizes[i].size - done);
          if (sent <= 0) _exit(1);
          done += sent;
        }
      _exit(0);
    }
    close(pair[1]);
    double start = now(), total = 0;
    for (ssize_t got; (got = read(pair[0], buffer, sizes[i].size)) > 0;) total += got;
    printf("%s %.2f MB/s\n", sizes[i].metric, total * 1e3 / (now() - start));
    close(pair[0]);
    waitpid(child, NULL, 0);
  }
}

static void bench_rights(const char *self) {
  (void)self;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) die("socketpair");
  long count = 100000;
  double start = now();
  for (long i = 0; i < count; i++) {
    union {
      struct cmsghdr header;
      char space[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 0;
    struct iovec iov = {&byte, 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    int fd = 0;
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (sendmsg(pair[0], &message, 0) != 1) die("sendmsg");
    message.msg_controllen = sizeof control;
    if (recvmsg(pair[1], &message, 0) != 1) die("recvmsg");
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    close(fd);
  }
  printf("rights-passed %.0f 1/s\n", count * 1e9 / (now() - start));
}

static void fork_rounds(const char *metric, long count) {
  double start = now();
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  }
  report_ns(metric, now() - start, count);
}

static void bench_fork(const char *self) {
  (void)self;
  fork_rounds("fork-clean", 300);
  static char dirty[8 << 20];
  memset(dirty, 1, sizeof dirty);
  fork_rounds("fork-8MiB-dirty", 200);
}

static void bench_exec(const char *self) {
  long count = 100;
  double start = now();
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      execl(self, self, "nothing", (char *)NULL);
      _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) die("exec");
  }
  report_ns("fork-exec", now() - start, count);
}

static void raise_descriptor_limit(rlim_t wanted) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit)) die("setrlimit");
}

/* A byte goes round a ring of processes: each hop is one switch. Each process has the two ends that it uses. */
static void ring(int processes) {
  int first[2];
  if (pipe(first)) die("pipe");
  int in = first[0];
  for (int i = 1; i < processes; i++) {
    int link[2];
    if (pipe(link)) die("pipe");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      close(first[1]);
      close(link[0]);
      pass_on(in, link[1]);
    }
    close(in);
    close(link[1]);
    in = link[0];
  }
  /* the first rounds, in which they start and code is translated, do not count */
  struct ends ends = {"ring", in, first[1]};
  long block = 1 + 100 / processes;
  repeat(there_and_back, &ends, 20, 20 + 20000 / processes, block);
  double start = now();
  long rounds = repeat(there_and_back, &ends, 20, 100000 / processes, block);
  char metric[32];
  snprintf(metric, sizeof metric, "switch-%d-processes", processes);
  report_ns(metric, now() - start, rounds * processes);
  there_and_back(&ends, LAST);
  while (wait(NULL) > 0) continue;
  close(in);
  close(first[1]);
}

static void bench_switch(const char *self) {
  (void)self;
  ring(2);
  ring(10);
  ring(100);
  ring(1000);
}

/* What a wake-up costs where few of many sockets ever have something: these, which lie among them at even distances. */
#define ACTIVE 5

static void idle_sockets(int sockets) {
  int count = sockets / 2;
  int(*pairs)[2] = calloc(count, sizeof *pairs), epoll = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i])) die("socketpair");
    for (int end = 0; end < 2; end++) {
      struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
      if (epoll_ctl(epoll, EPOLL_CTL_ADD, pairs[i][end], &event)) die("epoll_ctl");
    }
  }
  long wakeups = 200000; /* enough that what follows the making of the sockets, such as collecting garbage, does not count */
  char byte = 0;
  double start = 0;
  for (long i = -wakeups / 5; i < wakeups; i++) {
    struct epoll_event event;
    if (i == 0) start = now();
    if (write(pairs[(i + wakeups) % ACTIVE * (count / ACTIVE)][1], &byte, 1) != 1) die("write");
    if (epoll_wait(epoll, &event, 1, -1) != 1) die("epoll_wait");
    if (read(pairs[event.data.u32][0], &byte, 1) != 1) die("read");
  }
  char metric[32];
  snprintf(metric, sizeof metric, "epoll-%d-sockets", sockets);
  report_ns(metric, now() - start, wakeups);
  for (int i = 0; i < count; i++) {
    close(pairs[i][0]);
    close(pairs[i][1]);
  }
  close(epoll);
  free(pairs);
}

static void bench_epoll(const char *self) {
  (void)self;
  raise_descriptor_limit(10100);
  idle_sockets(10);
  idle_sockets(100);
  idle_sockets(1000);
  idle_sockets(10000);
}

static const struct {
  const char *name;
  void (*run)(const char *self);
} parts[] = {{"getpid", bench_getpid}, {"pipe", bench_pipe}, {"unix", bench_unix}, {"bandwidth", bench_bandwidth}, {"rights", bench_rights},
             {"fork", bench_fork},     {"exec", bench_exec}, {"switch", bench_switch}, {"epoll", bench_epoll}};

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "nothing") == 0) return 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (argc < 2 || strcmp(argv[1], parts[i].name) == 0) parts[i].run(argv[0]);
  return 0;
}
