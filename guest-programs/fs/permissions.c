// Permission bits for owner, group and others; the sticky directory; set-group-id directories; chown's rules.
// needs: root
#include "../lib/observe.h"
#include <grp.h>

int main(void) {
  umask(0);
  MUST(chmod(".", 0777));
  close(MUST(open("secret", O_CREAT | O_WRONLY, 0600)));
  close(MUST(open("group", O_CREAT | O_WRONLY, 0040)));
  MUST(chown("group", 0, 50));
  close(MUST(open("others", O_CREAT | O_WRONLY, 0704)));
  MUST(mkdir("closed", 0700));
  close(MUST(open("closed/in", O_CREAT | O_WRONLY, 0666)));
  MUST(mkdir("sticky", 01777));
  close(MUST(open("sticky/roots", O_CREAT | O_WRONLY, 0666)));
  MUST(mkdir("setgid", 02777));
  MUST(chown("setgid", 0, 77));
  MUST(chmod("setgid", 02777));
  pid_t child = MUST(fork());
  if (child == 0) {
    gid_t groups[] = {50};
    MUST(setgroups(1, groups));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    CALL(open("secret", O_RDONLY));
    CALL_OK(open("group", O_RDONLY));
    CALL(open("group", O_WRONLY));
    CALL_OK(open("others", O_RDONLY));
    CALL(open("closed/in", O_RDONLY));
    CALL(access("closed/in", F_OK));
    CALL(mkdir("closed/new", 0700));
    CALL(unlink("sticky/roots"));
    CALL(rename("sticky/roots", "sticky/mine"));
    CALL_OK(open("sticky/mine", O_CREAT | O_RDWR, 0600));
    CALL(unlink("sticky/mine"));
    struct stat status;
    close(MUST(open("setgid/f", O_CREAT | O_WRONLY, 02755)));
    MUST(mkdir("setgid/d", 0755));
    MUST(stat("setgid/f", &status));
    say("file in a set-group-id directory: uid %u gid %u mode %o", status.st_uid, status.st_gid, status.st_mode);
    MUST(stat("setgid/d", &status));
    say("directory: gid %u mode %o", status.st_gid, status.st_mode);
    CALL(chown("setgid/f", 0, -1));
    CALL(chown("setgid/f", -1, 50));
    CALL(chown("setgid/f", -1, 51));
    CALL(chmod("secret", 0777));
    CALL(utimensat(AT_FDCWD, "secret", NULL, 0));
    CALL(mknod("device", S_IFCHR | 0600, 0x103));
    CALL(truncate("secret", 0));
    CALL(chdir("closed"));
    close(MUST(open("none", O_CREAT | O_RDWR, 0000)));
    CALL(open("none", O_RDONLY));
    CALL(execl("secret", "x", NULL));
    _exit(0);
  }
  show_wait("child", child);
  CALL_OK(open("secret", O_RDONLY));
  CALL(execl("secret", "x", NULL));
  CALL(access("secret", X_OK));
  return 0;
}
