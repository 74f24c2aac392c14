// inotify: what each file call reports to a watched directory and to a watched file, and in which order.
#include "../lib/observe.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <dirent.h>
#include <poll.h>

static int notify;

static const struct {
  uint32_t bit;
  const char *name;
} names[] = {{IN_ACCESS, "ACCESS"},
             {IN_MODIFY, "MODIFY"},
             {IN_ATTRIB, "ATTRIB"},
             {IN_CLOSE_WRITE, "CLOSE_WRITE"},
             {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"},
             {IN_OPEN, "OPEN"},
             {IN_MOVED_FROM, "MOVED_FROM"},
             {IN_MOVED_TO, "MOVED_TO"},
             {IN_CREATE, "CREATE"},
             {IN_DELETE, "DELETE"},
             {IN_DELETE_SELF, "DELETE_SELF"},
             {IN_MOVE_SELF, "MOVE_SELF"},
             {IN_UNMOUNT, "UNMOUNT"},
             {IN_Q_OVERFLOW, "Q_OVERFLOW"},
             {IN_IGNORED, "IGNORED"},
             {IN_ISDIR, "ISDIR"}};

static void events(const char *label) {
  static char buffer[65536] __attribute__((aligned(8)));
  static uint32_t cookie;
  say("-- %s", label);
  ssize_t length = read(notify, buffer, sizeof buffer);
  if (length < 0) {
    show("read", -1);
    return;
  }
  for (char *at = buffer; at < buffer + length;) {
    struct inotify_event *event = (struct inotify_event *)at;
    char text[256] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      if (event->mask & names[i].bit) {
        strcat(text, " ");
        strcat(text, names[i].name);
      }
    }
    const char *link = event->cookie == 0 ? "" : event->cookie == cookie ? " same cookie" : " new cookie";
    if (event->cookie) cookie = event->cookie;
    say("wd %d%s %s len %u%s", event->wd, text, event->len ? event->name : "-", event->len, link);
    at += sizeof *event + event->len;
  }
}

int main(void) {
  notify = MUST(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  CALL(inotify_init1(1));
  MUST(mkdir("d", 0755));
  CALL(inotify_add_watch(notify, "d", 0));
  CALL(inotify_add_watch(notify, "missing", IN_ALL_EVENTS));
  CALL(inotify_add_watch(0, "d", IN_ALL_EVENTS));
  CALL(inotify_add_watch(notify, "d", IN_ALL_EVENTS));
  CALL(inotify_add_watch(notify, "d", IN_ALL_EVENTS | IN_MASK_CREATE));
  CALL(inotify_add_watch(notify, "d", IN_ALL_EVENTS));
  events("nothing yet");
  int fd = MUST(open("d/file", O_CREAT | O_RDWR, 0644));
  events("open with O_CREAT");
  MUST(write(fd, "hello", 5));
  MUST(write(fd, "hello", 5));
  events("two writes");
  char text[8];
  MUST(pread(fd, text, 8, 0));
  events("pread");
  MUST(fchmod(fd, 0600));
  events("fchmod");
  MUST(ftruncate(fd, 2));
  events("ftruncate");
  close(fd);
  events("close");
  close(MUST(open("d/file", O_RDONLY)));
  events("open and close for reading");
  close(MUST(open("d/file", O_WRONLY | O_TRUNC)));
  events("open with O_TRUNC");
  MUST(mkdir("d/sub", 0755));
  events("mkdir");
  MUST(symlink("file", "d/link"));
  events("symlink");
  MUST(link("d/file", "d/second"));
  events("link");
  MUST(rename("d/file", "d/renamed"));
  events("rename within");
  MUST(rename("d/renamed", "elsewhere"));
  events("rename out");
  MUST(rename("elsewhere", "d/back"));
  events("rename in");
  MUST(rename("d/back", "d/link"));
  events("rename over");
  MUST(unlink("d/second"));
  events("unlink");
  MUST(rmdir("d/sub"));
  events("rmdir");
  DIR *directory = opendir("d");
  while (readdir(directory)) continue;
  closedir(directory);
  events("listing");
  fd = MUST(open("d/own", O_CREAT | O_WRONLY, 0644));
  events("another file");
  CALL(inotify_add_watch(notify, "d/own", IN_ALL_EVENTS));
  MUST(write(fd, "x", 1));
  events("write to a watched file");
  MUST(rename("d/own", "d/own2"));
  events("rename of a watched file");
  MUST(unlink("d/own2"));
  events("unlink while open");
  close(fd);
  events("the last close");
  close(MUST(open("d/gone", O_CREAT | O_WRONLY, 0644)));
  events("a third file");
  CALL(inotify_add_watch(notify, "d/gone", IN_ALL_EVENTS));
  MUST(unlink("d/gone"));
  events("unlink of a watched file");
  close(MUST(open("d/once", O_CREAT | O_WRONLY, 0644)));
  events("a fourth file");
  int once = MUST(inotify_add_watch(notify, "d/once", IN_OPEN | IN_ONESHOT));
  close(MUST(open("d/once", O_RDONLY)));
  close(MUST(open("d/once", O_RDONLY)));
  events("one shot");
  CALL(inotify_rm_watch(notify, once));
  CALL(inotify_add_watch(notify, "d", IN_CREATE));
  CALL(inotify_add_watch(notify, "d", IN_DELETE | IN_MASK_ADD));
  close(MUST(open("d/name-of-16-bytes", O_CREAT | O_WRONLY, 0644)));
  MUST(unlink("d/name-of-16-bytes"));
  int queued;
  MUST(ioctl(notify, FIONREAD, &queued));
  say("queued: %d bytes", queued);
  char small[24];
  show("read into 24 bytes", read(notify, small, sizeof small));
  struct pollfd entry = {notify, POLLIN, 0};
  CALL(poll(&entry, 1, 0));
  events("two events");
  CALL(poll(&entry, 1, 0));
  CALL(inotify_rm_watch(notify, 1));
  events("removed watch");
  CALL(inotify_rm_watch(notify, 1));
  CALL(inotify_add_watch(notify, "d/once", IN_ALL_EVENTS | IN_ONLYDIR));
  return 0;
}
