// userfaultfd(2): what the calls say to whom, and a thread that fills pages as another one touches them.
// needs: root
#include "../lib/userfault.h"
#include <sys/prctl.h>

static int handler_fd;
static char *watched;

static void say_api(const char *label, uint64_t api, uint64_t features) {
  int fd = MUST(userfault(O_CLOEXEC));
  struct uffdio_api request = {.api = api, .features = features, .ioctls = 77};
  int result = ioctl(fd, UFFDIO_API, &request);
  say("%s: %s, api %#llx, common features %#llx, ioctls %#llx", label, result == -1 ? errno_name(errno) : "0", request.api,
      request.features & (UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_SIGBUS | UFFD_FEATURE_THREAD_ID | UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_EXACT_ADDRESS | FEATURE_POISON | FEATURE_MOVE),
      request.ioctls);
  close(fd);
}

static void handshake(void) {
  CALL(userfault(64));
  CALL(fcntl(MUST(userfault(UFFD_USER_MODE_ONLY | O_NONBLOCK)), F_GETFL) & (O_NONBLOCK | O_ACCMODE));
  say_api("plain", UFFD_API, 0);
  say_api("another api", 0xab, 0);
  say_api("an unknown feature", UFFD_API, 1ull << 40);
  say_api("threads' ids", UFFD_API, UFFD_FEATURE_THREAD_ID);
  int fd = MUST(userfault(O_NONBLOCK));
  struct uffd_msg message;
  struct uffdio_api request = {.api = UFFD_API};
  struct pollfd poller = {fd, POLLIN | POLLOUT, 0};
  CALL(read(fd, &message, sizeof message));
  CALL(watch(fd, NULL, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(ioctl(fd, TCGETS, &message));
  CALL(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  CALL(ioctl(fd, UFFDIO_API, NULL));
  CALL(ioctl(fd, UFFDIO_API, &request));
  CALL(ioctl(fd, UFFDIO_API, &request));
  CALL(read(fd, &message, sizeof message));
  CALL(read(fd, &message, sizeof message - 1));
  CALL(write(fd, &message, sizeof message));
  CALL(lseek(fd, 0, SEEK_SET));
  CALL(ioctl(fd, TCGETS, &message));
  CALL(poll(&poller, 1, 0));
  MUST(fcntl(fd, F_SETFL, 0));
  CALL(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  char link[60] = "";
  char path[40];
  sprintf(path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, link, sizeof link - 1));
  say("%s", link);
  close(fd);
}

static void ranges(void) {
  int fd = userfault_with(O_NONBLOCK, 0), other = userfault_with(0, 0);
  char *area = fresh(8);
  struct uffdio_register request = {.range = {(uintptr_t)area, 4 * PAGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
  CALL(ioctl(fd, UFFDIO_REGISTER, &request));
  say("ioctls %#llx", request.ioctls);
  CALL(watch(fd, area, 4, 0));
  CALL(watch(fd, area, 4, 64));
  CALL(watch(fd, area + 1, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(fd, area, 0, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(fd, NULL, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(fd, (void *)-PAGE, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(other, area, 2, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MINOR));
  CALL(unwatch(other, area, 2));
  CALL(unwatch(fd, area + 1, 1));
  CALL(unwatch(other, area + 4 * PAGE, 2));
  MUST(munmap(area + 6 * PAGE, PAGE));
  CALL(watch(fd, area + 6 * PAGE, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(watch(fd, area + 5 * PAGE, 3, UFFDIO_REGISTER_MODE_MISSING));
  CALL(wake(fd, area, 1));
  CALL(wake(fd, area + 1, 1));
  char page[PAGE] = "content";
  fill("copy", fd, area, page, PAGE, 0);
  fill("again", fd, area, page, PAGE, 0);
  fill("to what nobody watches", fd, area + 4 * PAGE, page, PAGE, 0);
  fill("across the end", fd, area + 3 * PAGE, area, 2 * PAGE, 0);
  fill("to a hole", fd, area + 6 * PAGE, page, PAGE, 0);
  fill("a part of a page", fd, area + PAGE, page, 100, 0);
  fill("to the middle of a page", fd, area + PAGE + 8, page, PAGE, 0);
  fill("nothing", fd, area + PAGE, page, 0, 0);
  fill("unknown mode", fd, area + PAGE, page, PAGE, 64);
  fill("from nowhere", fd, area + PAGE, (void *)PAGE, PAGE, 0);
  fill("with another's descriptor", other, area + PAGE, page, PAGE, 0);
  zero("zero", fd, area + 2 * PAGE, PAGE, 0);
  zero("again", fd, area + 2 * PAGE, PAGE, 0);
  zero("two, one there", fd, area + PAGE, 2 * PAGE, 0);
  zero("unknown mode", fd, area + 3 * PAGE, PAGE, 64);
  say("%s, %d %d %d", area, area[PAGE], area[2 * PAGE], area[4 * PAGE]);
  close(fd), close(other);
  say("behind closed doors: %d", area[3 * PAGE]);
}

static void *serve(void *argument) {
  int count = *(int *)argument;
  char page[PAGE];
  for (int i = 0; i < count; i++) {
    struct uffd_msg message;
    MUST(read(handler_fd, &message, sizeof message));
    say_message("fault", &message, watched);
    memset(page, 'a' + i, PAGE);
    fill(NULL, handler_fd, (void *)(uintptr_t)(message.arg.pagefault.address & -PAGE), page, PAGE, 0);
  }
  return NULL;
}

static pthread_t begin(int fd, char *area, int *count) {
  pthread_t thread;
  handler_fd = fd, watched = area;
  pthread_create(&thread, NULL, serve, count);
  return thread;
}

static void touched(void) {
  int fd = userfault_with(0, 0), count = 3;
  char *area = fresh(4);
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MISSING));
  pthread_t thread = begin(fd, area, &count);
  say("read %c", area[PAGE + 5]);
  volatile char *written = area + 2 * PAGE;
  written[6] = '!';
  say("written %c%c", written[5], written[6]);
  MUST(madvise(area + PAGE, PAGE, MADV_DONTNEED));
  say("dropped, and read %c", area[PAGE]);
  pthread_join(thread, NULL);
  MUST(unwatch(fd, area, 4));
  say("no longer watched: %d", area[3 * PAGE]);
  close(fd);
}

// The kernel touches the pages for calls.
static void in_calls(void) {
  int fd = userfault_with(0, 0), count = 6, ends[2];
  char *area = fresh(8);
  MUST(pipe(ends));
  MUST(watch(fd, area, 8, UFFDIO_REGISTER_MODE_MISSING));
  pthread_t thread = begin(fd, area, &count);
  CALL(write(ends[1], area, 3));
  char text[4] = "";
  MUST(read(ends[0], text, 3));
  say("written %s", text);
  MUST(write(ends[1], "new", 3));
  CALL(read(ends[0], area + PAGE, 8));
  say("read %.4s", area + PAGE);
  struct stat *status = (struct stat *)(area + 2 * PAGE);
  CALL(fstat(ends[0], status));
  say("a pipe: %d", S_ISFIFO(status->st_mode));
  CALL(access(area + 3 * PAGE, F_OK));
  CALL(pipe((int *)(area + 4 * PAGE + 16)));
  int *made = (int *)(area + 4 * PAGE + 16);
  say("next to each other: %d", made[1] == made[0] + 1);
  MUST(write(ends[1], "longer", 6));
  struct iovec parts[] = {{text, 2}, {area + 5 * PAGE, 4}};
  CALL(readv(ends[0], parts, 2));
  say("%.2s and %.5s", text, area + 5 * PAGE);
  pthread_join(thread, NULL);
  close(fd);
  fd = userfault_with(UFFD_USER_MODE_ONLY, 0);
  MUST(watch(fd, area + 6 * PAGE, 2, UFFDIO_REGISTER_MODE_MISSING));
  CALL(write(ends[1], area + 6 * PAGE, 3));
  MUST(write(ends[1], "kept", 4));
  CALL(read(ends[0], area + 6 * PAGE, 4));
  close(fd);
}

static void *touch(void *address) {
  *(volatile char *)address += 1;
  return NULL;
}

static void until_asked(int fd, int times) {
  struct pollfd poller = {fd, POLLIN, 0};
  for (int i = 0; i < times; i++) MUST(poll(&poller, 1, 10000));
}

static void say_info(const char *label, int fd) {
  char path[60], text[400];
  sprintf(path, "/proc/self/fdinfo/%d", fd);
  int info = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(info, text, sizeof text - 1));
  text[length] = 0;
  char *from = strstr(text, "pending");
  say("%s: %s", label, quoted(from, strcspn(from, "A")));
  close(info);
}

static void woken(void) {
  int fd = userfault_with(O_NONBLOCK, UFFD_FEATURE_THREAD_ID);
  char *area = fresh(4), page[PAGE] = "x";
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MISSING));
  pthread_t thread;
  say_info("at first", fd);
  pthread_create(&thread, NULL, touch, area + 8);
  until_asked(fd, 1);
  say_info("one fault", fd);
  struct uffd_msg message;
  MUST(read(fd, &message, sizeof message));
  say_info("asked", fd);
  say("of this thread: %d", message.arg.pagefault.feat.ptid == (uint32_t)getpid());
  CALL(read(fd, &message, sizeof message));
  fill("without waking", fd, area, page, PAGE, UFFDIO_COPY_MODE_DONTWAKE);
  say_info("not woken", fd);
  CALL(wake(fd, area + PAGE, 1));
  CALL(wake(fd, area, 1));
  pthread_join(thread, NULL);
  say_info("woken", fd);
  say("%c%d", area[0], area[8]);
  pthread_create(&thread, NULL, touch, area + PAGE);
  until_asked(fd, 1);
  CALL(wake(fd, area, 4)); // too early: the fault is asked about once more
  until_asked(fd, 1);
  MUST(read(fd, &message, sizeof message));
  say_message("again", &message, area);
  CALL(close(fd));
  pthread_join(thread, NULL);
  say("closed: %d", area[PAGE]);
}

static volatile sig_atomic_t handled;
static void on_signal(int signo) {
  (void)signo;
  handled++;
}

static void interrupted(void) {
  int fd = userfault_with(O_NONBLOCK, UFFD_FEATURE_EXACT_ADDRESS);
  char *area = fresh(1), page[PAGE] = {5};
  MUST(watch(fd, area, 1, UFFDIO_REGISTER_MODE_MISSING));
  signal(SIGUSR1, on_signal);
  pthread_t thread;
  pthread_create(&thread, NULL, touch, area + 100);
  until_asked(fd, 1);
  struct uffd_msg message;
  MUST(read(fd, &message, sizeof message));
  say_message("exact", &message, area);
  pthread_kill(thread, SIGUSR1);
  until_asked(fd, 1);
  MUST(read(fd, &message, sizeof message));
  say_message("after a signal", &message, area);
  say("handled: %d", handled);
  fill("copy", fd, area, page, PAGE, 0);
  pthread_join(thread, NULL);
  say("%d", area[100]);
  close(fd);
  pid_t child = MUST(fork());
  if (child == 0) {
    fd = userfault_with(0, 0);
    area = fresh(1);
    MUST(watch(fd, area, 1, UFFDIO_REGISTER_MODE_MISSING));
    alarm(1);
    area[0] = 1;
    _exit(0);
  }
  show_wait("nobody serves", child);
}

static void other_processes(void) {
  int fd = userfault_with(O_NONBLOCK, 0);
  char *area = fresh(4), page[PAGE] = {7};
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MISSING));
  fill(NULL, fd, area, page, PAGE, 0);
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: %d %d", area[0], area[PAGE]);
    fill("of the parent", fd, area + PAGE, page, PAGE, 0);
    _exit(0);
  }
  show_wait("child", child);
  say("parent: %d", area[PAGE]);
  child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
    int own = userfault_with(O_NONBLOCK, UFFD_FEATURE_SIGBUS);
    char *mine = fresh(2);
    MUST(watch(own, mine, 2, UFFDIO_REGISTER_MODE_MISSING));
    CALL(write(1, mine, 1));
    fill("one", own, mine, page, PAGE, 0);
    say("%d", mine[0]);
    mine[PAGE] = 1;
    _exit(0);
  }
  show_wait("SIGBUS asked for", child);
  child = MUST(fork());
  if (child == 0) _exit(0);
  show_wait("gone", child);
  close(fd);
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  child = MUST(fork());
  if (child == 0) {
    fd = userfault_with(0, 0);
    char byte = 'x', space[CMSG_SPACE(sizeof fd)] = "";
    struct iovec part = {&byte, 1};
    struct msghdr out = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&out);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    area = MUST(mmap((void *)0x10000000, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    MUST(watch(fd, area, 2, UFFDIO_REGISTER_MODE_MISSING));
    MUST(sendmsg(ends[1], &out, 0));
    say("served by the parent: %s", area + PAGE);
    _exit(0);
  }
  char byte, space[CMSG_SPACE(sizeof fd)];
  struct iovec part = {&byte, 1};
  struct msghdr in = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  MUST(recvmsg(ends[0], &in, 0));
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&in)), sizeof fd);
  struct uffd_msg message;
  MUST(read(fd, &message, sizeof message));
  say_message("fault of the child", &message, (char *)0x10000000);
  strcpy(page, "from the parent");
  fill(NULL, fd, (char *)0x10000000 + PAGE, page, PAGE, 0);
  show_wait("child", child);
  fill("to who is gone", fd, (char *)0x10000000, page, PAGE, 0);
  zero("to who is gone", fd, (char *)0x10000000, PAGE, 0);
  CALL(watch(fd, (char *)0x10000000, 1, UFFDIO_REGISTER_MODE_MISSING));
  CALL(wake(fd, (char *)0x10000000, 1));
}

static void unprivileged(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(userfault(0));
    CALL_OK(userfault(UFFD_USER_MODE_ONLY));
    _exit(0);
  }
  show_wait("child", child);
  int device = MUST(open("/dev/userfaultfd", O_RDWR));
  CALL(ioctl(device, 1, 0));
  CALL_OK(ioctl(device, _IO(0xAA, 0), UFFD_USER_MODE_ONLY | O_CLOEXEC));
  CALL(ioctl(device, _IO(0xAA, 0), 64));
}

int main(void) {
  handshake();
  say("-- ranges");
  ranges();
  say("-- touched");
  touched();
  say("-- in calls");
  in_calls();
  say("-- woken");
  woken();
  say("-- interrupted");
  interrupted();
  say("-- processes");
  other_processes();
  say("-- who may");
  unprivileged();
  return 0;
}
