// The *at calls: relative to a directory descriptor, AT_FDCWD, absolute paths, wrong descriptors, faccessat2, openat2.
#include "../lib/observe.h"
#include <linux/openat2.h>
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

static long try_openat2(int directory, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags, .resolve = resolve};
  return syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int main(void) {
  MUST(mkdir("d", 0755));
  int d = MUST(open("d", O_RDONLY | O_DIRECTORY)), file = MUST(openat(d, "f", O_CREAT | O_RDWR, 0644));
  CALL(mkdirat(d, "sub", 0700));
  CALL(symlinkat("f", d, "link"));
  CALL(linkat(d, "f", d, "hard", 0));
  CALL(renameat(d, "hard", AT_FDCWD, "moved"));
  CALL(faccessat(AT_FDCWD, "d/f", R_OK, 0));
  CALL(faccessat(d, "link", F_OK, AT_SYMLINK_NOFOLLOW));
  CALL(syscall(SYS_faccessat2, file, "", R_OK, AT_EMPTY_PATH));
  CALL(openat(file, "x", O_RDONLY));
  CALL(openat(99, "x", O_RDONLY));
  CALL_OK(openat(99, "/dev/null", O_RDONLY));
  CALL(unlinkat(d, "sub", 0));
  CALL(unlinkat(d, "sub", AT_REMOVEDIR));
  CALL(unlinkat(d, "link", 77));
  CALL(fchownat(d, "link", -1, -1, AT_SYMLINK_NOFOLLOW));
  char text[16];
  CALL(readlinkat(d, "link", text, sizeof text));
  CALL(mknodat(d, "fifo", S_IFIFO | 0600, 0));
  show_ok("openat2", try_openat2(d, "f", O_RDONLY, 0));
  show("openat2 beneath", try_openat2(d, "../moved", O_RDONLY, RESOLVE_BENEATH));
  show("openat2 no symlinks", try_openat2(d, "link", O_RDONLY, RESOLVE_NO_SYMLINKS));
  show_ok("openat2 in root", try_openat2(d, "/../f", O_RDONLY, RESOLVE_IN_ROOT));
  show("openat2 unknown flags", try_openat2(d, "f", 1ull << 40, 0));
  CALL(syscall(SYS_execveat, d, "f", NULL, NULL, 0));
  return 0;
}
