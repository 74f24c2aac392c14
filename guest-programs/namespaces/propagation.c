// mount_namespaces(7), "Propagation": what is shared, slave, private and unbindable, and where mounts and umounts go.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mount.h>

static char here[200];

// Group numbers as letters, by their first appearance.
static char letter_of(int group) {
  static int known[26];
  for (int i = 0; i < 26; i++) {
    if (known[i] == 0) known[i] = group;
    if (known[i] == group) return 'A' + i;
  }
  return '?';
}

// Our mounts below the directory we started in, with their tags.
static void show_mounts(const char *label) {
  say("[%s]", label);
  FILE *file = fopen("/proc/self/mountinfo", "r");
  char line[1000];
  while (fgets(line, sizeof line, file)) {
    char at[400], root[400], tags[200] = "";
    int used = 0;
    if (sscanf(line, "%*d %*d %*s %399s %399s %*s%n", root, at, &used) != 2) continue;
    size_t length = strlen(here);
    if (strncmp(at, here, length) || at[length] != '/') continue;
    for (char *word = strtok(line + used, " "); word && strcmp(word, "-"); word = strtok(NULL, " ")) {
      char *colon = strchr(word, ':');
      size_t end = strlen(tags);
      if (colon) snprintf(tags + end, sizeof tags - end, " %.*s:%c", (int)(colon - word), word, letter_of(atoi(colon + 1)));
      else snprintf(tags + end, sizeof tags - end, " %s", word);
    }
    say("  .%s%s", at + length, tags);
  }
  fclose(file);
}

static void become(const char *path, unsigned long flags) {
  char label[100];
  snprintf(label, sizeof label, "%s becomes %s%s", path,
           flags & MS_SHARED ? "shared" : flags & MS_SLAVE ? "slave" : flags & MS_UNBINDABLE ? "unbindable" : "private",
           flags & MS_REC ? ", recursively" : "");
  show(label, mount(NULL, path, NULL, flags, NULL));
}

static void directory(const char *path) { MUST(mkdir(path, 0755)); }

static void peers(void) {
  say("-- peers");
  directory("a"), directory("b"), directory("c");
  CALL(mount("one", "a", "tmpfs", 0, NULL));
  become("a", MS_SHARED);
  directory("a/sub"), directory("a/other");
  CALL(mount("a", "b", NULL, MS_BIND, NULL));
  CALL(mount("a/sub", "c", NULL, MS_BIND, NULL));
  show_mounts("bound");
  CALL(mount("two", "a/sub", "tmpfs", 0, NULL));
  directory("a/sub/deep");
  CALL(access("b/sub/deep", F_OK));
  CALL(access("c/deep", F_OK));
  show_mounts("mounted on a");
  CALL(mount("three", "b/sub/deep", "tmpfs", 0, NULL));
  show_mounts("mounted on b's");
  CALL(umount("c"));
  show_mounts("c away");
  CALL(umount("a/sub"));
  CALL(umount("a/sub/deep"));
  CALL(umount("b/sub"));
  show_mounts("all away");
  CALL(mount("a", "a/other", NULL, MS_BIND, NULL));
  show_mounts("on itself");
  CALL(umount("b/other"));
  CALL(umount("b"));
  become("a", MS_SLAVE);
  show_mounts("the last one");
  CALL(umount("a"));
}

static void slaves(void) {
  say("-- slaves");
  CALL(mount("one", "a", "tmpfs", 0, NULL));
  become("a", MS_SHARED);
  directory("a/x"), directory("a/y");
  CALL(mount("a", "b", NULL, MS_BIND, NULL));
  become("b", MS_SLAVE);
  CALL(mount("b", "c", NULL, MS_BIND, NULL));
  show_mounts("a slave and its copy");
  become("c", MS_SHARED);
  directory("d");
  CALL(mount("c", "d", NULL, MS_BIND, NULL));
  directory("e");
  CALL(mount("d", "e", NULL, MS_BIND, NULL));
  become("e", MS_SLAVE);
  show_mounts("shared slaves");
  CALL(mount("two", "a/x", "tmpfs", 0, NULL));
  show_mounts("mounted on a");
  CALL(mount("three", "d/y", "tmpfs", 0, NULL));
  show_mounts("mounted on d");
  CALL(umount("b/x"));
  CALL(umount("a/x"));
  CALL(umount("c/y"));
  show_mounts("away");
  become("c", MS_PRIVATE);
  become("d", MS_PRIVATE);
  show_mounts("the slave of a slave");
  become("a", MS_PRIVATE);
  show_mounts("nobody to listen to");
  CALL(umount("b")), CALL(umount("c")), CALL(umount("d")), CALL(umount("e")), CALL(umount("a"));
}

