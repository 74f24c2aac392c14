// Costs of files: open and close, small reads and writes, stat, directory listing.
// args: --check
#include "../lib/bench.h"
#include <dirent.h>

static int file;

static void opens(int count) {
  for (int i = 0; i < count; i++) close(MUST(open("bench-file", O_RDONLY)));
}
static void reads(int count) {
  char data[512];
  for (int i = 0; i < count; i++) MUST(pread(file, data, sizeof data, i % 8 * 512));
}
static void writes(int count) {
  char data[512] = {1};
  for (int i = 0; i < count; i++) MUST(pwrite(file, data, sizeof data, i % 8 * 512));
}
static void stats(int count) {
  struct stat status;
  for (int i = 0; i < count; i++) MUST(stat("bench-file", &status));
}
static void listings(int count) {
  for (int i = 0; i < count; i++) {
    DIR *directory = opendir(".");
    while (readdir(directory)) continue;
    closedir(directory);
  }
}

int main(int argc, char **argv) {
  begin(argc, argv);
  file = MUST(open("bench-file", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(file, 4096));
  report_each("open-close", 50000, opens);
  report_each("pread-512", 100000, reads);
  report_each("pwrite-512", 100000, writes);
  report_each("stat", 50000, stats);
  report_each("list-directory", 20000, listings);
  unlink("bench-file");
  return 0;
}
