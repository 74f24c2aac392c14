// Control groups: directories and their files, who is in them, moves, limits of the tree, and what becomes of removed ones.
// needs: root
#include "cgroup.h"
#include <dirent.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

static const char *files[] = {"cgroup.type",      "cgroup.procs", "cgroup.threads",     "cgroup.controllers", "cgroup.subtree_control",
                              "cgroup.events",    "cgroup.freeze", "cgroup.kill",       "cgroup.stat",        "cgroup.stat.local",
                              "cgroup.max.depth", "cpu.stat",      "cpu.stat.local",    "cgroup.max.descendants"};

static void show_modes(const char *group) {
  for (size_t i = 0; i < COUNT(files); i++) {
    char path[100];
    struct stat status;
    sprintf(path, "%s/%s", group, files[i]);
    if (stat(path, &status) == -1) show(path, -1);
    else say("%s: mode %o, links %d, size %d, blocks %d", path, status.st_mode, (int)status.st_nlink, (int)status.st_size, (int)status.st_blocks);
  }
}

static void directories(void) {
  say("-- directories");
  struct statfs facts;
  MUST(statfs("cg", &facts));
  say("type %lx, block %ld, names of %ld", (long)facts.f_type, (long)facts.f_bsize, (long)facts.f_namelen);
  struct stat status;
  CALL(mkdir("cg/rv-groups", 0755));
  MUST(stat("cg/rv-groups", &status));
  say("mode %o, links %d, size %d", status.st_mode, (int)status.st_nlink, (int)status.st_size);
  CALL(mkdir("cg/rv-groups", 0755));
  CALL(mkdir("cg/rv-groups/one", 0700));
  CALL(mkdir("cg/rv-groups/one/two", 0755));
  MUST(stat("cg/rv-groups", &status));
  say("links %d", (int)status.st_nlink);
  MUST(stat("cg/rv-groups/one", &status));
  say("mode %o", status.st_mode);
  CALL(mkdir("cg/rv-groups/a\nb", 0755));
  CALL(mkdir("cg/rv-groups/cgroup.procs", 0755));
  CALL(mkdir("cg/rv-groups/cgroup.procs/x", 0755));
  CALL(rmdir("cg/rv-groups/one"));
  CALL(rmdir("cg/rv-groups/cgroup.procs"));
  CALL(unlink("cg/rv-groups/cgroup.procs"));
  CALL(unlink("cg/rv-groups/one"));
  CALL(open("cg/rv-groups/new", O_CREAT | O_WRONLY, 0644));
  CALL(open("cg/rv-groups", O_TMPFILE | O_WRONLY, 0644));
  CALL(mknod("cg/rv-groups/pipe", S_IFIFO | 0600, 0));
  CALL(symlink("x", "cg/rv-groups/link"));
  CALL(link("cg/rv-groups/cgroup.procs", "cg/rv-groups/other"));
  CALL(rename("cg/rv-groups/one", "cg/rv-groups/other"));
  CALL(rename("cg/rv-groups/cgroup.procs", "cg/rv-groups/other"));
  CALL(truncate("cg/rv-groups/cgroup.procs", 0));
  CALL(chmod("cg/rv-groups/cgroup.procs", 0600));
  CALL(chown("cg/rv-groups/cgroup.procs", 5, 6));
  MUST(stat("cg/rv-groups/cgroup.procs", &status));
  say("mode %o of %d:%d", status.st_mode, status.st_uid, status.st_gid);
  CALL(setxattr("cg/rv-groups", "user.word", "abc", 3, 0));
  CALL(setxattr("cg/rv-groups", "trusted.word", "abcd", 4, 0));
  char value[10];
  CALL(getxattr("cg/rv-groups", "user.word", value, sizeof value));
  CALL(getxattr("cg/rv-groups", "trusted.word", value, sizeof value));
  CALL(getxattr("cg/rv-groups/one", "user.word", value, sizeof value));
}

