// SO_TIMESTAMP and its relatives: which messages carry a time, of which moment, and how the options exclude each other.
// rows: U30 U41
// contrary: A datagram's time is that of its sending, also when it is read much later; stream sockets report none.
#include "../lib/unix-messages.h"

#define SOL SOL_SOCKET
enum { STAMP_OLD = 29, STAMPNS_OLD = 35, STAMPING_OLD = 37, STAMP_NEW = 63, STAMPNS_NEW = 64, STAMPING_NEW = 65 };
static const struct { int option; const char *name; } OPTIONS[] = {
    {STAMP_OLD, "SO_TIMESTAMP"}, {STAMPNS_OLD, "SO_TIMESTAMPNS"}, {STAMPING_OLD, "SO_TIMESTAMPING"},
    {STAMP_NEW, "SO_TIMESTAMP_NEW"}, {STAMPNS_NEW, "SO_TIMESTAMPNS_NEW"}, {STAMPING_NEW, "SO_TIMESTAMPING_NEW"}};
enum { TX_SOFTWARE = 2, RX_SOFTWARE = 8, SOFTWARE = 16, RAW_HARDWARE = 64, OPT_RX_FILTER = 1 << 17 };

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int64_t moments[8];
static void mark(int which) {
  sleep_ms(3);
  moments[which] = now_us();
  sleep_ms(3);
}

// Between which two of the marks a time lies.
static const char *moment_of(int64_t us, int count) {
  int at = 0;
  while (at < count && us >= moments[at]) at++;
  return words("after mark %d", at - 1);
}

static void show_stamps(const char *label, int fd, int flags, long room, int marks) {
  char data[100], control[300] __attribute__((aligned(8)));
  struct iovec into = {data, sizeof data};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = room < 0 ? NULL : control, .msg_controllen = room < 0 ? 0 : room};
  ssize_t got = recvmsg(fd, &message, flags | MSG_DONTWAIT);
  if (got == -1) {
    show(label, -1);
    return;
  }
  char line[600];
  int at = snprintf(line, sizeof line, "%s: %zd, flags %s, control %zu", label, got, flag_names(message.msg_flags), (size_t)message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    long times[6] = {0};
    size_t length = header->cmsg_len - CMSG_LEN(0);
    memcpy(times, CMSG_DATA(header), length > sizeof times ? sizeof times : length);
    at += snprintf(line + at, sizeof line - at, ", type %d length %zu", header->cmsg_type, length);
    int is_ns = header->cmsg_type != STAMP_OLD && header->cmsg_type != STAMP_NEW;
    if (length >= 16 && header->cmsg_type != SCM_CREDENTIALS)
      at += snprintf(line + at, sizeof line - at, " %s", moment_of(times[0] * 1000000LL + (is_ns ? times[1] / 1000 : times[1]), marks));
    for (size_t i = 2; i < length / 8 && i < 6; i++) at += snprintf(line + at, sizeof line - at, " %ld", times[i]);
  }
  say("%s", line);
}

static void show_options(const char *label, int fd) {
  char line[300] = "";
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int value[2] = {-1, -1};
    socklen_t length = sizeof value;
    if (getsockopt(fd, SOL, OPTIONS[i].option, value, &length) == -1) snprintf(line + strlen(line), 60, " %s", errno_name(errno));
    else snprintf(line + strlen(line), 60, " %d", value[0]);
  }
  say("%s: reads%s", label, line);
}

static void each_option(int type) {
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int fds[2];
    const char *label = words("%s, %s", type_name(type), OPTIONS[i].name);
    char name[100];
    strcpy(name, label);
    pair_of(type, fds);
    mark(0);
    MUST(send(fds[0], "before", 6, 0));
    mark(1);
    int is_stamping = OPTIONS[i].option == STAMPING_OLD || OPTIONS[i].option == STAMPING_NEW;
    show(words("%s: set", name), set_option(fds[1], OPTIONS[i].option, is_stamping ? RX_SOFTWARE | SOFTWARE : 7));
    show_options(name, fds[1]);
    MUST(send(fds[0], "after", 5, 0));
    mark(2);
    MUST(send(fds[0], "third", 5, 0));
    MUST(send(fds[0], "fourth", 6, 0));
    MUST(send(fds[0], "fifth", 5, 0));
    mark(3);
    show_stamps(words("%s: peek", name), fds[1], MSG_PEEK, 300, 4);
    mark(4);
    show_stamps(words("%s: sent before it", name), fds[1], 0, 300, 5);
    show_stamps(words("%s: sent after it", name), fds[1], 0, 300, 5);
    show_stamps(words("%s: no room at all", name), fds[1], 0, -1, 5);
    show_stamps(words("%s: room for 20", name), fds[1], 0, 20, 5);
    MUST(set_option(fds[1], SO_PASSCRED, 1));
    show_stamps(words("%s: with credentials", name), fds[1], 0, 300, 5);
    MUST(send(fds[0], "last", 4, 0));
    show(words("%s: off", name), set_option(fds[1], OPTIONS[i].option, 0));
    show_options(name, fds[1]);
    show_stamps(words("%s: sent before it was off", name), fds[1], 0, 300, 5);
    close(fds[0]);
    if (type != SOCK_DGRAM) show_stamps(words("%s: the end", name), fds[1], 0, 300, 5);
    close(fds[1]);
  }
}

// One option after another: what the first reads then, and what comes with a message.
static void pairs(void) {
  static const int FLAGS[] = {SOFTWARE, RX_SOFTWARE, RX_SOFTWARE | SOFTWARE, SOFTWARE | OPT_RX_FILTER, TX_SOFTWARE | RAW_HARDWARE};
  for (size_t i = 0; i < COUNT(OPTIONS); i++)
    for (size_t k = 0; k < COUNT(OPTIONS); k++)
      for (size_t f = 0; f < COUNT(FLAGS); f++) {
        int fds[2];
        if (f > 0 && (OPTIONS[i].option != STAMPING_OLD && OPTIONS[i].option != STAMPING_NEW) &&
            (OPTIONS[k].option != STAMPING_OLD && OPTIONS[k].option != STAMPING_NEW))
          continue;
        char name[100];
        snprintf(name, sizeof name, "%s then %s (%#x)", OPTIONS[i].name, OPTIONS[k].name, FLAGS[f]);
        pair_of(SOCK_DGRAM, fds);
        mark(0);
        MUST(set_option(fds[1], OPTIONS[i].option, FLAGS[f]));
        MUST(set_option(fds[1], OPTIONS[k].option, FLAGS[f]));
        show_options(name, fds[1]);
        MUST(send(fds[0], "x", 1, 0));
        show_stamps(name, fds[1], 0, 300, 1);
        MUST(set_option(fds[1], OPTIONS[i].option, 0));
        show_options(words("%s, the first off", name), fds[1]);
        MUST(send(fds[0], "x", 1, 0));
        show_stamps(words("%s, the first off", name), fds[1], 0, 300, 1);
        close(fds[0]), close(fds[1]);
      }
}

int main(void) {
  for (int i = 0; i < 3; i++) each_option(ALL_TYPES[i]);
  pairs();
  return 0;
}
