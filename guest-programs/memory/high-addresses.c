// Addresses above 4 GiB: mapped with MAP_FIXED, read, written, faulting, copied by fork, moved, given to system calls.
// flags: -O1 -pthread -fsigned-char
#include "../lib/faults.h"
#include <linux/futex.h>
#include <pthread.h>

#define MIB (1L << 20)
#define BASE ((char *)0x1555500000) /* no multiple of anything large */
#define OTHER ((char *)0x2000000000)

static const int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static char *map(char *at, size_t length, int prot, int more) {
  return MUST(mmap(at, length, prot, anonymous | MAP_FIXED | more, -1, 0));
}

// The first page above 4 GiB comes in the middle of a loop that has become hot, by a system call.
static void first_touch(void) {
  int fd = MUST(open("/dev/zero", O_RDONLY));
  long sum = 0;
  char low[4];
  for (int i = 0; i < 6000; i++) sum += read(fd, i == 5000 ? OTHER + 20 : low, 1 + i % 4);
  say("first touched by a call: %ld, %d", sum, OTHER[20]);
  MUST(close(fd));
}

static void rules(void) {
  show("NOREPLACE on something", (long)mmap(BASE, 4096, rw, anonymous | MAP_FIXED_NOREPLACE, -1, 0));
  show("not a page", (long)mmap(BASE + 1, 4096, rw, anonymous | MAP_FIXED, -1, 0));
  show("no address", (long)mmap((void *)(1L << 62), 4096, rw, anonymous | MAP_FIXED, -1, 0));
  say("a hint that is no address: %d", mmap((void *)(1L << 62), 4096, rw, anonymous, -1, 0) != MAP_FAILED);
  show("munmap of no address", munmap((void *)(1L << 62), 4096));
  show("mprotect of nothing", mprotect(OTHER + 64 * MIB, 4096, rw));
  char line[256], wanted[64];
  snprintf(wanted, sizeof wanted, "%lx-%lx rw-p", (long)BASE, (long)BASE + 16 * MIB);
  FILE *maps = fopen("/proc/self/maps", "r");
  int found = 0;
  while (fgets(line, sizeof line, maps)) found += strncmp(line, wanted, strlen(wanted)) == 0;
  fclose(maps);
  say("in /proc/self/maps: %d", found);
}

// MiB after MiB, first up and then down, so that neighbours of one area need not be neighbours of memory.
static void fill(void) {
  for (long i = 7; i < 16; i++) BASE[i * MIB] = i;
  for (long i = 15; i >= 0; i--) OTHER[i * MIB + 5] = i;
  for (long i = 6; i >= 0; i--) BASE[i * MIB] = i;
  long sum = 0;
  for (long i = 0; i < 16; i++) sum += BASE[i * MIB] * (i + 1) + OTHER[i * MIB + 5];
  say("sum: %ld", sum);
}

static uint64_t checksum(const char *from, size_t length) {
  uint64_t sum = 14695981039346656037u;
  for (size_t i = 0; i < length; i += 8) sum = (sum ^ *(const uint64_t *)(from + i)) * 1099511628211u;
  return sum;
}

static uint64_t everything(void) {
  return checksum(BASE, 16 * MIB) ^ checksum(OTHER, 16 * MIB) * 3;
}

struct __attribute__((packed)) odd {
  char c;
  uint64_t u;
  double d;
  int16_t h;
};

// Values of all widths over every byte position around each end of a MiB.
static void crossings(void) {
  uint64_t sum = 0;
  for (int round = 0; round < 12; round++) {
    for (long i = 1; i < 16; i++) {
      for (int back = 0; back < 24; back++) {
        volatile struct odd *at = (void *)(BASE + i * MIB - back);
        at->u = 0x0102030405060708u * (round + i);
        at->d = 0.5 * back + round;
        at->h = -back;
        at->c++;
        sum = sum * 31 + at->u + (uint64_t)(at->d * 2) + at->h + at->c;
      }
    }
  }
  say("over the ends: %#lx, %#lx", (long)sum, (long)checksum(BASE, 16 * MIB));
  struct odd copy[3];
  memcpy(copy, BASE + 9 * MIB - 30, sizeof copy);
  memmove(BASE + 3 * MIB - 2000, BASE + 9 * MIB - 2000, 4000);
  say("copied: %d", memcmp(BASE + 3 * MIB - 30, copy, sizeof copy));
  say("string: %zu", strlen(strcpy(OTHER + 4 * MIB - 5, "nine char")));
}

