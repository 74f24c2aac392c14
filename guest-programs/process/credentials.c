// Real, effective and saved ids: what root may set, what others may not, and groups.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <sys/fsuid.h>

static void ids(const char *label) {
  uid_t r, e, s;
  gid_t gr, ge, gs;
  getresuid(&r, &e, &s);
  getresgid(&gr, &ge, &gs);
  say("%s: uid %u %u %u, gid %u %u %u", label, r, e, s, gr, ge, gs);
}

int main(void) {
  MUST(chmod(".", 0700)); // so that who changes its ids may not search it
  ids("start");
  gid_t groups[4] = {5, 6, 7};
  CALL(setgroups(3, groups));
  gid_t back[8];
  CALL(getgroups(0, NULL));
  CALL(getgroups(2, back));
  CALL(getgroups(8, back));
  say("groups: %u %u %u", back[0], back[1], back[2]);
  CALL(setresgid(100, 200, 300));
  CALL(seteuid(1000));
  ids("seteuid(1000)");
  CALL(seteuid(0));
  CALL(setreuid(500, 600));
  ids("setreuid(500, 600)");
  CALL(setuid(500));
  ids("setuid(500)");
  CALL(setuid(0));
  CALL(setresuid(-1, 600, -1));
  ids("setresuid(-1, 600, -1)");
  CALL(setgroups(0, NULL));
  CALL(setresuid(1, 2, 3));
  CALL(setegid(100));
  CALL(setgid(400));
  ids("end");
  CALL(setfsuid(-1));
  CALL(kill(1, 0));
  CALL(chroot("."));
  return 0;
}
