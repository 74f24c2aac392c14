// /dev/mqueue, and mq_notify with SIGEV_THREAD: the kernel's side of it is a message on a netlink socket (mq_notify(2)).
// needs: root
#include "../lib/observe.h"
#include <dirent.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/vfs.h>

static sem_t called;
static void in_thread(union sigval value) {
  say("in a thread: %d", value.sival_int);
  sem_post(&called);
}

static void list(const char *directory) {
  DIR *stream = opendir(directory);
  if (stream == NULL) {
    show("opendir", -1);
    return;
  }
  int others = 0;
  char names[8][260];
  int count = 0;
  for (struct dirent *entry; (entry = readdir(stream));) {
    if (strncmp(entry->d_name, "guest", 5) == 0 && count < 8) snprintf(names[count++], sizeof names[0], "%s", entry->d_name);
    else others += entry->d_name[0] != '.';
  }
  closedir(stream);
  qsort(names, count, sizeof names[0], (int (*)(const void *, const void *))strcmp);
  for (int i = 0; i < count; i++) say("  %s", names[i]);
  say("  %d of ours", count);
}

static void content(const char *path) {
  char text[256] = "";
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    show(path, -1);
    return;
  }
  MUST(read(fd, text, sizeof text - 1));
  char *pid = strstr(text, "NOTIFY_PID:");
  say("%s: %s...", path, quoted(text, pid ? (size_t)(pid - text) : strlen(text)));
  close(fd);
}

static long notify(mqd_t queue, int how, int number, void *cookie) {
  struct sigevent event = {.sigev_notify = how, .sigev_signo = number, .sigev_value.sival_ptr = cookie};
  return syscall(SYS_mq_notify, queue, &event);
}

static void received(const char *label, int socket) {
  unsigned char data[64];
  struct sockaddr_nl from;
  socklen_t size = sizeof from;
  ssize_t length = recvfrom(socket, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
  if (length < 0) show(label, -1);
  else say("%s: %zd bytes, %s, then %d, from port %u", label, length, quoted(data, 6), data[31], from.nl_pid);
}

int main(void) {
  struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 64};
  mq_unlink("/guest-one");
  mqd_t queue = MUST(mq_open("/guest-one", O_CREAT | O_RDWR | O_EXCL, 0640, &attributes));
  MUST(mkdir("q", 0755));
  MUST(chmod(".", 0755));
  CALL(mount("none", "q", "mqueue", 0, NULL));
  struct statfs fs;
  CALL(statfs("q", &fs));
  say("type %#lx", (long)fs.f_type);
  struct stat of;
  CALL(stat("q", &of));
  say("mode %o, size %ld", of.st_mode, (long)of.st_size);
  list("q");
  CALL(stat("q/guest-one", &of));
  say("mode %o, size %ld, links %ld", of.st_mode, (long)of.st_size, (long)of.st_nlink);
  struct stat open_one;
  CALL(fstat(queue, &open_one));
  say("the same: %d", open_one.st_ino == of.st_ino && open_one.st_dev == of.st_dev);
  char target[64] = "", path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", queue);
  CALL(readlink(path, target, sizeof target - 1));
  say("link: %s", target);
  content("q/guest-one");
  MUST(mq_send(queue, "hello", 5, 1));
  content("q/guest-one");
  int fd = CALL_OK(open("q/guest-one", O_RDWR));
  char text[64];
  CALL(mq_receive(fd, text, sizeof text, NULL));
  CALL(write(fd, "x", 1));
  MUST(close(fd));

  fd = CALL_OK(open("q/guest-two", O_CREAT | O_RDWR, 0600));
  CALL(mq_getattr(fd, &attributes));
  say("defaults: %ld of %ld", attributes.mq_maxmsg, attributes.mq_msgsize);
  list("q");
  mqd_t second = CALL_OK(mq_open("/guest-two", O_RDWR));
  CALL(mq_send(second, "x", 1, 0));
  CALL(mq_getattr(fd, &attributes));
  say("one message: %ld", attributes.mq_curmsgs);
  CALL(mkdir("q/directory", 0755));
  CALL(symlink("x", "q/link"));
  CALL(link("q/guest-two", "q/guest-three"));
  CALL(rename("q/guest-two", "q/guest-three"));
  CALL(mkfifo("q/fifo", 0600));
  CALL(chmod("q/guest-two", 0600));
  CALL(unlink("q/guest-two"));
  CALL(unlink("q/guest-two"));
  CALL(mq_unlink("/guest-two"));
  list("q");

  MUST(close(fd));
  MUST(close(second));

  say("# a cookie by netlink");
  int socket_fd = MUST(socket(AF_NETLINK, SOCK_RAW, 0)), unix_fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  char cookie[32] = "cookie.........................";
  CALL(notify(queue, SIGEV_THREAD, -1, cookie));
  CALL(notify(queue, SIGEV_THREAD, 1, cookie));
  CALL(notify(queue, SIGEV_THREAD, unix_fd, cookie));
  CALL(notify(queue, SIGEV_THREAD, socket_fd, NULL));
  CALL(notify(99, SIGEV_THREAD, socket_fd, cookie));
  CALL(notify(queue, SIGEV_THREAD, socket_fd, cookie));
  CALL(notify(queue, SIGEV_THREAD, socket_fd, cookie));
  CALL(notify(queue, SIGEV_NONE, 0, NULL));
  content("q/guest-one");
  received("that closed a descriptor of it", socket_fd);
  CALL(notify(queue, SIGEV_THREAD, socket_fd, cookie));
  received("nothing yet", socket_fd);
  MUST(mq_send(queue, "x", 1, 0));
  received("a message came", socket_fd);
  MUST(mq_send(queue, "x", 1, 0));
  received("only once", socket_fd);
  CALL(notify(queue, SIGEV_THREAD, socket_fd, cookie));
  MUST(syscall(SYS_mq_notify, queue, NULL));
  received("taken back", socket_fd);
  CALL(notify(queue, SIGEV_THREAD, socket_fd, cookie));
  mqd_t other = MUST(mq_open("/guest-one", O_RDWR));
  MUST(mq_close(other));
  received("a descriptor closed", socket_fd);
  CALL(notify(queue, SIGEV_NONE, 0, NULL));
  CALL(syscall(SYS_mq_notify, queue, NULL));
  while (mq_getattr(queue, &attributes) == 0 && attributes.mq_curmsgs > 0) MUST(mq_receive(queue, text, sizeof text, NULL));

  say("# the C library's threads");
  MUST(sem_init(&called, 0, 0));
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread, .sigev_value.sival_int = 42};
  CALL(mq_notify(queue, &event));
  MUST(mq_send(queue, "x", 1, 0));
  while (sem_wait(&called) == -1) continue;
  CALL(mq_notify(queue, &event));
  CALL(mq_notify(queue, NULL));
  CALL(mq_unlink("/guest-one"));
  memset(target, 0, sizeof target);
  CALL(readlink(path, target, sizeof target - 1));
  say("link: %s", target);
  list("q");
  CALL(umount("q"));
  list("q");
  return 0;
}