static void atomics(void) {
  uint64_t *counter = (uint64_t *)(BASE + 2 * MIB - 8);
  uint32_t *word = (uint32_t *)(BASE + 2 * MIB);
  *counter = 5;
  *word = 7;
  for (int i = 0; i < 2000; i++) {
    __atomic_fetch_add(counter, 3, __ATOMIC_SEQ_CST);
    __atomic_fetch_xor(word, i, __ATOMIC_RELAXED);
    uint64_t seen = *counter;
    __atomic_compare_exchange_n(counter, &seen, seen ^ 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
  }
  say("atomics: %lu %u", (long)*counter, *word);
}

static void faults(void) {
  map(BASE + 32 * MIB, 4 * 4096, rw, 0);
  char *page = BASE + 32 * MIB;
  memset(page, 1, 4 * 4096);
  MUST(mprotect(page + 4096, 4096, PROT_READ));
  MUST(mprotect(page + 2 * 4096, 4096, PROT_NONE));
  try_read("readable", page + 4096);
  try_write("read-only", page + 4100);
  try_read("no access", page + 2 * 4096 + 3);
  try_read("behind", page + 4 * 4096);
  try_write("before", page - 1);
  try_read("low address of the same low bits", (char *)((uintptr_t)BASE & 0xffffffff));
  MUST(mprotect(page + 2 * 4096, 4096, rw));
  try_read("kept its byte", page + 2 * 4096 + 3);
  MUST(madvise(page, 4096, MADV_DONTNEED));
  try_read("discarded", page);
  unsigned char here[4];
  MUST(mincore(page, 4 * 4096, here));
  say("mincore: %d %d %d", here[1] & 1, here[2] & 1, here[3] & 1);
  MUST(munmap(page, 4 * 4096));
  try_read("unmapped", page);
  map(page, 4096, rw, 0);
  try_read("mapped again", page + 7);
  map(BASE + 48 * MIB - 4096, 4096, rw, 0);
  if (sigsetjmp(fault_return, 1)) say_fault("into what is not there", BASE + 48 * MIB);
  else *(volatile uint64_t *)(BASE + 48 * MIB - 3) = 1;
  try_write("what is there", BASE + 48 * MIB - 3);
}

static void calls(void) {
  int ends[2];
  MUST(pipe(ends));
  char *across = BASE + 5 * MIB - 6;
  strcpy(across, "across the end");
  CALL(write(ends[1], across, 15));
  char *target = OTHER + 9 * MIB - 3;
  CALL(read(ends[0], target, 100));
  say("read: %s", target);
  struct iovec *parts = (void *)(BASE + 6 * MIB - 16);
  parts[0] = (struct iovec){across, 7};
  parts[1] = (struct iovec){target + 7, 8};
  CALL(writev(ends[1], parts, 2));
  memset(across, 0, 32);
  CALL(readv(ends[0], parts, 1));
  say("readv: %s", across);
  CALL(write(ends[1], OTHER + 64 * MIB, 4));
  strcpy(across, "file-over-the-end");
  int fd = CALL(open(across, O_CREAT | O_RDWR, 0600));
  CALL(access("file-over-the-end", F_OK));
  MUST(ftruncate(fd, 3 * MIB));
  CALL(pread(fd, OTHER + 2 * MIB + 100, 3 * MIB, 0));
  struct stat *facts = (void *)(BASE + 7 * MIB - 40);
  MUST(fstat(fd, facts));
  say("fstat: %ld bytes, mode %o", (long)facts->st_size, facts->st_mode);
  memset(facts, 0, sizeof *facts);
  struct timespec *now = (void *)(BASE + 8 * MIB - 8);
  memset(now, -1, sizeof *now);
  MUST(clock_gettime(CLOCK_MONOTONIC, now));
  say("clock: %d", now->tv_sec >= 0 && now->tv_nsec >= 0 && now->tv_nsec < 1000000000);
  memset(now, 0, sizeof *now);
  char *file = MUST(mmap(OTHER + 96 * MIB, 3 * MIB, rw, MAP_SHARED | MAP_FIXED, fd, 0));
  strcpy(file + MIB - 3, "shared");
  char text[8] = {0};
  MUST(pread(fd, text, 7, MIB - 3));
  say("in the file: %s", text);
  MUST(pwrite(fd, "SHARED", 6, MIB - 3));
  say("in the mapping: %s", file + MIB - 3);
}

static void processes(void) {
  char *shared = MUST(mmap(OTHER + 128 * MIB, 2 * MIB, rw, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  uint32_t *futex = (uint32_t *)(shared + MIB - 4);
  uint64_t before = everything();
  pid_t child = MUST(fork());
  if (child == 0) {
    while (__atomic_load_n(futex, __ATOMIC_SEQ_CST) == 0) syscall(SYS_futex, futex, FUTEX_WAIT, 0, NULL, NULL, 0);
    strcpy(shared + MIB, "from the child");
    bool same = everything() == before;
    BASE[3] = 99;
    OTHER[MIB - 1] = 98;
    _exit(same ? 11 : 12);
  }
  *futex = 1;
  syscall(SYS_futex, futex, FUTEX_WAKE, 1, NULL, NULL, 0);
  show_wait("child", child);
  say("shared: %s; mine as before: %d", shared + MIB, everything() == before);
}

static void moves(void) {
  uint64_t before = checksum(BASE, 4 * MIB);
  char *low = mremap(BASE, 4 * MIB, 4 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x50000000);
  say("down: %d, %d", low == (char *)0x50000000, checksum(low, 4 * MIB) == before);
  try_read("where it was", BASE + 10);
  char *up = mremap(low, 4 * MIB, 8 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, OTHER + 512 * MIB + 4096);
  say("up: %d, %d", up == OTHER + 512 * MIB + 4096, checksum(up, 4 * MIB) == before);
  char *further = mremap(up, 8 * MIB, 8 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, OTHER + 1024 * MIB);
  say("further: %d, %d", further == OTHER + 1024 * MIB, checksum(further, 4 * MIB) == before);
  say("in place: %d", mremap(further, 8 * MIB, 9 * MIB, 0) == further);
  try_read("its new end", further + 9 * MIB - 1);
  say("back: %d", mremap(further, 4 * MIB, 4 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, BASE) == BASE);
  say("all there: %d", checksum(BASE, 4 * MIB) == before);
}

// A great reservation costs nothing, and of it a little here and there is used.
static void reservation(void) {
  char *reserved = map((char *)0x2800000000, 64L << 30, PROT_NONE, MAP_NORESERVE);
  try_read("reserved", reserved + (17L << 30));
  long sum = 0;
  for (long i = 0; i < 64; i++) {
    char *part = reserved + (i << 30) + i * 40960;
    MUST(mprotect(part, 2 * 4096, rw));
    *(volatile long *)(part + 4092) = i;
    sum += *(volatile long *)(part + 4092);
  }
  say("used: %ld", sum);
  MUST(munmap(reserved, 64L << 30));
  // all of these places, again and again: they must come back
  for (long round = 0; round < 70; round++) {
    char *again = map((char *)0x2800000000 + round * 512 * MIB, 64 * MIB, rw, 0);
    for (long i = 0; i < 64; i++) sum += ++again[i * MIB];
    MUST(munmap(again, 64 * MIB));
  }
  say("again: %ld", sum);
}

// What the program maps low comes to lie where high addresses were.
static void low_memory(void) {
  uint64_t before = everything();
  char *low = MUST(mmap(NULL, 200 * MIB, rw, anonymous, -1, 0));
  long sum = 0;
  for (long i = 0; i < 200 * MIB; i += 65536) sum += low[i] + low[i + 4097]++;
  say("low memory is empty: %ld, high as before: %d", sum, everything() == before);
  MUST(munmap(low, 200 * MIB));
}

#if __riscv
static const unsigned char code[] = {0x13, 0x05, 0xa0, 0x02, 0x67, 0x80, 0, 0}; // li a0, 42; ret
#else
static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
#endif

static void execution(void) {
  char *page = map(OTHER + 2048 * MIB, 2 * 4096, rw, 0);
  char *function = page + 4096 - 4 - (sizeof code > 6 ? 0 : 2);
  memcpy(function, code, sizeof code);
  MUST(mprotect(page, 2 * 4096, PROT_READ | PROT_EXEC));
  __builtin___clear_cache(page, page + 2 * 4096);
  long sum = 0;
  for (int i = 0; i < 100; i++) sum += ((int (*)(void))function)();
  say("code: %ld", sum);
  MUST(mprotect(page + 4096, 4096, PROT_READ));
  if (sigsetjmp(fault_return, 1)) say("its second page: %s", signal_name(fault_signal));
  else ((int (*)(void))(page + 4096))();
}

static void *in_thread(void *argument) {
  char local[100000];
  memset(local, (int)(long)argument, sizeof local);
  return (void *)(long)((char *)&local > BASE && local[50000] == 5);
}

static void on_user(int number) {
  char here;
  say("%s on a high stack: %d", signal_name(number), &here > BASE);
}

static void stacks(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, map(OTHER + 3072 * MIB, MIB, rw, 0), MIB);
  pthread_t thread;
  void *result;
  pthread_create(&thread, &attributes, in_thread, (void *)5);
  pthread_join(thread, &result);
  say("a thread with a high stack: %ld", (long)result);
  stack_t alternate = {.ss_sp = map(OTHER + 3100 * MIB, 65536, rw, 0), .ss_size = 65536};
  MUST(sigaltstack(&alternate, NULL));
  struct sigaction action = {.sa_handler = on_user, .sa_flags = SA_ONSTACK};
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
}

int main(void) {
  catch_faults();
  map(BASE, 16 * MIB, rw, MAP_FIXED_NOREPLACE);
  map(OTHER, 16 * MIB, rw, 0);
  first_touch();
  rules();
  fill();
  crossings();
  atomics();
  faults();
  calls();
  processes();
  moves();
  reservation();
  low_memory();
  execution();
  stacks();
  say("at the end: %#lx", (long)everything());
  return 0;
}
