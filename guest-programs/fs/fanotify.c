// fanotify: flags and their errors, events by descriptors and by handles, ignored masks, questions and their answers.
// needs: root
#include "../lib/observe.h"
#include <dirent.h>
#include <poll.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x1000
#endif
#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x400
#endif
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x200
#endif

static const struct { unsigned long long bit; const char *name; } names[] = {
    {FAN_ACCESS, "ACCESS"},       {FAN_MODIFY, "MODIFY"},         {FAN_ATTRIB, "ATTRIB"},
    {FAN_CLOSE_WRITE, "CLOSE_WRITE"}, {FAN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {FAN_OPEN, "OPEN"},
    {FAN_MOVED_FROM, "MOVED_FROM"}, {FAN_MOVED_TO, "MOVED_TO"},   {FAN_CREATE, "CREATE"},
    {FAN_DELETE, "DELETE"},       {FAN_DELETE_SELF, "DELETE_SELF"}, {FAN_MOVE_SELF, "MOVE_SELF"},
    {FAN_OPEN_EXEC, "OPEN_EXEC"}, {FAN_Q_OVERFLOW, "OVERFLOW"},   {FAN_OPEN_PERM, "OPEN_PERM"},
    {FAN_ACCESS_PERM, "ACCESS_PERM"}, {FAN_OPEN_EXEC_PERM, "OPEN_EXEC_PERM"}, {FAN_RENAME, "RENAME"},
    {FAN_ONDIR, "ONDIR"},
};

static const char *mask_text(unsigned long long mask) {
  static char text[300];
  char *out = text;
  *out = 0;
  for (size_t i = 0; i < COUNT(names); i++)
    if (mask & names[i].bit) out += sprintf(out, "%s%s", out == text ? "" : "|", names[i].name);
  return text;
}

// The last part of what a descriptor refers to.
static const char *file_name(int fd) {
  static char link[4096];
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, link, sizeof link - 1);
  if (length < 0) return "?";
  link[length] = 0;
  char *slash = strrchr(link, '/');
  return slash ? slash + 1 : link;
}

static const char *opened_handle(struct file_handle *handle) {
  int fd = open_by_handle_at(AT_FDCWD, handle, O_PATH);
  if (fd < 0) return errno_name(errno);
  const char *name = file_name(fd);
  close(fd);
  return name;
}

static void show_records(const struct fanotify_event_metadata *event) {
  const char *at = (const char *)event + event->metadata_len, *end = (const char *)event + event->event_len;
  while (at < end) {
    const struct fanotify_event_info_header *header = (const void *)at;
    if (header->info_type == FAN_EVENT_INFO_TYPE_PIDFD) {
      int pidfd = *(const int *)(at + 4);
      say("  pidfd: %s, length %d", pidfd >= 0 ? "open" : "none", header->len);
      if (pidfd >= 0) close(pidfd);
    } else {
      struct file_handle *handle = (void *)(at + 12);
      const char *name = (char *)handle->f_handle + handle->handle_bytes;
      bool is_named = header->info_type == FAN_EVENT_INFO_TYPE_DFID_NAME || header->info_type >= 10;
      const char *place = header->info_type == FAN_EVENT_INFO_TYPE_FID && event->mask & FAN_DELETE_SELF ? "-" : opened_handle(handle);
      say("  type %d, length %d, handle of %u bytes: %s%s%s", header->info_type, header->len, handle->handle_bytes, place,
          is_named ? ", name " : "", is_named ? name : "");
    }
    at += header->len;
  }
}

static int group;

static void show_events(const char *label) {
  _Alignas(8) char buffer[8192];
  ssize_t length = read(group, buffer, sizeof buffer);
  if (length < 0) {
    show(label, -1);
    return;
  }
  const struct fanotify_event_metadata *event = (void *)buffer;
  for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
    say("%s: %s, version %d, %s%s%s", label, mask_text(event->mask), event->vers, event->pid == getpid() ? "self" : "other",
        event->fd >= 0 ? ", " : "", event->fd >= 0 ? file_name(event->fd) : "");
    show_records(event);
    if (event->fd >= 0) close(event->fd);
  }
}

static void begin(unsigned flags, unsigned event_flags) {
  if (group > 0) close(group);
  group = MUST(fanotify_init(flags | FAN_NONBLOCK | FAN_CLOEXEC, event_flags));
}

