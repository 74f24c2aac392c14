// openat2(2): what RESOLVE_* forbid, and how the struct is checked.
#include "../lib/observe.h"
#include <linux/openat2.h>

static int top;

static long open_how(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {flags, mode, resolve};
  long fd = syscall(SYS_openat2, top, path, &how, sizeof how);
  if (fd >= 0) close(fd);
  return fd < 0 ? -1 : 0;
}

static void try(const char *path, uint64_t resolve) {
  char label[64];
  snprintf(label, sizeof label, "%s with %#x", path, (unsigned)resolve);
  show(label, open_how(path, O_RDONLY, 0, resolve));
}

int main(void) {
  MUST(mkdir("top", 0755));
  MUST(mkdir("top/inside", 0755));
  close(MUST(creat("top/inside/file", 0644)));
  close(MUST(creat("outside", 0644)));
  MUST(symlink("inside/file", "top/good"));
  MUST(symlink("../outside", "top/out"));
  MUST(symlink("/inside/file", "top/absolute"));
  MUST(symlink("/proc/self/fd/0", "top/magic"));
  top = MUST(open("top", O_PATH | O_DIRECTORY));
  const char *paths[] = {"inside/file", "good", "out", "absolute", "../outside", "inside/../../outside", "/inside/file", "/"};
  const uint64_t rules[] = {0, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS};
  for (size_t i = 0; i < COUNT(paths); i++)
    for (size_t k = 0; k < COUNT(rules); k++) try(paths[i], rules[k]);
  try("magic", RESOLVE_NO_MAGICLINKS);
  try("magic", RESOLVE_BENEATH);
  try("/proc", RESOLVE_NO_XDEV);
  try("inside/file", RESOLVE_BENEATH | RESOLVE_IN_ROOT);
  try("inside/file", 0x1000);

  show("unknown flags", open_how("inside/file", 1UL << 40, 0, 0));
  show("a mode without O_CREAT", open_how("inside/file", O_RDONLY, 0600, 0));
  show("a bad mode", open_how("inside/new", O_RDWR | O_CREAT, 010000, 0));
  show("a new file", open_how("inside/new", O_RDWR | O_CREAT | O_EXCL, 0600, RESOLVE_BENEATH));
  show("O_PATH with more", open_how("inside/file", O_PATH | O_RDWR, 0, 0));
  show("O_CREAT and O_DIRECTORY", open_how("inside/x", O_CREAT | O_DIRECTORY, 0600, 0));
  struct open_how how = {0};
  struct { struct open_how how; uint64_t more; } larger = {{0}, 0};
  show_ok("a longer struct of zeros", syscall(SYS_openat2, top, "good", &larger, sizeof larger));
  larger.more = 1;
  show("a longer struct", syscall(SYS_openat2, top, "good", &larger, sizeof larger));
  show("a short struct", syscall(SYS_openat2, top, "good", &how, 8));
  show("a huge struct", syscall(SYS_openat2, top, "good", &how, 1 << 20));
  return 0;
}
