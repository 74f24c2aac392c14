// userfaultfd(2): pages of shared memory, that are known and not mapped, poisoned, and moved from place to place.
// needs: root
#include "../lib/userfault.h"

static struct uffd_msg next(int fd) {
  struct pollfd poller = {fd, POLLIN, 0};
  struct uffd_msg message;
  MUST(poll(&poller, 1, 10000));
  MUST(read(fd, &message, sizeof message));
  return message;
}

static char *volatile where;
static volatile int seen;
static void *look(void *unused) {
  (void)unused;
  seen = *(volatile char *)where;
  return NULL;
}

static pthread_t look_at(char *address) {
  pthread_t thread;
  where = address;
  pthread_create(&thread, NULL, look, NULL);
  return thread;
}

static void known(const char *label, int fd, void *to, size_t length, uint64_t mode) {
  struct uffdio_continue page = {.range = {(uintptr_t)to, length}, .mode = mode};
  int result = ioctl(fd, UFFDIO_CONTINUE, &page);
  SHOW_DONE(label, result, page.mapped);
}

static void shared(bool is_file) {
  int fd = userfault_with(O_NONBLOCK, UFFD_FEATURE_MISSING_SHMEM), file = MUST(memfd_create("shared", 0));
  MUST(ftruncate(file, 4 * PAGE));
  char *area = MUST(mmap(NULL, 6 * PAGE, PROT_READ | PROT_WRITE, is_file ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, is_file ? file : -1, 0));
  struct uffdio_register request = {.range = {(uintptr_t)area, 6 * PAGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
  CALL(ioctl(fd, UFFDIO_REGISTER, &request));
  say("ioctls %#llx", request.ioctls);
  char page[PAGE] = "page";
  pthread_t thread = look_at(area + PAGE);
  struct uffd_msg message = next(fd);
  say_message("missing", &message, area);
  fill("copy", fd, area + PAGE, page, PAGE, 0);
  pthread_join(thread, NULL);
  say("seen %c", seen);
  fill("again", fd, area + PAGE, page, PAGE, 0);
  zero("zero", fd, area, PAGE, 0);
  zero("two", fd, area, 2 * PAGE, 0);
  if (is_file) {
    char text[5] = "";
    MUST(pread(file, text, 4, PAGE));
    say("in the file: %s", text);
    MUST(pwrite(file, "written", 7, 2 * PAGE));
    say("not missing: %s", area + 2 * PAGE);
    fill("it is there", fd, area + 2 * PAGE, page, PAGE, 0);
    fill("behind the end", fd, area + 4 * PAGE, page, PAGE, 0);
    fill("across the end", fd, area + 3 * PAGE, area, 2 * PAGE, 0);
    struct stat status;
    MUST(fstat(file, &status));
    say("size %ld, blocks %ld", status.st_size, status.st_blocks);
  }
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: %.4s %d", area + PAGE, area[0]);
    strcpy(area, "of the child");
    _exit(0);
  }
  show_wait("child", child);
  say("%s", area);
  close(fd), close(file);
}

static void minor(void) {
  int fd = userfault_with(O_NONBLOCK, UFFD_FEATURE_MINOR_SHMEM), file = MUST(memfd_create("shared", 0));
  MUST(ftruncate(file, 4 * PAGE));
  char *area = MUST(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  char *other = MUST(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  struct uffdio_register request = {.range = {(uintptr_t)area, 4 * PAGE}, .mode = UFFDIO_REGISTER_MODE_MINOR};
  CALL(ioctl(fd, UFFDIO_REGISTER, &request));
  say("continue: %d", (request.ioctls >> 7 & 1) != 0);
  strcpy(other + PAGE, "first");
  pthread_t thread = look_at(area + PAGE);
  struct uffd_msg message = next(fd);
  say_message("known", &message, area);
  strcpy(other + PAGE, "second");
  known("unknown mode", fd, area + PAGE, PAGE, 64);
  known("not known", fd, area, PAGE, 0);
  known("continue", fd, area + PAGE, PAGE, 0);
  pthread_join(thread, NULL);
  say("seen %c, %s", seen, area + PAGE);
  known("again", fd, area + PAGE, PAGE, 0);
  say("what nobody had: %d", area[2 * PAGE]);
  close(fd);
  fd = userfault_with(O_NONBLOCK, UFFD_FEATURE_MINOR_SHMEM);
  MUST(madvise(area, 4 * PAGE, MADV_DONTNEED));
  MUST(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE));
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MINOR | UFFDIO_REGISTER_MODE_MISSING));
  strcpy(other + 3 * PAGE, "third");
  thread = look_at(area + 3 * PAGE);
  message = next(fd);
  say_message("known", &message, area);
  known("continue", fd, area + 3 * PAGE, PAGE, 0);
  pthread_join(thread, NULL);
  thread = look_at(area + PAGE);
  message = next(fd);
  say_message("missing", &message, area);
  zero("zero", fd, area + PAGE, PAGE, 0);
  pthread_join(thread, NULL);
  say("seen %d", seen);
  char *mine = fresh(1);
  MUST(watch(fd, mine, 1, UFFDIO_REGISTER_MODE_MISSING));
  known("private", fd, mine, PAGE, 0);
  close(fd), close(file);
}

static void do_poison(const char *label, int fd, char *at, size_t length, uint64_t mode) {
  struct poison request = {.range = {(uintptr_t)at, length}, .mode = mode};
  int result = ioctl(fd, DO_POISON, &request);
  SHOW_DONE(label, result, request.updated);
}