static long mark(unsigned flags, unsigned long long mask, const char *path) {
  return fanotify_mark(group, flags, mask, AT_FDCWD, path);
}

static void inits(void) {
  static const unsigned flags[] = {0x8000, FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, FAN_REPORT_NAME, FAN_REPORT_FID | FAN_CLASS_CONTENT,
                                   FAN_REPORT_PIDFD | FAN_REPORT_TID, FAN_REPORT_TARGET_FID | FAN_REPORT_DFID_NAME, FAN_REPORT_DFID_NAME,
                                   FAN_REPORT_TARGET_FID | FAN_REPORT_DFID_NAME | FAN_REPORT_FID, FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS};
  for (size_t i = 0; i < COUNT(flags); i++) {
    int fd = fanotify_init(flags[i], O_RDONLY);
    say("init(%#x): %s", flags[i], fd < 0 ? errno_name(errno) : "ok");
    if (fd >= 0) close(fd);
  }
  CALL(fanotify_init(0, O_ACCMODE));
  CALL(fanotify_init(0, O_CREAT));
  int fd = MUST(fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK, O_RDWR | O_LARGEFILE | O_CLOEXEC | O_APPEND));
  say("flags: %d %d", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
  say("link: %s", file_name(fd));
  close(fd);
  MUST(seteuid(1000));
  CALL(fanotify_init(0, 0));
  CALL(fanotify_init(FAN_REPORT_FID | FAN_UNLIMITED_QUEUE, 0));
  CALL(fanotify_init(FAN_REPORT_FID | FAN_REPORT_PIDFD, 0));
  group = MUST(fanotify_init(FAN_REPORT_FID, 0));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD, FAN_OPEN, "/"));
  MUST(seteuid(0));
}

static void marks(void) {
  begin(FAN_CLASS_NOTIF, O_RDONLY);
  int file = MUST(open("file", O_RDWR | O_CREAT, 0600));
  CALL(mark(0, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD, 0, "."));
  CALL(mark(FAN_MARK_ADD, 0x80000000, "."));
  CALL(mark(FAN_MARK_ADD, 1ull << 40, "."));
  CALL(mark(FAN_MARK_ADD | 0x8000, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_FLUSH | FAN_MARK_DONT_FOLLOW, 0, "."));
  CALL(mark(FAN_MARK_FLUSH, 0, "missing"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_MASK, FAN_OPEN, "."));
  CALL(fanotify_mark(99, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "."));
  CALL(fanotify_mark(file, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "missing"));
  CALL(mark(FAN_MARK_ADD, FAN_OPEN_PERM, "."));
  CALL(mark(FAN_MARK_ADD, FAN_CREATE, "."));
  CALL(mark(FAN_MARK_ADD, FAN_ATTRIB, "."));
  CALL(mark(FAN_MARK_ADD, FAN_RENAME, "."));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_EVICTABLE, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD, FAN_OPEN, "missing"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, "file"));
  CALL(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, 99, NULL));
  CALL(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, file, NULL));
  CALL(fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, file, NULL));
  CALL(mark(FAN_MARK_REMOVE, FAN_CLOSE, "file"));
  CALL(mark(FAN_MARK_REMOVE, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_REMOVE, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_MOUNT, FAN_OPEN, "."));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN | FAN_ONDIR, "file"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_OPEN, "file"));
  close(file);
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, "file"));
  CALL(mark(FAN_MARK_REMOVE | FAN_MARK_IGNORE, FAN_OPEN, "file"));
  begin(FAN_REPORT_DFID_NAME, O_RDONLY);
  CALL(mark(FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CREATE, "."));
  CALL(mark(FAN_MARK_ADD, FAN_RENAME, "file"));
  CALL(mark(FAN_MARK_ADD, FAN_CREATE, "file"));
  begin(FAN_REPORT_FID, O_RDONLY);
  CALL(mark(FAN_MARK_ADD, FAN_RENAME, "."));
  CALL(mark(FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, "/proc"));
  begin(FAN_CLASS_CONTENT, O_RDONLY);
  CALL(mark(FAN_MARK_ADD, FAN_OPEN_PERM, "/proc"));
  CALL(mark(FAN_MARK_ADD, 0x100000, "file"));
}

