// landlock(7) for files: each right, files and directories, layers, mounts, what was open before, fork and execve.
// needs: root
#include "../lib/landlock.h"
#include <dirent.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

static void make(const char *path, const char *text) {
  int fd = MUST(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755));
  MUST(write(fd, text, strlen(text)));
  close(fd);
}

static void prepare(void) {
  const char *directories[] = {"in", "in/deep", "in/deep/er", "out", "out/deep"};
  for (size_t i = 0; i < COUNT(directories); i++) MUST(mkdir(directories[i], 0755));
  make("in/file", "in"), make("in/deep/file", "deep"), make("in/deep/er/file", "deeper"), make("out/file", "out");
  make("out/only", "only");
  MUST(mkfifo("in/fifo", 0600));
  MUST(mknod("in/null", S_IFCHR | 0666, makedev(1, 3)));
  MUST(mknod("out/null", S_IFCHR | 0666, makedev(1, 3)));
  MUST(symlink("../out/file", "in/leads-out"));
  MUST(symlink("../in/file", "out/leads-in"));
}

static void opens(const char *path) {
  char label[80];
  static const struct {
    int flags;
    const char *name;
  } ways[] = {{O_RDONLY, "read"}, {O_WRONLY, "write"}, {O_RDWR, "both"}, {O_PATH, "path"}, {O_RDONLY | O_TRUNC, "read, truncate"},
              {O_WRONLY | O_TRUNC, "write, truncate"}, {O_RDONLY | O_DIRECTORY, "directory"}, {3, "neither"}};
  for (size_t i = 0; i < COUNT(ways); i++) {
    int fd = open(path, ways[i].flags);
    snprintf(label, sizeof label, "%s: %s", path, ways[i].name);
    show_ok(label, fd);
    if (fd >= 0) close(fd);
  }
}

static void reading(void) {
  int rules = handling(READ_FILE | READ_DIR | WRITE_FILE | EXECUTE, 0, 0);
  allow(rules, "in", READ_FILE | READ_DIR);
  allow(rules, "in/deep", WRITE_FILE);
  allow(rules, "out/only", READ_FILE);
  int before = MUST(open("out/file", O_RDWR)), directory = MUST(open("out", O_RDONLY));
  enforce(rules);
  char byte;
  const char *paths[] = {".", "in", "in/file", "in/deep/file", "in/deep/er/file", "out", "out/file", "out/only", "in/leads-out", "out/leads-in", "in/nothing", "/proc/self/status", "/"};
  for (size_t i = 0; i < COUNT(paths); i++) opens(paths[i]);
  CALL(read(before, &byte, 1));
  CALL(write(before, "x", 1));
  CALL_OK(openat(directory, "file", O_RDONLY));
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", before);
  CALL_OK(open(link, O_RDONLY));
  struct stat status;
  CALL(stat("out/file", &status));
  CALL(access("out/file", R_OK));
  CALL(chmod("out/file", 0700));
  CALL(chdir("out"));
  CALL(readlink("leads-in", link, sizeof link));
  CALL_OK(opendir(".") ? 0 : -1);
  CALL(truncate("file", 1)); // not handled
  int pipes[2];
  CALL(pipe(pipes));
  snprintf(link, sizeof link, "/proc/self/fd/%d", pipes[0]);
  CALL_OK(open(link, O_RDONLY)); // nothing that has no name is confined
  int memory = syscall(SYS_memfd_create, "m", 0);
  snprintf(link, sizeof link, "/proc/self/fd/%d", memory);
  CALL_OK(open(link, O_RDWR));
  CALL_OK(open("/proc/self/ns/net", O_RDONLY));
}

static void making(uint64_t allowed) {
  int rules = handling(ALL_FS, 0, 0);
  if (allowed) allow(rules, "in", allowed);
  enforce(rules);
  CALL_OK(open("in/new", O_CREAT | O_RDONLY, 0600));
  CALL_OK(open("in/new2", O_CREAT | O_WRONLY, 0600));
  CALL(unlink("in/new"));
  CALL(mkdir("in/directory", 0755));
  CALL(mkdir("in/deep", 0755));
  CALL(rmdir("in/directory"));
  CALL(rmdir("in/deep"));
  CALL(unlink("in/deep"));
  CALL(mknod("in/reg", S_IFREG | 0600, 0));
  CALL(mknod("in/zero", 0600, 0));
  CALL(mkfifo("in/fifo2", 0600));
  CALL(mknod("in/char", S_IFCHR | 0600, makedev(1, 3)));
  CALL(mknod("in/block", S_IFBLK | 0600, makedev(7, 0)));
  CALL(mknod("in/socket", S_IFSOCK | 0600, 0));
  struct sockaddr_un name = {AF_UNIX, "in/bound"};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  CALL(bind(fd, (void *)&name, sizeof name));
  CALL(symlink("x", "in/symbolic"));
  CALL_OK(open("in", O_TMPFILE | O_RDWR, 0600));
  CALL(truncate("in/file", 1));
  CALL_OK(open("in/file", O_WRONLY | O_TRUNC));
  CALL_OK(open("in/file", O_WRONLY));
  CALL(unlink("in/none"));
  CALL(mkdir("in/file", 0755));
  CALL(unlink("in/file"));
}

