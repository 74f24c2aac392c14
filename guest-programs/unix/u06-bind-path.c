// U06: bind to a path makes a socket inode with the umask applied; errors of the path come as in open(2).
// needs: root
#include "../lib/unix-messages.h"
#include <sys/mount.h>

static void try(const char *label, const char *path) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  int result = bind_to(fd, path);
  int saved = errno;
  struct stat info;
  if (result == 0 && lstat(path, &info) == 0) say("%s: ok, mode %#o size %ld links %d", label, info.st_mode, (long)info.st_size, (int)info.st_nlink);
  else {
    errno = saved;
    show(label, result);
  }
  close(fd);
}

int main(void) {
  struct stat info;
  umask(022);
  try("umask 022", "a");
  umask(0);
  try("umask 0", "b");
  umask(0777);
  try("umask 0777", "c");
  umask(027);
  try("umask 027", "d");
  umask(022);
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(fchmod(fd, 0700));
  CALL(fstat(fd, &info));
  say("the socket's own mode: %#o", info.st_mode);
  CALL(bind_to(fd, "e"));
  CALL(stat("e", &info));
  say("bound with mode %#o", info.st_mode);
  try("existing socket", "a");
  MUST(close(open("file", O_CREAT | O_WRONLY, 0600)));
  try("existing file", "file");
  MUST(mkdir("dir", 0755));
  try("existing directory", "dir");
  MUST(symlink("nowhere", "dangling"));
  try("dangling symlink", "dangling");
  MUST(symlink("loop", "loop"));
  try("symlink loop", "loop");
  try("through a loop", "loop/x");
  MUST(symlink("dir", "link"));
  try("through a symlink", "link/f");
  show("found there", access("dir/f", F_OK));
  try("missing directory", "missing/x");
  try("file as directory", "file/x");
  try("trailing slash", "dir/g/");
  try("existing with trailing slash", "dir/");
  try("dot", ".");
  try("dot dot", "dir/..");
  char longer[108];
  memset(longer, 'n', 107);
  longer[107] = 0;
  try("107 bytes", longer);
  MUST(mkdir("noaccess", 0755));
  MUST(mkdir("noaccess/in", 0755));
  MUST(mkdir("nowrite", 0755));
  MUST(mkdir("closed", 0700));
  MUST(mkdir("open", 0777));
  MUST(chmod("open", 0777));
  MUST(mkdir("mounted", 0755));
  MUST(mount("none", "mounted", "tmpfs", 0, NULL));
  try("on a file system of its own", "mounted/there");
  MUST(mount("none", "mounted", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  try("read-only file system", "mounted/new");
  try("existing on a read-only file system", "mounted/there");
  try("missing directory on a read-only file system", "mounted/no/new");
  MUST(umount2("mounted", MNT_DETACH));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(chmod(".", 0755));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    try("no write permission", "nowrite/x");
    try("no search permission", "closed/x");
    try("both permitted", "open/x");
    struct stat mine;
    if (stat("open/x", &mine) == 0) say("owner %d group %d", (int)mine.st_uid, (int)mine.st_gid);
    try("existing, without write permission", "a");
    try("existing, in a closed directory", "closed/x");
    _exit(0);
  }
  show_wait("child", child);
  return 0;
}