static void use(const char *path) {
  char bytes[8];
  int fd = MUST(open(path, O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "text", 4));
  MUST(lseek(fd, 0, SEEK_SET));
  MUST(read(fd, bytes, 4));
  MUST(close(fd));
}

static void look(const char *path) {
  int fd = MUST(open(path, O_RDONLY));
  char bytes[8];
  read(fd, bytes, 4);
  close(fd);
}

static void descriptors(void) {
  begin(FAN_CLASS_NOTIF, O_RDONLY);
  CALL(read(group, NULL, 0));
  MUST(mark(FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS | FAN_MODIFY | FAN_CLOSE, "file"));
  use("file");
  struct pollfd ready = {.fd = group, .events = POLLIN | POLLOUT};
  CALL(poll(&ready, 1, 0));
  say("revents %#x", ready.revents);
  int waiting = 0;
  CALL(ioctl(group, FIONREAD, &waiting));
  say("FIONREAD %d", waiting);
  char small[20];
  CALL(read(group, small, sizeof small));
  show_events("a file");
  show_events("nothing");
  MUST(truncate("file", 2));
  MUST(chmod("file", 0640));
  show_events("truncate, chmod");
  MUST(mark(FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_EVENT_ON_CHILD | FAN_ONDIR, "."));
  use("other");
  use("file");
  closedir(opendir("."));
  show_events("a directory");
  MUST(mark(FAN_MARK_FLUSH, 0, NULL));
  use("other");
  show_events("flushed");
  MUST(mark(FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CLOSE_WRITE, "."));
  MUST(mark(FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_CLOSE_WRITE, "other"));
  use("file"), use("other"), use("file");
  show_events("ignored until it changes");
  MUST(mark(FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_CLOSE_WRITE, "other"));
  use("file"), use("other");
  show_events("ignored for good");
  pid_t child = MUST(fork());
  if (child == 0) use("file"), _exit(0);
  show_wait("child", child);
  show_events("child");
  begin(FAN_CLASS_NOTIF, O_RDONLY);
  MUST(mark(FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, "."));
  look("file");
  show_events("a file system");
}

static void handles(unsigned flags) {
  say("# report %#x", flags);
  begin(flags, O_RDONLY);
  unsigned long long all = FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ATTRIB | FAN_OPEN | FAN_CLOSE_WRITE | FAN_ONDIR | FAN_EVENT_ON_CHILD |
                           FAN_DELETE_SELF | FAN_MOVE_SELF;
  MUST(mkdir("watched", 0700));
  MUST(mark(FAN_MARK_ADD, all, "watched"));
  use("watched/new");
  show_events("made");
  MUST(chmod("watched/new", 0644));
  show_events("chmod");
  MUST(rename("watched/new", "watched/newer"));
  show_events("renamed");
  MUST(rename("watched/newer", "away"));
  show_events("moved out");
  MUST(mkdir("watched/dir", 0700));
  closedir(opendir("watched/dir"));
  closedir(opendir("watched"));
  MUST(rmdir("watched/dir"));
  show_events("directories");
  MUST(symlink("x", "watched/link"));
  MUST(unlink("watched/link"));
  show_events("made and removed");
  MUST(mark(FAN_MARK_ADD, FAN_DELETE_SELF | FAN_ATTRIB | FAN_OPEN, "away"));
  look("away");
  MUST(unlink("away"));
  show_events("a file");
  MUST(rmdir("watched"));
  show_events("removed");
}

static void renames(void) {
  begin(FAN_REPORT_DFID_NAME, O_RDONLY);
  MUST(mkdir("from", 0700)), MUST(mkdir("to", 0700));
  use("from/a");
  MUST(mark(FAN_MARK_ADD, FAN_RENAME | FAN_ONDIR, "from"));
  MUST(rename("from/a", "from/b"));
  MUST(rename("from/b", "to/c"));
  MUST(rename("to/c", "from/d"));
  show_events("one marked");
  MUST(mark(FAN_MARK_ADD, FAN_RENAME, "to"));
  MUST(rename("from/d", "to/e"));
  show_events("both marked");
  begin(FAN_REPORT_DFID_NAME | FAN_REPORT_PIDFD, O_RDONLY);
  MUST(mark(FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_RENAME | FAN_ONDIR, "."));
  MUST(rename("to/e", "f"));
  MUST(rename("to", "gone"));
  show_events("a file system");
}

