// Files of /proc/sys: what numbers and names may look like, and writes and reads that do not begin at the start.
// needs: root
#include "../lib/observe.h"

static int fd;

static void show_content(const char *label, long result) {
  char text[200] = "";
  const char *error = result < 0 ? errno_name(errno) : "";
  MUST(pread(fd, text, sizeof text - 1, 0));
  for (char *c = text; *c; c++)
    if (*c == '\n' || *c == '\t') *c = *c == '\n' ? '$' : ' ';
  say("%s: %ld %s, now %s", label, result, error, text);
}

#define PUT(text, offset) show_content("\"" #text "\" at " #offset, pwrite(fd, text, sizeof text - 1, offset))

int main(void) {
  fd = MUST(open("/proc/sys/fs/lease-break-time", O_RDWR));
  PUT("45\n", 0), PUT("46\n", 5), PUT("", 0), PUT("x", 0), PUT("4x", 0), PUT(" 45 46", 0), PUT("45 ", 0), PUT("  47  \n", 0);
  PUT("48\0", 0), PUT("48\0 49", 0), PUT("99999999999", 0), PUT("2147483648", 0), PUT("0x20", 0), PUT("010", 0), PUT("+5", 0);
  PUT("5\n6\n", 0), PUT("\n", 0), PUT(" ", 0), PUT("-", 0), PUT("7,8", 0), PUT("45", 0);
  PUT("-1", 0), PUT("-2147483648", 0), PUT("-2147483649", 0), PUT("- 1", 0), PUT("45", 0);
  char text[100];
  MUST(lseek(fd, 0, SEEK_SET));
  CALL(read(fd, text, 1));
  CALL(read(fd, text, 10));
  CALL(lseek(fd, 0, SEEK_CUR));
  MUST(close(fd));

  fd = MUST(open("/proc/sys/kernel/printk", O_RDWR));
  char before[64] = "";
  long length = MUST(read(fd, before, sizeof before));
  PUT("4 4 1 7", 0), PUT("4", 0), PUT("4 4", 0), PUT("4 4 1 7 9", 0), PUT("x", 0), PUT("4 x", 0), PUT("1 1 1 1", 2);
  MUST(pwrite(fd, before, length, 0));
  MUST(close(fd));

  fd = MUST(open("/proc/sys/kernel/domainname", O_RDWR));
  length = MUST(read(fd, before, sizeof before));
  PUT("abc\n", 0), PUT("def", 0), PUT("x", 3), PUT("x", 10), PUT("yy", 4), PUT("", 0), PUT("a b", 0), PUT("a\nb", 0);
  PUT("part", 0);
  CALL(pread(fd, text, 3, 0));
  CALL(pread(fd, text, 9, 3));
  MUST(pwrite(fd, before, length, 0));
  CALL(open("/proc/sys/kernel/ostype", O_RDWR));
}
