// chroot: paths begin at the new root, .. stops there, an open directory outside still reaches out.
// needs: root
#include "../lib/observe.h"

int main(void) {
  MUST(mkdir("jail", 0755));
  MUST(mkdir("jail/inner", 0755));
  close(MUST(open("jail/file", O_CREAT | O_WRONLY, 0600)));
  close(MUST(open("outside", O_CREAT | O_WRONLY, 0600)));
  MUST(symlink("/file", "jail/inner/absolute"));
  int outside = MUST(open(".", O_RDONLY | O_DIRECTORY));
  CALL(chroot("jail/file"));
  CALL(chroot("missing"));
  CALL(chroot("jail"));
  CALL(access("outside", F_OK));
  CALL(chdir("/"));
  CALL(access("/file", F_OK));
  CALL(access("/../../file", F_OK));
  CALL(access("../outside", F_OK));
  CALL(access("inner/absolute", F_OK));
  CALL(faccessat(outside, "outside", F_OK, 0));
  char path[64];
  say("getcwd: %s", getcwd(path, sizeof path));
  MUST(chdir("inner"));
  say("getcwd: %s", getcwd(path, sizeof path));
  MUST(fchdir(outside));
  say("getcwd outside: %.13s", getcwd(path, sizeof path) ? path : errno_name(errno));
  return 0;
}