static void answer(unsigned response, const char *label) {
  struct fanotify_event_metadata event;
  fcntl(group, F_SETFL, 0);
  if (MUST(read(group, &event, sizeof event)) != sizeof event) say("%s: short", label);
  say("%s: %s %s", label, mask_text(event.mask), event.fd >= 0 ? file_name(event.fd) : "-");
  struct fanotify_response reply = {.fd = event.fd, .response = response};
  if (event.mask & (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM))
    if (write(group, &reply, sizeof reply) != sizeof reply) show(label, -1);
  close(event.fd);
}

static void questions(const char *program) {
  begin(FAN_CLASS_CONTENT, O_RDONLY);
  MUST(mark(FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ACCESS_PERM, "file"));
  int done[2];
  MUST(pipe(done));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(group);
    CALL(open("file", O_RDONLY));
    int fd = open("file", O_RDONLY);
    char bytes[4];
    CALL(read(fd, bytes, 4));
    CALL(read(fd, bytes, 4));
    CALL(close(fd));
    fd = open("file", O_RDONLY);
    say("again: %d", fd >= 0);
    _exit(0);
  }
  answer(FAN_DENY, "first");
  answer(FAN_ALLOW, "second");
  answer(FAN_DENY, "third");
  answer(FAN_ALLOW, "fourth");
  answer(FAN_ALLOW, "fifth");
  show_wait("child", child);
  struct fanotify_response reply = {.fd = 99, .response = FAN_ALLOW};
  CALL(write(group, &reply, sizeof reply));
  reply.response = 7;
  CALL(write(group, &reply, sizeof reply));
  CALL(write(group, &reply, 4));
  reply = (struct fanotify_response){.fd = -1, .response = FAN_ALLOW};
  CALL(write(group, &reply, sizeof reply));
  reply = (struct fanotify_response){.fd = 99, .response = FAN_DENY | 1 << 24};
  CALL(write(group, &reply, sizeof reply));
  child = MUST(fork());
  if (child == 0) {
    close(group);
    open("file", O_RDONLY);
    _exit(0);
  }
  MUST(await_state(child, "SD") ? 0 : -1);
  kill(child, SIGKILL);
  show_wait("killed", child);
  fcntl(group, F_SETFL, O_NONBLOCK);
  child = MUST(fork());
  if (child == 0) {
    close(group);
    int fd = open("file", O_RDONLY);
    say("the group closed: %d", fd >= 0);
    _exit(0);
  }
  MUST(await_state(child, "SD") ? 0 : -1);
  close(group), group = 0;
  show_wait("child", child);

  say("# execve");
  int in = MUST(open(program, O_RDONLY)), out = MUST(open("program", O_WRONLY | O_CREAT, 0700));
  char bytes[65536];
  for (ssize_t length; (length = read(in, bytes, sizeof bytes)) > 0;) MUST(write(out, bytes, length));
  close(in), close(out);
  begin(FAN_CLASS_CONTENT, O_RDONLY);
  MUST(mark(FAN_MARK_ADD, FAN_OPEN_EXEC_PERM | FAN_OPEN_EXEC | FAN_OPEN_PERM, "program"));
  child = MUST(fork());
  if (child == 0) {
    close(group);
    CALL(execl("program", "program", "child", NULL));
    execl("program", "program", "child", NULL);
    _exit(1);
  }
  answer(FAN_DENY, "denied");
  answer(FAN_ALLOW, "allowed");
  answer(FAN_ALLOW, "allowed");
  show_wait("child", child);
  answer(FAN_ALLOW, "executed");
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "child")) {
    say("the program runs");
    return 0;
  }
  MUST(mkdir("here", 0700)), MUST(mount("none", "here", "tmpfs", 0, NULL)), MUST(chdir("here"));
  say("# init"), inits();
  say("# marks"), marks();
  say("# descriptors"), descriptors();
  handles(FAN_REPORT_FID);
  handles(FAN_REPORT_DIR_FID);
  handles(FAN_REPORT_DFID_NAME);
  handles(FAN_REPORT_DFID_NAME | FAN_REPORT_FID);
  handles(FAN_REPORT_DFID_NAME | FAN_REPORT_FID | FAN_REPORT_TARGET_FID);
  say("# renames"), renames();
  say("# questions"), questions("/proc/self/exe");
  MUST(chdir("..")), MUST(umount2("here", MNT_DETACH));
}
