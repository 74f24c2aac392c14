// poll and epoll tell when mounts change (/proc/self/mountinfo) and when the host's name does; other files of /proc cannot be watched.
// needs: root
#include "../lib/observe.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mount.h>

static void look(const char *label, int fd, int timeout) {
  struct pollfd entry = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  int count = poll(&entry, 1, timeout);
  say("%s: %d, %#x", label, count, entry.revents);
}

static void watch(const char *path) {
  int fd = MUST(open(path, O_RDONLY)), instance = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLPRI};
  show(path, epoll_ctl(instance, EPOLL_CTL_ADD, fd, &event));
  close(fd), close(instance);
}

static void rename_host(void) {
  char name[65];
  MUST(gethostname(name, sizeof name));
  MUST(sethostname(name, strlen(name)));
}

static void add_mount(void) { MUST(mount("none", "dir", "tmpfs", 0, NULL)); }
static void change_mount(void) { MUST(mount("none", "dir", NULL, MS_REMOUNT | MS_NOSUID, NULL)); }
static void remove_mount(void) { MUST(umount("dir")); }

// What an epoll and a poll that wait are told when `act` is done by another process.
static void wait_for(const char *label, int fd, void (*act)(void)) {
  int instance = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLPRI | EPOLLET};
  MUST(epoll_ctl(instance, EPOLL_CTL_ADD, fd, &event));
  say("%s, before: %d", label, epoll_wait(instance, &event, 1, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    usleep(50000);
    act();
    _exit(0);
  }
  int count = epoll_wait(instance, &event, 1, 5000);
  say("%s: %d, %#x", label, count, count > 0 ? event.events : 0);
  say("%s, told once: %d", label, epoll_wait(instance, &event, 1, 0));
  MUST(waitpid(child, NULL, 0));
  close(instance);
}

int main(void) {
  MUST(mkdir("dir", 0755));
  const char *paths[] = {"/proc/self/mountinfo", "/proc/self/mounts", "/proc/mounts", "/proc/self/mountstats", "/proc/sys/kernel/hostname",
                         "/proc/sys/kernel/domainname", "/proc/sys/kernel/ostype", "/proc/sys/fs/file-max", "/proc/version", "/proc/self/status"};
  for (size_t i = 0; i < COUNT(paths); i++) watch(paths[i]);
  int mounts = MUST(open("/proc/self/mountinfo", O_RDONLY)), host = MUST(open("/proc/sys/kernel/hostname", O_RDONLY));
  look("mounts at rest", mounts, 0);
  add_mount();
  look("one more", mounts, 0);
  look("told once", mounts, 0);
  change_mount();
  look("another option", mounts, 0);
  int late = MUST(open("/proc/self/mounts", O_RDONLY));
  look("opened after it", late, 0);
  remove_mount();
  look("one less", late, 0);
  look("one less, the other file", mounts, 0);
  wait_for("a new mount", mounts, add_mount);
  wait_for("a mount goes", mounts, remove_mount);
  look("host name at rest", host, 0);
  rename_host();
  look("host name set", host, 0);
  look("told once", host, 0);
  wait_for("the host's name", host, rename_host);
  return 0;
}
