// landlock(7), LANDLOCK_ACCESS_FS_REFER: links and renames within a directory and across, and what may not gain rights by them.
// needs: root
#include "../lib/landlock.h"
#include <sched.h>
#include <sys/mount.h>

static void touch(const char *path) {
  close(MUST(open(path, O_CREAT | O_WRONLY, 0644)));
}

static void prepare(const char *root) {
  MUST(mkdir(root, 0755));
  MUST(chdir(root));
  const char *directories[] = {"a", "a/sub", "a/empty", "b", "b/sub", "c", "c/sub"}, *files[] = {"a/file", "a/other", "a/sub/file", "b/file", "b/sub/file", "c/file", "c/sub/file"};
  for (size_t i = 0; i < COUNT(directories); i++) MUST(mkdir(directories[i], 0755));
  for (size_t i = 0; i < COUNT(files); i++) touch(files[i]);
}

static void rename_to(const char *from, const char *to, unsigned flags) {
  char label[80];
  snprintf(label, sizeof label, "rename %s %s%s", from, to, flags == 2 ? ", exchange" : flags == 1 ? ", noreplace" : flags ? ", whiteout" : "");
  if (show(label, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)) == 0)
    if (flags == 2 || syscall(SYS_renameat2, AT_FDCWD, to, AT_FDCWD, from, 0) < 0) {
      snprintf(label, sizeof label, "and back");
      show(label, syscall(SYS_renameat2, AT_FDCWD, to, AT_FDCWD, from, flags));
    }
}

static void link_to(const char *from, const char *to) {
  char label[80];
  snprintf(label, sizeof label, "link %s %s", from, to);
  if (show(label, link(from, to)) == 0) show("unlink", unlink(to));
}

static void moves(void) {
  link_to("a/file", "a/new");
  link_to("a/file", "b/new");
  link_to("a/file", "c/new");
  link_to("c/file", "a/new");
  link_to("a/sub/file", "a/new");
  link_to("a/file", "a/sub/new");
  link_to("a/file", "b/file");
  link_to("a/sub", "b/new");
  link_to("none", "b/new");
  rename_to("a/file", "a/new", 0);
  rename_to("a/file", "a/file", 0);
  rename_to("a/file", "b/new", 0);
  rename_to("b/file", "a/new", 0);
  rename_to("a/file", "c/new", 0);
  rename_to("a/sub/file", "a/new", 0);
  rename_to("a/file", "a/sub/new", 0);
  rename_to("a/sub", "b/new", 0);
  rename_to("a/sub", "a/new", 0);
  rename_to("a/sub", "a/sub/in", 0);
  rename_to("a/file", "b/file", 1);
  rename_to("a/file", "a/other", 2);
  rename_to("a/file", "a/sub", 2);
  rename_to("a/file", "b/file", 2);
  rename_to("a/file", "b/sub", 2);
  rename_to("a/sub", "b/sub", 2);
  rename_to("a/file", "none", 2);
  rename_to("none", "a/new", 0);
  rename_to("a/empty", "b/new", 0);
  int nameless = open("a", O_TMPFILE | O_RDWR, 0600);
  if (nameless >= 0) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", nameless);
    show("link of a nameless file in a", linkat(AT_FDCWD, link, AT_FDCWD, "a/named", AT_SYMLINK_FOLLOW));
    show("once more in b", linkat(AT_FDCWD, link, AT_FDCWD, "b/named", AT_SYMLINK_FOLLOW));
    unlink("a/named"), unlink("b/named");
  }
}

// What each of the directories allows; `handled` is denied elsewhere.
static void with(const char *label, uint64_t handled, uint64_t a, uint64_t b, uint64_t top) {
  static int turn;
  char root[20];
  snprintf(root, sizeof root, "root%d", turn++);
  CONFINED(label, {
    prepare(root);
    int rules = handling(handled, 0, 0);
    if (a) allow(rules, "a", a);
    if (b) allow(rules, "b", b);
    if (top) allow(rules, ".", top);
    enforce(rules);
    moves();
  });
}

