// userfaultfd(2) by its calls, with what the headers of today's libraries lack, and a thread that serves faults.
#pragma once
#include "observe.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

#define PAGE 4096
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#define FEATURE_POISON (1ull << 14)
#define FEATURE_MOVE (1ull << 16)
#define UFFD_POISON 0x08
struct poison { struct uffdio_range range; uint64_t mode; int64_t updated; };
#define DO_POISON _IOWR(UFFDIO, UFFD_POISON, struct poison)
struct move { uint64_t dst, src, len, mode; int64_t move; };
#define DO_MOVE _IOWR(UFFDIO, 0x05, struct move)
#define MOVE_ALLOW_SRC_HOLES 2

MAYBE_UNUSED static int userfault(int flags) {
  return syscall(SYS_userfaultfd, flags);
}

// A descriptor whose features are these.
MAYBE_UNUSED static int userfault_with(int flags, uint64_t features) {
  int fd = MUST(userfault(flags));
  struct uffdio_api api = {.api = UFFD_API, .features = features};
  MUST(ioctl(fd, UFFDIO_API, &api));
  return fd;
}

MAYBE_UNUSED static char *fresh(int pages) {
  return MUST(mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

MAYBE_UNUSED static int watch(int fd, void *start, int pages, uint64_t mode) {
  struct uffdio_register area = {.range = {(uintptr_t)start, (uint64_t)pages * PAGE}, .mode = mode};
  return ioctl(fd, UFFDIO_REGISTER, &area);
}

MAYBE_UNUSED static int unwatch(int fd, void *start, int pages) {
  struct uffdio_range range = {(uintptr_t)start, (uint64_t)pages * PAGE};
  return ioctl(fd, UFFDIO_UNREGISTER, &range);
}

MAYBE_UNUSED static int wake(int fd, void *start, int pages) {
  struct uffdio_range range = {(uintptr_t)start, (uint64_t)pages * PAGE};
  return ioctl(fd, UFFDIO_WAKE, &range);
}

// What a call that fills pages gave, and how many bytes it says it did: "0, 4096".
#define SHOW_DONE(label, call, done)                                                                              \
  do {                                                                                                            \
    long result_ = (call);                                                                                        \
    int error_ = errno;                                                                                           \
    if ((done) < 0) say("%s: %s, %s", label, result_ == -1 ? errno_name(error_) : "0", errno_name(-(int)(done))); \
    else say("%s: %s, %lld", label, result_ == -1 ? errno_name(error_) : "0", (long long)(done));                  \
  } while (0)

MAYBE_UNUSED static int fill(const char *label, int fd, void *to, const void *from, size_t length, uint64_t mode) {
  struct uffdio_copy copy = {.dst = (uintptr_t)to, .src = (uintptr_t)from, .len = length, .mode = mode};
  int result = ioctl(fd, UFFDIO_COPY, &copy);
  if (label) SHOW_DONE(label, result, copy.copy);
  return result;
}

MAYBE_UNUSED static int zero(const char *label, int fd, void *to, size_t length, uint64_t mode) {
  struct uffdio_zeropage page = {.range = {(uintptr_t)to, length}, .mode = mode};
  int result = ioctl(fd, UFFDIO_ZEROPAGE, &page);
  if (label) SHOW_DONE(label, result, page.zeropage);
  return result;
}

MAYBE_UNUSED static void say_message(const char *label, const struct uffd_msg *message, const char *base) {
  say("%s: event %#x, flags %llu, at %lld", label, message->event, message->arg.pagefault.flags,
      (long long)(message->arg.pagefault.address - (uintptr_t)base));
}