static void show_made(void) {
  const char *names[] = {"new", "new2", "directory", "reg", "zero", "fifo2", "char", "block", "socket", "bound", "symbolic", "file"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[40];
    snprintf(path, sizeof path, "in/%s", names[i]);
    struct stat status;
    if (lstat(path, &status) < 0) continue;
    say("there is %s", path);
    if (remove(path) < 0) say("it stays: %s", errno_name(errno));
  }
  make("in/file", "in");
  mkdir("in/deep", 0755);
}

static void resizing(void) {
  int open_before = MUST(open("out/file", O_RDWR));
  int rules = handling(TRUNCATE, 0, 0);
  allow(rules, "in", TRUNCATE);
  enforce(rules);
  int inside = MUST(open("in/file", O_RDWR)), outside = MUST(open("out/file", O_RDWR));
  CALL(ftruncate(inside, 1));
  CALL(ftruncate(outside, 1));
  CALL(ftruncate(open_before, 1));
  CALL(ftruncate(outside, -1));
  CALL(fallocate(outside, 0, 0, 10));
  CALL(truncate("out/file", 0));
  CALL(truncate("in/file", 0));
  CALL_OK(open("out/file", O_RDWR | O_TRUNC));
  CALL_OK(open("out/fresh", O_RDWR | O_TRUNC | O_CREAT, 0600));
  CALL(ftruncate(open("out/fresh", O_RDWR), 1));
  int memory = MUST(syscall(SYS_memfd_create, "m", 0));
  CALL(ftruncate(memory, 100));
}

static void devices(void) {
  int before = MUST(open("out/null", O_RDWR)), number = 0;
  int rules = handling(IOCTL_DEV, 0, 0);
  allow(rules, "in", IOCTL_DEV);
  enforce(rules);
  int inside = MUST(open("in/null", O_RDWR)), outside = MUST(open("out/null", O_RDWR)), file = MUST(open("out/file", O_RDWR));
  unsigned long requests[] = {FIOCLEX, FIONCLEX, FIONBIO, FIONREAD, TCGETS, 2 /* FIGETBSZ */, 0x80086601 /* FS_IOC_GETFLAGS */, 0x1234};
  for (size_t i = 0; i < COUNT(requests); i++) {
    number = 0;
    say("request %#lx", requests[i]);
    show("before", ioctl(before, requests[i], &number) < 0 ? -1 : 0);
    show("inside", ioctl(inside, requests[i], &number) < 0 ? -1 : 0);
    show("outside", ioctl(outside, requests[i], &number) < 0 ? -1 : 0);
  }
  number = 0;
  CALL(ioctl(file, FIONREAD, &number));
}

static void layers(void) {
  int rules = handling(READ_FILE | WRITE_FILE, 0, 0);
  allow(rules, "in", READ_FILE | WRITE_FILE);
  enforce(rules);
  rules = handling(READ_FILE, 0, 0);
  allow(rules, "in/deep", READ_FILE);
  allow(rules, "out", READ_FILE);
  enforce(rules);
  const char *paths[] = {"in/file", "in/deep/file", "out/file"};
  for (size_t i = 0; i < COUNT(paths); i++) opens(paths[i]);
  pid_t child = MUST(fork());
  if (child == 0) {
    show_ok("the child: in/deep/file", open("in/deep/file", O_RDWR));
    rules = handling(WRITE_FILE, 0, 0);
    enforce(rules);
    show_ok("confined further: in/deep/file", open("in/deep/file", O_RDWR));
    show_ok("for reading", open("in/deep/file", O_RDONLY));
    _exit(0);
  }
  show_wait("child", child);
  show_ok("the parent: in/deep/file", open("in/deep/file", O_RDWR));
  rules = handling(0, BIND_TCP, 0); // says nothing of files
  enforce(rules);
  show_ok("and after that", open("in/deep/file", O_RDWR));
}