static void contents(void) {
  say("-- files");
  show_modes("cg");
  show_modes("cg/rv-groups/one");
  show_file("cg/rv-groups/one/cgroup.type");
  show_file("cg/rv-groups/one/cgroup.procs");
  show_file("cg/rv-groups/one/cgroup.events");
  show_file("cg/rv-groups/one/cgroup.freeze");
  show_file("cg/rv-groups/one/cgroup.kill");
  show_file("cg/rv-groups/one/cgroup.stat.local");
  show_file("cg/rv-groups/one/cgroup.controllers");
  show_file("cg/rv-groups/one/cgroup.subtree_control");
  put("cg/rv-groups/one/cgroup.controllers", "x");
  put("cg/rv-groups/one/cgroup.events", "x");
  put("cg/rv-groups/one/cgroup.subtree_control", "");
  put("cg/rv-groups/one/cgroup.subtree_control", "+nothing");
  put("cg/rv-groups/one/cgroup.subtree_control", "pids");
  put("cg/rv-groups/one/cgroup.subtree_control", "+pids");
  put("cg/rv-groups/one/cgroup.freeze", "2");
  put("cg/rv-groups/one/cgroup.freeze", "-1");
  put("cg/rv-groups/one/cgroup.freeze", "x");
  put("cg/rv-groups/one/cgroup.freeze", "");
  put("cg/rv-groups/one/cgroup.kill", "0");
  put("cg/rv-groups/one/cgroup.kill", "x");
  put("cg/rv-groups/one/cgroup.type", "domain");
  put("cg/rv-groups/one/cgroup.type", "x");
  static char large[5000];
  memset(large, ' ', sizeof large - 1);
  large[4999] = 0;
  int fd = MUST(open("cg/rv-groups/one/cgroup.freeze", O_WRONLY | O_TRUNC));
  CALL(write(fd, large, 4999));
  CALL(write(fd, large, 4096));
  CALL(write(fd, " 0\n", 3));
  CALL(write(fd, "0x0", 3));
  CALL(write(fd, "00", 2));
  CALL(write(fd, "0 0", 3));
  close(fd);
}

static void tree_limits(void) {
  say("-- limits of the tree");
  show_file("cg/rv-groups/cgroup.max.depth");
  show_file("cg/rv-groups/cgroup.max.descendants");
  put("cg/rv-groups/cgroup.max.depth", "-1");
  put("cg/rv-groups/cgroup.max.depth", "99999999999");
  put("cg/rv-groups/cgroup.max.depth", "x");
  put("cg/rv-groups/cgroup.max.depth", "2");
  show_file("cg/rv-groups/cgroup.max.depth");
  CALL(mkdir("cg/rv-groups/one/two/three", 0755));
  CALL(mkdir("cg/rv-groups/one/other", 0755));
  put("cg/rv-groups/cgroup.max.depth", "0");
  CALL(mkdir("cg/rv-groups/more", 0755));
  put("cg/rv-groups/cgroup.max.depth", "max");
  put("cg/rv-groups/cgroup.max.descendants", "3");
  CALL(mkdir("cg/rv-groups/more", 0755));
  put("cg/rv-groups/cgroup.max.descendants", "4");
  CALL(mkdir("cg/rv-groups/more", 0755));
  CALL(rmdir("cg/rv-groups/more"));
  put("cg/rv-groups/cgroup.max.descendants", "max");
  CALL(rmdir("cg/rv-groups/one/other"));
  char stat[30];
  int fd = MUST(open("cg/rv-groups/cgroup.stat", O_RDONLY));
  MUST(read(fd, stat, 16));
  close(fd);
  say("%s", quoted(stat, 16));
}

