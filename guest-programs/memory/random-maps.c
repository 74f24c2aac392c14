// A thousand random mapping calls on a window of pages, checked against a model of what must lie where.
#include "../lib/faults.h"

enum { PAGE = 4096, PAGES = 48 };

// What the model knows of a page: mapped, its protection, its first byte, and whether a file lies behind it.
static struct { bool mapped, shared; int prot, file_page; unsigned char byte; } model[PAGES];
static unsigned char file_bytes[PAGES];
static uint32_t state = 12345;

static unsigned random_below(unsigned limit) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % limit;
}

static volatile unsigned char *window;

static bool loads(unsigned page, unsigned char *byte) {
  if (sigsetjmp(fault_return, 0)) return false;
  *byte = window[page * PAGE];
  return true;
}

static bool stores(unsigned page, unsigned char byte) {
  if (sigsetjmp(fault_return, 0)) return false;
  window[page * PAGE] = byte;
  return true;
}

static void check(int step) {
  for (unsigned page = 0; page < PAGES; page++) {
    unsigned char byte = 0;
    bool expected = model[page].mapped && (model[page].prot & PROT_READ);
    bool loaded = loads(page, &byte);
    unsigned char wanted = model[page].shared ? file_bytes[model[page].file_page] : model[page].byte;
    if (loaded != expected || (loaded && byte != wanted)) {
      say("step %d, page %u: loads %d instead of %d, byte %d instead of %d", step, page, loaded, expected, byte, wanted);
      _exit(1);
    }
  }
}

int main(void) {
  catch_faults();
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, PAGES * PAGE));
  window = MUST(mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap((void *)window, PAGES * PAGE));
  unsigned counts[8] = {0};
  for (int step = 0; step < 1000; step++) {
    unsigned first = random_below(PAGES), count = 1 + random_below(PAGES - first < 12 ? PAGES - first : 12);
    char *address = (char *)window + first * PAGE;
    static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE};
    int prot = prots[random_below(4)];
    unsigned action = random_below(8);
    counts[action]++;
    if (action <= 1) {
      MUST(mmap(address, count * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
      for (unsigned i = first; i < first + count; i++) model[i] = (typeof(model[0])){true, false, prot, 0, 0};
    } else if (action == 2) {
      MUST(mmap(address, count * PAGE, prot, MAP_SHARED | MAP_FIXED, fd, first * PAGE));
      for (unsigned i = first; i < first + count; i++) model[i] = (typeof(model[0])){true, true, prot, (int)i, 0};
    } else if (action == 3) {
      MUST(munmap(address, count * PAGE));
      for (unsigned i = first; i < first + count; i++) model[i].mapped = false;
    } else if (action == 4) {
      bool whole = true;
      int result = mprotect(address, count * PAGE, prot);
      for (unsigned i = first; i < first + count && whole; i++) {
        if (!model[i].mapped) whole = false;
        else model[i].prot = prot;
      }
      if ((result == 0) != whole) say("step %d: mprotect gives %d", step, result), _exit(1);
    } else if (action == 5) {
      bool whole = true;
      int result = madvise(address, count * PAGE, MADV_DONTNEED);
      for (unsigned i = first; i < first + count; i++) {
        if (!model[i].mapped) whole = false;
        else if (!model[i].shared) model[i].byte = 0;
      }
      if ((result == 0) != whole) say("step %d: madvise gives %d", step, result), _exit(1);
    } else {
      for (unsigned i = first; i < first + count; i++) {
        unsigned char byte = 1 + random_below(255);
        bool expected = model[i].mapped && (model[i].prot & PROT_WRITE);
        if (stores(i, byte) != expected) say("step %d, page %u: a store went wrong", step, i), _exit(1);
        if (!expected) continue;
        if (model[i].shared) file_bytes[model[i].file_page] = byte;
        else model[i].byte = byte;
      }
    }
    if (step % 50 == 7) {
      pid_t child = MUST(fork());
      if (child == 0) {
        check(step);
        _exit(0);
      }
      int status = 0;
      MUST(waitpid(child, &status, 0));
      if (status != 0) say("step %d: the child sees something else", step), _exit(1);
      unsigned char in_file;
      MUST(pread(fd, &in_file, 1, first * PAGE));
      if (in_file != file_bytes[first]) say("step %d: the file has another byte", step), _exit(1);
    }
    check(step);
  }
  say("anonymous %u, shared %u, unmapped %u, protected %u, discarded %u, stored %u", counts[0] + counts[1], counts[2], counts[3],
      counts[4], counts[5], counts[6] + counts[7]);
  return 0;
}
