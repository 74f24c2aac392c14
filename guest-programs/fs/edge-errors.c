// File calls at their edges: files linked once more after O_TMPFILE, empty vectors, odd seals, attributes of pipes.
#include "../lib/observe.h"
#include <dirent.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/xattr.h>

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif
#define MFD_SEAL_ANY 2

static void temporary_files(void) {
  int fd = MUST(open(".", O_TMPFILE | O_RDWR, 0644));
  CALL(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
  CALL(unlink("named"));
  CALL(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
  close(fd);
  close(MUST(creat("plain", 0644)));
  CALL(link("plain", "/proc/link"));
}

static void empty_vectors(void) {
  int fd = MUST(open("plain", O_RDWR));
  struct iovec one = {"x", 1};
  CALL(preadv2(fd, &one, 0, 0, 0x8000));
  CALL(preadv2(fd, &one, 1, 0, 0x8000));
  CALL(pwritev2(fd, &one, 0, -1, 0x8000));
  CALL(pwritev2(fd, &one, 1, -1, 0x30));
  close(fd);
}

static void seals(void) {
  int fd = MUST(memfd_create("sealed", MFD_SEAL_ANY));
  CALL(fcntl(fd, F_ADD_SEALS, 0x20)); // F_SEAL_EXEC of an executable file seals its content too
  CALL(fcntl(fd, F_GET_SEALS));
  CALL(write(fd, "x", 1));
  close(fd);
}

static void attributes(void) {
  char name[300], value[8];
  memset(name, 'n', sizeof name);
  memcpy(name, "user.", 5);
  name[256] = 0;
  show("a name of 256 bytes", getxattr("plain", name, value, sizeof value));
  int ends[2];
  MUST(pipe(ends));
  CALL(fgetxattr(ends[0], "user.x", value, 1));
  CALL(fsetxattr(ends[0], "user.x", value, 1, 0));
  CALL(fgetxattr(ends[0], "unknown.x", value, 1));
  CALL(fcntl(ends[0], F_DUPFD_QUERY, ends[0]));
  CALL(fcntl(ends[0], F_DUPFD_QUERY, 999));
  CALL(fcntl(ends[0], F_NOTIFY, 0));
  CALL(fcntl(ends[0], F_NOTIFY, DN_CREATE));
  CALL(pipe2(ends, O_EXCL));
}

static void directory_events(void) {
  int watcher = MUST(inotify_init1(IN_NONBLOCK));
  MUST(mkdir("dir", 0755));
  MUST(inotify_add_watch(watcher, "dir", IN_MOVE_SELF | IN_DELETE_SELF | IN_ATTRIB));
  MUST(chmod("dir", 0700));
  MUST(rename("dir", "moved"));
  MUST(rmdir("moved"));
  struct inotify_event events[8];
  long length = MUST(read(watcher, events, sizeof events));
  for (long i = 0; i < length / (long)sizeof *events; i++) say("event %#x", events[i].mask);
}

int main(void) {
  temporary_files();
  empty_vectors();
  seals();
  attributes();
  directory_events();
  int counter = MUST(eventfd(0, EFD_NONBLOCK));
  uint64_t two[2] = {1, 1};
  CALL(write(counter, two, sizeof two));
  struct timespec times[2] = {{1, 0}, {2, 0}};
  CALL(syscall(SYS_utimensat, AT_FDCWD, NULL, times, 0));
  return 0;
}