static void moves(void) {
  say("-- moves");
  show_place("self", getpid());
  pid_t pid = sleeper();
  put_pid("cg/rv-groups/one/cgroup.procs", pid);
  show_place("child", pid);
  show_lines("cg/rv-groups/one/cgroup.procs");
  show_lines("cg/rv-groups/one/cgroup.threads");
  show_file("cg/rv-groups/one/cgroup.events");
  show_file("cg/rv-groups/cgroup.events");
  show_file("cg/rv-groups/one/two/cgroup.events");
  CALL(rmdir("cg/rv-groups/one/two"));
  CALL(rmdir("cg/rv-groups/one"));
  put_pid("cg/rv-groups/cgroup.procs", pid);
  show_place("child", pid);
  CALL(rmdir("cg/rv-groups/one"));
  CALL(mkdir("cg/rv-groups/one", 0755));
  put("cg/rv-groups/one/cgroup.procs", "x");
  put("cg/rv-groups/one/cgroup.procs", "-1");
  put("cg/rv-groups/one/cgroup.procs", "");
  put("cg/rv-groups/one/cgroup.procs", "99999999");
  put("cg/rv-groups/one/cgroup.procs", "999999999999");
  put_pid("cg/rv-groups/one/cgroup.procs", 4194303);
  put_pid("cg/rv-groups/one/cgroup.threads", pid);
  put("cg/rv-groups/cgroup.procs", "0");
  show_place("self", getpid());
  pid_t second = MUST(fork());
  if (second == 0) {
    show_place("born inside", getpid());
    _exit(3);
  }
  siginfo_t info;
  MUST(waitid(P_PID, second, &info, WEXITED | WNOWAIT));
  show_place("zombie", second);
  put_pid("cg/rv-groups/one/cgroup.procs", second);
  put_pid("cg/cgroup.procs", getpid());
  put_pid("cg/cgroup.procs", pid);
  show_file("cg/rv-groups/cgroup.procs");
  show_file("cg/rv-groups/cgroup.events");
  show_place("zombie", second);
  CALL(rmdir("cg/rv-groups/one"));
  CALL(rmdir("cg/rv-groups"));
  show_place("zombie of a removed group", second);
  show_wait("born inside", second);
  end(pid);
}

static void removed(void) {
  say("-- removed groups");
  MUST(mkdir("cg/rv-groups", 0755));
  int directory = MUST(open("cg/rv-groups", O_RDONLY | O_DIRECTORY)), procs = MUST(open("cg/rv-groups/cgroup.procs", O_RDWR)),
      events = MUST(open("cg/rv-groups/cgroup.events", O_RDONLY));
  char bytes[100];
  CALL(read(events, bytes, sizeof bytes));
  CALL(rmdir("cg/rv-groups"));
  CALL(pread(events, bytes, sizeof bytes, 0));
  CALL(write(procs, "0", 1));
  CALL(openat(directory, "cgroup.procs", O_RDONLY));
  CALL(mkdirat(directory, "x", 0755));
  CALL(syscall(SYS_getdents64, directory, bytes, sizeof bytes));
  close(directory);
}

static void kills(void) {
  say("-- cgroup.kill");
  MUST(mkdir("cg/rv-groups", 0755));
  MUST(mkdir("cg/rv-groups/one", 0755));
  pid_t first = sleeper(), second = sleeper(), third = sleeper();
  put_pid("cg/rv-groups/cgroup.procs", first);
  put_pid("cg/rv-groups/one/cgroup.procs", second);
  put("cg/rv-groups/cgroup.kill", "1");
  show_wait("first", first);
  show_wait("second", second);
  CALL(waitpid(third, NULL, WNOHANG));
  end(third);
  show_file("cg/rv-groups/cgroup.events");
  put("cg/rv-groups/cgroup.kill", "1\n");
  CALL(rmdir("cg/rv-groups/one"));
  CALL(rmdir("cg/rv-groups"));
}

int main(void) {
  umask(022);
  mount_cgroups();
  directories();
  contents();
  tree_limits();
  moves();
  removed();
  kills();
  return 0;
}