static void kinds(void) {
  say("-- other kinds and mistakes");
  CALL(mount("one", "a", "tmpfs", 0, NULL));
  directory("a/x"), directory("a/y");
  CALL(mount("two", "a/x", "tmpfs", 0, NULL));
  become("a/x", MS_UNBINDABLE);
  CALL(mount("a/x", "b", NULL, MS_BIND, NULL));
  CALL(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
  show_mounts("a copy without");
  CALL(umount("b"));
  become("a/x", MS_SLAVE);
  show_mounts("still");
  become("a", MS_SHARED | MS_REC);
  show_mounts("recursively");
  CALL(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
  show_mounts("bound recursively");
  become("b", MS_PRIVATE | MS_REC);
  become("b", MS_UNBINDABLE);
  directory("b/x/dir");
  CALL(mount(NULL, "a", NULL, MS_SHARED | MS_PRIVATE, NULL));
  CALL(mount(NULL, "a", NULL, MS_SHARED | MS_RDONLY, NULL));
  CALL(mount(NULL, "a/y", NULL, MS_SHARED, NULL));
  say("moves");
  CALL(mount("a/x", "b/y", NULL, MS_MOVE, NULL));
  CALL(mount("b", "a/y", NULL, MS_MOVE, NULL));
  become("b/x", MS_SHARED);
  CALL(mount("b/x", "a/y", NULL, MS_MOVE, NULL));
  show_mounts("moved into a shared one");
  CALL(mount("none", "b/x", "tmpfs", 0, NULL));
  CALL(mount("b/x", "b/y", NULL, MS_MOVE, NULL));
  become("b/y", MS_SHARED);
  CALL(mount("b/y", "b/x", NULL, MS_MOVE, NULL));
  show_mounts("moved while shared");
  say("umounts");
  int fd = MUST(open("a/x", O_RDONLY));
  become("a", MS_SHARED);
  CALL(mount("a", "c", NULL, MS_BIND | MS_REC, NULL));
  CALL(umount("c/x"));
  close(fd);
  CALL(umount("a"));
  CALL(umount2("a", MNT_DETACH));
  show_mounts("detached");
  CALL(umount2("c", MNT_DETACH));
  CALL(umount2("b", MNT_DETACH));
}

static void covered(void) {
  say("-- covered places");
  CALL(mount("one", "a", "tmpfs", 0, NULL));
  become("a", MS_SHARED);
  directory("a/x");
  CALL(mount("a", "b", NULL, MS_BIND, NULL));
  become("b", MS_SLAVE);
  CALL(mount("own", "b/x", "tmpfs", 0, NULL));
  close(MUST(creat("b/x/own", 0600)));
  CALL(mount("two", "a/x", "tmpfs", 0, NULL));
  CALL(access("b/x/own", F_OK));
  show_mounts("beneath");
  CALL(umount("a/x"));
  show_mounts("gone from beneath");
  CALL(access("b/x/own", F_OK));
  CALL(umount("b/x"));
  CALL(umount("b"));
  CALL(umount("a"));
}

static void other_namespaces(void) {
  say("-- other namespaces");
  CALL(mount("one", "a", "tmpfs", 0, NULL));
  become("a", MS_SHARED);
  directory("a/x"), directory("a/y");
  CALL(mount("two", "b", "tmpfs", 0, NULL));
  become("b", MS_UNBINDABLE);
  int go[2], done[2];
  MUST(pipe(go)), MUST(pipe(done));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(unshare(CLONE_NEWNS));
    show_mounts("a copy");
    CALL(mount("three", "a/x", "tmpfs", 0, NULL));
    hand_over(done[1]);
    await_turn(go[0]);
    show_mounts("told of it");
    MUST(chdir("a/y"));
    hand_over(done[1]);
    await_turn(go[0]);
    MUST(chdir(here));
    become("a", MS_SLAVE | MS_REC);
    CALL(umount("a/x"));
    CALL(mount("four", "a/x", "tmpfs", 0, NULL));
    show_mounts("a slave");
    hand_over(done[1]);
    await_turn(go[0]);
    show_mounts("told again");
    CALL(unshare(CLONE_NEWUSER | CLONE_NEWNS));
    show_mounts("less privileged");
    CALL(mount("five", "a/x", "tmpfs", 0, NULL));
    _exit(0);
  }
  await_turn(done[0]);
  show_mounts("heard of it");
  CALL(mount("six", "a/y", "tmpfs", 0, NULL));
  hand_over(go[1]);
  await_turn(done[0]);
  CALL(umount("a/y"));
  hand_over(go[1]);
  await_turn(done[0]);
  show_mounts("not heard of it");
  CALL(umount2("a/y", MNT_DETACH));
  hand_over(go[1]);
  show_wait("child", child);
  show_mounts("at the end");
  CALL(syscall(SYS_pivot_root, "a", "a/y"));
  CALL(umount("a/x"));
  CALL(umount("a"));
  CALL(umount("b"));
}

int main(void) {
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  peers();
  slaves();
  kinds();
  covered();
  other_namespaces();
  return 0;
}
