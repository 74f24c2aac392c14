// The kernel's log: /dev/kmsg, /proc/kmsg and syslog(2): records, priorities, positions, limits.
// needs: root
#include "../lib/observe.h"
#include <poll.h>
#include <sys/klog.h>

static char text[200000];
static int reader;

// The next record that a program wrote: priority and text, without number and time.
static void record(const char *label) {
  for (;;) {
    ssize_t length = read(reader, text, sizeof text - 1);
    if (length < 0) {
      show(label, -1);
      return;
    }
    text[length] = 0;
    if (atoi(text) < 8) continue;
    char *rest = strchr(text, ';');
    say("%s: %d %c%.*s", label, atoi(text), rest[-1], (int)strcspn(rest, "\n"), rest);
    return;
  }
}

static void put(const char *bytes, size_t length) {
  int fd = MUST(open("/dev/kmsg", O_WRONLY));
  if (write(fd, bytes, length) != (ssize_t)length) show("write", -1);
  close(fd);
}

// What has no line feed at its end is seen when the next record comes.
static void priorities(void) {
  static const char *const lines[] = {"plain", "<6>six\n", "<0>zero", "<30>facility 3", "<abc>x", "<>x", "<6", "< 6>x", "<-1>x",
                                      "<999>x", "<2047>x", "a\nb\nc\n", "tab\tback\\ \x01\x7f\xc3\xa4 end", "two\n\n", "\n", "<4>",
                                      "<4>\n", "<6>  lead", " KEY=value\n TWO=2"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) put(lines[i], strlen(lines[i]));
  put("a\0b", 3), put("\0x", 2), put("last\n", 5);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0] + 3; i++) record("record");
  record("no more");
}

static void limits(void) {
  int fd = MUST(open("/dev/kmsg", O_WRONLY));
  memset(text, 'x', 2000);
  CALL(write(fd, text, 1025));
  CALL(write(fd, text, 1024));
  CALL(write(fd, "\n", 1));
  ssize_t length = read(reader, text, sizeof text);
  say("kept: %ld", (long)(text + length - strchr(text, ';')));
  record("line feed");
  for (int i = 0; i < 20; i++) MUST(write(fd, "<14>line\n", 9));
  close(fd);
  int count = 0;
  while ((length = read(reader, text, sizeof text - 1)) > 0) {
    text[length] = 0;
    count += strstr(text, ";line") != NULL;
  }
  say("lines of twenty: %d", count);
}

static void positions(void) {
  int fd = MUST(open("/dev/kmsg", O_WRONLY));
  struct pollfd readers = {reader, POLLIN | POLLOUT, 0}, writers = {fd, POLLOUT, 0};
  CALL(read(fd, text, 10));
  CALL(poll(&readers, 1, 0));
  MUST(write(fd, "<14>short\n", 10));
  CALL(poll(&readers, 1, 0));
  say("events: %#x", readers.revents);
  CALL(poll(&writers, 1, 0));
  CALL(read(reader, text, 5));
  record("was passed over");
  CALL(lseek(reader, 0, SEEK_END));
  CALL(lseek(reader, 0, SEEK_CUR));
  CALL(lseek(reader, 1, SEEK_SET));
  CALL(lseek(reader, 0, SEEK_HOLE));
  CALL(klogctl(5, NULL, 0));
  MUST(write(fd, "<14>after\n", 10));
  CALL(lseek(reader, 0, SEEK_SET));
  CALL(lseek(reader, 0, SEEK_DATA));
  record("first that was not cleared");
  CALL(pread(reader, text, 100, 7));
  CALL(pwrite(fd, "<14>at 5\n", 9, 5));
  record("pwrite");
  struct stat facts;
  MUST(fstat(reader, &facts));
  say("mode %o, device %lx", facts.st_mode, (long)facts.st_rdev);
  close(fd);
}

// The last lines of `text`, without their times.
static void last_lines(const char *label, int length, int count) {
  text[length] = 0;
  char *at = text + length;
  for (int seen = 0; at > text && seen <= count; seen += at > text && at[-1] == '\n')
    if (--at, seen == count) break;
  for (; *at == '\n'; at++) {}
  for (char *line = at, *end; *line; line = end + 1) {
    end = strchr(line, '\n');
    char *bracket = strchr(line, ']');
    say("%s: %.4s%.*s", label, line, (int)(end - bracket - 1), bracket + 1);
  }
}

static void calls(void) {
  put("<11>one\ntwo\n", 12);
  last_lines("all", klogctl(3, text, sizeof text), 2);
  CALL(klogctl(3, text, 2));
  CALL(klogctl(3, NULL, 10));
  CALL(klogctl(3, text, -1));
  CALL(klogctl(3, text, 0));
  say("clears: %d", klogctl(4, text, sizeof text) > 0);
  CALL(klogctl(3, text, sizeof text));
  CALL(klogctl(2, NULL, 0));
  CALL(klogctl(2, text, 0));
  CALL(klogctl(8, NULL, 0));
  CALL(klogctl(8, NULL, 9));
  CALL(klogctl(8, NULL, 7));
  CALL(klogctl(99, NULL, 0));
  CALL(klogctl(-1, NULL, 0));
  CALL(klogctl(0, NULL, 0));
  CALL(klogctl(1, NULL, 0));
  say("buffer: %d", klogctl(10, NULL, 0) > 0);

  int log = MUST(open("/proc/kmsg", O_RDONLY | O_NONBLOCK));
  while (read(log, text, sizeof text) > 0) {}
  CALL(read(log, text, 10));
  CALL(klogctl(9, NULL, 0));
  struct pollfd readers = {log, POLLIN, 0};
  CALL(poll(&readers, 1, 0));
  put("<14>words\n", 10);
  CALL(poll(&readers, 1, 0));
  int unread = klogctl(9, NULL, 0);
  int length = MUST(klogctl(2, text, 5));
  say("a part: %.*s, %d left of %d", length, text, klogctl(9, NULL, 0) - unread, -length);
  length = read(log, text, sizeof text);
  say("the rest: %.*s", 5, text + length - 6);
  CALL(klogctl(9, NULL, 0));
}

static void unprivileged(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(open("/dev/kmsg", O_WRONLY));
    CALL(open("/proc/kmsg", O_RDONLY));
    CALL(klogctl(2, text, 10));
    CALL(klogctl(5, NULL, 0));
    CALL(klogctl(99, NULL, 0));
    _exit(0);
  }
  show_wait("child", child);
}

int main(void) {
  reader = MUST(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));
  MUST(lseek(reader, 0, SEEK_END));
  priorities();
  limits();
  positions();
  calls();
  unprivileged();
}