int main(void) {
  enum { MAKES = MAKE_REG | MAKE_DIR, REMOVES = REMOVE_FILE | REMOVE_DIR };
  with("only reading is handled", READ_FILE, READ_FILE, READ_FILE, 0);
  with("making and removing in a and b", MAKES | REMOVES, MAKES | REMOVES, MAKES | REMOVES, 0);
  with("and referring", MAKES | REMOVES | REFER, MAKES | REMOVES | REFER, MAKES | REMOVES | REFER, 0);
  with("referring everywhere", MAKES | REMOVES | REFER, MAKES | REMOVES, MAKES | REMOVES, REFER);
  with("referring only", REFER, REFER, REFER, 0);
  with("referring from a only", REFER, REFER, 0, 0);
  with("referring to b only", REFER, 0, REFER, 0);
  with("b may do more", MAKES | REMOVES | REFER | READ_FILE, MAKES | REMOVES | REFER, MAKES | REMOVES | REFER | READ_FILE, 0);
  with("b may execute", REFER | EXECUTE, REFER, REFER | EXECUTE, 0);
  with("a may execute", REFER | EXECUTE, REFER | EXECUTE, REFER, 0);
  with("b may make sockets", REFER | MAKE_SOCK, REFER, REFER | MAKE_SOCK, 0);
  with("a makes, b does not", MAKES | REFER, MAKES | REFER, REFER, 0);
  with("a removes, b does not", REMOVES | REFER, REMOVES | REFER, REFER, 0);
  with("everything on top", ALL_FS, 0, 0, ALL_FS);
  with("everything on top, all but making in a", ALL_FS, ALL_FS & ~MAKES, 0, ALL_FS);
  CONFINED("two layers", {
    prepare("layers");
    int rules = handling(ALL_FS, 0, 0);
    allow(rules, ".", ALL_FS);
    enforce(rules);
    moves();
    rules = handling(READ_FILE | REFER, 0, 0);
    allow(rules, "a", READ_FILE | REFER);
    allow(rules, "b", REFER);
    allow(rules, "b/sub", READ_FILE);
    enforce(rules);
    say("confined further");
    moves();
  });
  CONFINED("a layer that says nothing of files", {
    prepare("ports");
    int rules = handling(ALL_FS, 0, 0);
    allow(rules, ".", ALL_FS);
    enforce(rules);
    enforce(handling(0, BIND_TCP, 0));
    rename_to("a/file", "b/new", 0);
  });
  CONFINED("no layer says anything of files", {
    prepare("none");
    enforce(handling(0, BIND_TCP, 0));
    rename_to("a/file", "b/new", 0);
    say("a layer without referring follows");
    int rules = handling(READ_FILE, 0, 0);
    allow(rules, "a/file", READ_FILE);
    enforce(rules);
    rename_to("a/file", "b/new", 0);
  });
  CONFINED("a later layer allows it", {
    prepare("later");
    enforce(handling(0, 0, SCOPE_SIGNAL));
    int rules = handling(ALL_FS, 0, 0);
    allow(rules, ".", ALL_FS);
    enforce(rules);
    rename_to("a/file", "b/new", 0);
  });
  CONFINED("files with rules of their own", {
    prepare("own");
    int rules = handling(READ_FILE | REFER, 0, 0);
    allow(rules, "a", REFER);
    allow(rules, "b", REFER | READ_FILE);
    allow(rules, "a/file", READ_FILE);
    enforce(rules);
    rename_to("a/file", "b/new", 0);
    rename_to("a/other", "b/new", 0);
    rename_to("a/file", "b/file", 2);
    rename_to("a/other", "b/file", 2);
  });
  CONFINED("on mounts", {
    MUST(unshare(CLONE_NEWNS));
    MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
    prepare("mounts");
    MUST(mount("a", "c", NULL, MS_BIND, NULL));
    int rules = handling(REFER, 0, 0);
    allow(rules, "c", REFER);
    enforce(rules);
    rename_to("c/file", "c/sub/new", 0);
    rename_to("a/file", "a/sub/new", 0); // c is a: the same inode
    rename_to("a/file", "c/new", 0);
  });
}
