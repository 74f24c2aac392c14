// U30: the rarer SOL_SOCKET options with values and lengths of many kinds, what is read back, and who may set them.
// rows: U23
// needs: root
#include "../lib/unix-messages.h"

enum { BINDTODEVICE = 25, TIMESTAMPING = 37, WIFI_STATUS = 41, MAX_PACING_RATE = 47, BPF_EXTENSIONS = 48, CNX_ADVICE = 53 };
enum { NAPI_ID = 56, TXTIME = 61, BINDTOIFINDEX = 62, TIMESTAMPING_NEW = 65, BUSY_POLL_BUDGET = 70, NETNS_COOKIE = 71 };

static const struct { const char *name; int option; } OPTIONS[] = {
    {"BINDTODEVICE", BINDTODEVICE}, {"TIMESTAMPING", TIMESTAMPING}, {"WIFI_STATUS", WIFI_STATUS}, {"MAX_PACING_RATE", MAX_PACING_RATE},
    {"BPF_EXTENSIONS", BPF_EXTENSIONS}, {"CNX_ADVICE", CNX_ADVICE}, {"INCOMING_NAPI_ID", NAPI_ID}, {"TXTIME", TXTIME},
    {"BINDTOIFINDEX", BINDTOIFINDEX}, {"TIMESTAMPING_NEW", TIMESTAMPING_NEW}, {"BUSY_POLL_BUDGET", BUSY_POLL_BUDGET},
    {"NETNS_COOKIE", NETNS_COOKIE}, {"MARK", SO_MARK}, {"PRIORITY", SO_PRIORITY}, {"BUSY_POLL", SO_BUSY_POLL}, {"TXREHASH", 74},
    {"RESERVE_MEM", 73}, {"RCVMARK", 75}, {"DEVMEM_DONTNEED", 80}, {"BUF_LOCK", 72}, {"LINGER", SO_LINGER}, {"PEEK_OFF", SO_PEEK_OFF}, {"MEMINFO", 55}};

static void show_value(const char *label, int fd, int option, int room) {
  unsigned char value[64];
  memset(value, 0xee, sizeof value);
  socklen_t length = room;
  int result = getsockopt(fd, SOL_SOCKET, option, value, &length);
  if (result == -1) say("%s: %s, length %u", label, errno_name(errno), length);
  else if (option == NETNS_COOKIE) say("%s: length %u", label, length);
  else say("%s: %s, length %u", label, quoted(value, length > 40 ? 40 : length), length);
}

static void try_values(const char *who, int fd) {
  static const long VALUES[] = {0, 1, -1, 3, 65535, 0x7fffffff};
  static const int LENGTHS[] = {0, 3, 4, 8, 9};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    say("-- %s, %s", who, OPTIONS[i].name);
    for (size_t k = 0; k < COUNT(LENGTHS); k++) show_value(words("room for %d", LENGTHS[k]), fd, OPTIONS[i].option, LENGTHS[k]);
    for (size_t k = 0; k < COUNT(LENGTHS); k++)
      for (size_t v = 0; v < COUNT(VALUES); v++) {
        long room[2] = {VALUES[v], VALUES[v]};
        int result = setsockopt(fd, SOL_SOCKET, OPTIONS[i].option, room, LENGTHS[k]);
        show_value(words("%#lx in %d bytes: %s, now", VALUES[v], LENGTHS[k], result == 0 ? "ok" : errno_name(errno)), fd, OPTIONS[i].option, 16);
      }
    socklen_t length = 16;
    show("set, bad address", setsockopt(fd, SOL_SOCKET, OPTIONS[i].option, (void *)8, 4));
    show("set nothing, bad address", setsockopt(fd, SOL_SOCKET, OPTIONS[i].option, (void *)8, 0));
    show("get, bad address", getsockopt(fd, SOL_SOCKET, OPTIONS[i].option, (void *)8, &length));
  }
}

static void bind_to_device(int fd, const char *when) {
  static const char *NAMES[] = {"lo", "nothing", "", "a name that is too long for a device"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    show(words("%s: device %s", when, NAMES[i]), setsockopt(fd, SOL_SOCKET, BINDTODEVICE, NAMES[i], strlen(NAMES[i])));
    show_value("name", fd, BINDTODEVICE, 64);
    show_value("name, room for 15", fd, BINDTODEVICE, 15);
    show_value("number", fd, BINDTOIFINDEX, 4);
  }
}

int main(void) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  bind_to_device(fd, "root");
  try_values("root", fd);
  pid_t child = MUST(fork());
  if (child == 0) {
    fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(setresuid(1000, 1000, 1000));
    bind_to_device(fd, "unprivileged");
    try_values("unprivileged", fd);
    _exit(0);
  }
  show_wait("child", child);
  return 0;
}
