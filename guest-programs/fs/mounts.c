// mount and umount2: tmpfs with options, bind mounts, read-only remounts, busy and detached trees.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>

int main(void) {
  // A namespace of its own natively; where there is but one, this may fail and does not matter.
  if (unshare(CLONE_NEWNS) == 0) mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
  struct stat status;
  char here[256], there[256];
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  MUST(mkdir("m", 0755));
  close(MUST(creat("file", 0644)));
  CALL(mount("x", "missing", "tmpfs", 0, NULL));
  CALL(mount("x", "m", "nosuchfs", 0, NULL));
  CALL(mount("x", "file", "tmpfs", 0, NULL));
  CALL(mount("x", "m", "tmpfs", 0, "nosuchoption=1"));
  CALL(umount2("m", 0));
  CALL(umount2("missing", 0));
  CALL(umount2("m", 64));
  CALL(mount("x", "m", "tmpfs", MS_NOSUID, "size=1m,mode=700,uid=5"));
  MUST(stat("m", &status));
  say("root of the mount: mode %o, uid %d", status.st_mode & 07777, status.st_uid);
  struct statfs facts;
  MUST(statfs("m", &facts));
  say("tmpfs %d, %ld blocks", facts.f_type == 0x01021994, (long)facts.f_blocks);
  CALL(rmdir("m"));
  CALL(rename("m", "n"));
  CALL(mkdir("m/a", 0755));
  CALL(link("file", "m/linked"));
  CALL(rename("file", "m/moved"));
  CALL(chdir("m/a"));
  CALL(umount2("../../m", 0));
  CALL(umount2("../../m", MNT_DETACH));
  CALL_OK(syscall(SYS_getcwd, there, sizeof there));
  say("detached: %s", there);
  CALL(access("..", F_OK));
  MUST(chdir(here));
  CALL(access("m/a", F_OK));

  MUST(mkdir("source", 0755));
  MUST(mkdir("source/inner", 0755));
  close(MUST(creat("source/data", 0644)));
  CALL(mount("source", "m", NULL, MS_BIND, NULL));
  CALL(access("m/data", F_OK));
  CALL(mount("none", "m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  CALL(open("m/new", O_CREAT | O_RDWR, 0600));
  CALL(open("m/data", O_RDWR));
  CALL(mkdir("m/new", 0700));
  CALL(unlink("m/data"));
  CALL(chmod("m/data", 0600));
  CALL(access("m/data", W_OK));
  CALL_OK(open("m/data", O_CREAT | O_RDONLY, 0600));
  CALL(access("source/data", W_OK));
  int fd = open("m/data", O_RDONLY);
  CALL(umount2("m", 0));
  close(fd);
  for (int open_fd = 3; open_fd < 20; open_fd++) close(open_fd);
  CALL(umount2("m", 0));
  CALL(mount("source/data", "file", NULL, MS_BIND, NULL));
  CALL(unlink("file"));
  CALL(umount2("file", 0));
  CALL(mount("source", "file", NULL, MS_BIND, NULL));
  if (fork() == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(mount("x", "/", "tmpfs", 0, NULL));
    CALL(umount2("/", 0));
    _exit(0);
  }
  wait(NULL);
  return 0;
}