static void mounted(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(mount("out", "in/deep", NULL, MS_BIND, NULL));
  MUST(mkdir("top", 0755));
  MUST(mount("t", "top", "tmpfs", 0, NULL));
  make("top/file", "top");
  int rules = handling(READ_FILE, 0, 0);
  allow(rules, "in", READ_FILE);
  enforce(rules);
  CALL_OK(open("in/deep/file", O_RDONLY)); // what is mounted there is beneath
  CALL_OK(open("out/file", O_RDONLY));
  CALL_OK(open("top/file", O_RDONLY));
  CALL(mount("none", "top", NULL, MS_BIND, NULL));
  CALL(mount("t", "top", "tmpfs", 0, NULL));
  CALL(mount("t", "none", "tmpfs", 0, NULL));
  CALL(mount("none", "top", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  CALL(mount("none", "/", NULL, MS_REC | MS_SHARED, NULL));
  CALL(umount2("top", MNT_DETACH));
  CALL(umount2("in", 0));
  CALL(umount2("none", 0));
  CALL(syscall(SYS_pivot_root, "top", "top"));
  CALL(syscall(SYS_pivot_root, "top", "none"));
  CALL(syscall(429, AT_FDCWD, "top", AT_FDCWD, "in", 0));
  CALL(syscall(429, AT_FDCWD, "none", AT_FDCWD, "in", 0));
  CALL_OK(syscall(428, AT_FDCWD, "top", 1)); // open_tree of a copy
  CALL(chroot("in"));
  CALL_OK(open("/file", O_RDONLY));
}

static void run(const char *path) {
  pid_t child = MUST(fork());
  if (child == 0) {
    char *const arguments[] = {(char *)path, "run", NULL};
    execv(path, arguments);
    _exit(errno);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  int code = WEXITSTATUS(status);
  say("%s: %s", path, code == 42 ? "runs" : errno_name(code));
}

static void copy(const char *to) {
  char buffer[65536];
  ssize_t count;
  int from = MUST(open("/proc/self/exe", O_RDONLY)), fd = MUST(open(to, O_CREAT | O_WRONLY | O_TRUNC, 0755));
  while ((count = MUST(read(from, buffer, sizeof buffer))) > 0) MUST(write(fd, buffer, count));
  close(from), close(fd);
}

static void executing(void) {
  MUST(mkdir("both", 0755)), MUST(mkdir("no-read", 0755));
  copy("both/program"), copy("no-read/program"), copy("out/program");
  make("both/script", "#!both/program\n"), make("both/script-out", "#!out/program\n");
  int rules = handling(EXECUTE | READ_FILE, 0, 0);
  allow(rules, "/", READ_FILE);
  allow(rules, "both", EXECUTE);
  const char *libraries[] = {"/lib", "/usr/lib", "/lib64"};
  for (size_t i = 0; i < COUNT(libraries); i++)
    if (access(libraries[i], F_OK) == 0) allow(rules, libraries[i], EXECUTE | READ_FILE);
  CONFINED("reading everywhere", {
    enforce(rules);
    run("both/program"), run("out/program"), run("both/script"), run("both/script-out"), run("none");
  });
  int fewer = handling(EXECUTE | READ_FILE, 0, 0);
  allow(fewer, "both", EXECUTE | READ_FILE);
  allow(fewer, "no-read", EXECUTE);
  for (size_t i = 0; i < COUNT(libraries); i++)
    if (access(libraries[i], F_OK) == 0) allow(fewer, libraries[i], EXECUTE | READ_FILE);
  CONFINED("reading in one place", {
    enforce(fewer);
    run("both/program"), run("no-read/program"), run("out/program");
  });
}

int main(int count, char **arguments) {
  if (count > 1) {
    // a program that was started in a domain is in it
    int fd = open("out/file", O_RDONLY);
    (void)arguments;
    return fd >= 0 || errno == EACCES ? 42 : 43;
  }
  umask(0);
  prepare();
  CONFINED("opening", reading());
  CONFINED("nothing is allowed", making(0));
  show_made();
  static const uint64_t rights[] = {MAKE_REG, MAKE_REG | WRITE_FILE | READ_FILE, MAKE_DIR | REMOVE_DIR, REMOVE_FILE, MAKE_CHAR | MAKE_BLOCK, MAKE_FIFO, MAKE_SOCK, MAKE_SYM, TRUNCATE, TRUNCATE | WRITE_FILE};
  for (size_t i = 0; i < COUNT(rights); i++) {
    char label[40];
    snprintf(label, sizeof label, "rights %#llx", (unsigned long long)rights[i]);
    CONFINED(label, making(rights[i]));
    show_made();
  }
  CONFINED("sizes", resizing());
  CONFINED("devices", devices());
  CONFINED("layers", layers());
  CONFINED("mounts", mounted());
  executing();
}