static void poisoned(void) {
  int fd = userfault_with(O_NONBLOCK, FEATURE_POISON);
  char *area = fresh(4), page[PAGE] = "x";
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MISSING));
  fill(NULL, fd, area, page, PAGE, 0);
  do_poison("a page that is there", fd, area, PAGE, 0);
  do_poison("poison", fd, area + PAGE, PAGE, 0);
  do_poison("again", fd, area + PAGE, PAGE, 0);
  do_poison("unknown mode", fd, area + 2 * PAGE, PAGE, 64);
  zero("zero there", fd, area + PAGE, PAGE, 0);
  CALL(write(1, area + PAGE, 1));
  for (int write = 0; write < 2; write++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      if (write) *(volatile char *)(area + PAGE) = 1;
      else seen = *(volatile char *)(area + PAGE);
      _exit(0);
    }
    show_wait(write ? "write" : "read", child);
  }
  fill("copy there", fd, area + PAGE, page, PAGE, 0);
  say("%s", area + PAGE);
  do_poison("another", fd, area + 2 * PAGE, PAGE, 0);
  CALL(madvise(area + 2 * PAGE, PAGE, MADV_DONTNEED));
  zero("which it takes away", fd, area + 2 * PAGE, PAGE, 0);
  do_poison("in its place", fd, area + 3 * PAGE, PAGE, 0);
  CALL(write(1, area + 3 * PAGE, 1));
  MUST(munmap(area + 3 * PAGE, PAGE));
  MUST(mmap(area + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  say("mapped anew: %d", area[3 * PAGE]);
  CALL(madvise(area + PAGE, PAGE, MADV_DONTNEED));
  do_poison("once more", fd, area + PAGE, PAGE, 0);
  CALL(madvise(area + PAGE, PAGE, MADV_FREE));
  zero("taken away as well", fd, area + PAGE, PAGE, 0);
  close(fd);
}

static void do_move(const char *label, int fd, char *to, char *from, size_t length, uint64_t mode) {
  struct move request = {(uintptr_t)to, (uintptr_t)from, length, mode, 0};
  int result = ioctl(fd, DO_MOVE, &request);
  SHOW_DONE(label, result, request.move);
}

static void moved(void) {
  int fd = userfault_with(O_NONBLOCK, FEATURE_MOVE);
  char *from = fresh(8), *to = fresh(8), *unwatched = fresh(1);
  MUST(watch(fd, to, 8, UFFDIO_REGISTER_MODE_MISSING));
  for (int i = 0; i < 8; i++)
    sprintf(from + i * PAGE, "page %d", i);
  MUST(madvise(from + 4 * PAGE, PAGE, MADV_DONTNEED));
  do_move("one", fd, to, from, PAGE, 0);
  say("%s, %d", to, from[0]);
  do_move("to what is there", fd, to, from + PAGE, PAGE, 0);
  do_move("three, one of which is not there", fd, to + 3 * PAGE, from + 3 * PAGE, 3 * PAGE, 0);
  do_move("what is not there", fd, to + 4 * PAGE, from + 4 * PAGE, PAGE, 0);
  do_move("holes", fd, to + 4 * PAGE, from + 4 * PAGE, 2 * PAGE, MOVE_ALLOW_SRC_HOLES);
  say("%s, %s", to + 3 * PAGE, to + 5 * PAGE);
  do_move("to what nobody watches", fd, unwatched, from + 6 * PAGE, PAGE, 0);
  do_move("unknown mode", fd, to + 6 * PAGE, from + 6 * PAGE, PAGE, 64);
  do_move("to the middle", fd, to + 6 * PAGE + 1, from + 6 * PAGE, PAGE, 0);
  do_move("nothing", fd, to + 6 * PAGE, from + 6 * PAGE, 0, 0);
  MUST(mprotect(from + 7 * PAGE, PAGE, PROT_READ));
  do_move("what is not written", fd, to + 7 * PAGE, from + 7 * PAGE, PAGE, 0);
  pthread_t thread = look_at(to + 6 * PAGE);
  struct uffd_msg message = next(fd);
  say_message("missing", &message, to);
  do_move("for who waits", fd, to + 6 * PAGE, from + 6 * PAGE, PAGE, 0);
  pthread_join(thread, NULL);
  say("seen %c", seen);
  close(fd);
}

static void lost(void) {
  int fd = userfault_with(O_NONBLOCK, 0);
  char *area = fresh(4);
  MUST(watch(fd, area, 4, UFFDIO_REGISTER_MODE_MISSING));
  char *target = fresh(8);
  char *moved = MUST(mremap(area, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target));
  say("moved: %d", moved[0]);
  fill("where it was", fd, area, moved, PAGE, 0);
  fill("what was left", fd, area + 2 * PAGE, moved, PAGE, 0);
  MUST(mprotect(area + 3 * PAGE, PAGE, PROT_NONE));
  fill("not accessible", fd, area + 3 * PAGE, moved, PAGE, 0);
  MUST(mprotect(area + 3 * PAGE, PAGE, PROT_READ));
  say("%d", area[3 * PAGE]);
  MUST(munmap(area + 2 * PAGE, 2 * PAGE));
  fill("unmapped", fd, area + 2 * PAGE, moved, PAGE, 0);
  // in /proc
  MUST(watch(fd, target + 4 * PAGE, 2, UFFDIO_REGISTER_MODE_MISSING));
  FILE *maps = fopen("/proc/self/smaps", "r");
  char line[400];
  bool isThere = false;
  while (fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2) isThere = start == (uintptr_t)target + 4 * PAGE;
    if (isThere && strncmp(line, "VmFlags", 7) == 0) say("watched: %d", strstr(line, " um") != NULL);
  }
  fclose(maps);
  close(fd);
}

int main(void) {
  say("-- shared memory");
  shared(false);
  say("-- a memfd");
  shared(true);
  say("-- known pages");
  minor();
  say("-- poison");
  poisoned();
  say("-- moved");
  moved();
  say("-- lost");
  lost();
  return 0;
}
