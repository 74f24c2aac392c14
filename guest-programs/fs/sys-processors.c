// What /sys says about processors: sysfs, read-only files, and as many online as sysconf counts.
#include "../lib/observe.h"
#include <sys/statfs.h>

#define PROCESSORS "/sys/devices/system/cpu/"

static int count(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  int first, last, total = 0;
  char separator;
  while (fscanf(file, "%d", &first) == 1) {
    last = first;
    if (fscanf(file, "%c", &separator) == 1 && separator == '-' && fscanf(file, "%d%c", &last, &separator) < 1) break;
    total += last - first + 1;
    if (separator != ',') break;
  }
  fclose(file);
  return total;
}

int main(void) {
  struct statfs fs;
  show("statfs", statfs("/sys", &fs));
  say("sysfs: %d", fs.f_type == 0x62656572);
  say("online: %d", count(PROCESSORS "online") == sysconf(_SC_NPROCESSORS_ONLN));
  say("configured: %d", count(PROCESSORS "present") == sysconf(_SC_NPROCESSORS_CONF));
  say("offline: %d", count(PROCESSORS "offline"));
  say("threads of the first: %d", count(PROCESSORS "cpu0/topology/thread_siblings_list") >= 1);
  struct stat status;
  MUST(stat(PROCESSORS "online", &status));
  say("mode: %o", status.st_mode);
  return 0;
}
