// prctl: memory that must not become code, broken memory, merging, the auxiliary vector; personality: READ_IMPLIES_EXEC.
#include "../lib/observe.h"
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

// linux/prctl.h of older systems does not have them
enum { SET_MDWE = 65, GET_MDWE, SET_MERGE, GET_MERGE, GET_AUXV = 0x41555856 };

static char *map(int protection) { return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static void show_protection(const char *label, const char *address) {
  char line[400];
  FILE *maps = fopen("/proc/self/maps", "r");
  unsigned long start;
  char protection[8];
  while (fgets(line, sizeof line, maps) != NULL)
    if (sscanf(line, "%lx-%*x %7s", &start, protection) == 2 && start == (uintptr_t)address) say("%s: %s", label, protection);
  fclose(maps);
}

static void personalities(void) {
  CALL(personality(READ_IMPLIES_EXEC));
  char *page = map(PROT_READ);
  show_protection("mapped readable", page);
  CALL(mprotect(page, 4096, PROT_READ | PROT_WRITE));
  show_protection("made writable", page);
  CALL(mprotect(page, 4096, PROT_NONE));
  show_protection("made nothing", page);
  CALL(personality(0xffffffff) == READ_IMPLIES_EXEC);
  struct utsname name, other;
  MUST(personality(PER_LINUX));
  MUST(uname(&name));
  CALL(personality(PER_LINUX32));
  MUST(uname(&other));
  say("the same machine: %d", strcmp(name.machine, other.machine) == 0);
  CALL(personality(ADDR_NO_RANDOMIZE));
  CALL(personality(0x12345678));
  say("all bits: %#x", personality(PER_LINUX));
}

static void gains(void) {
  char *data = map(PROT_READ | PROT_WRITE), *code = map(PROT_READ | PROT_EXEC);
  CALL(prctl(GET_MDWE, 0, 0, 0, 0));
  CALL(prctl(SET_MDWE, 2, 0, 0, 0));
  CALL(prctl(SET_MDWE, 4, 0, 0, 0));
  CALL(prctl(SET_MDWE, 0, 0, 0, 0));
  CALL(prctl(SET_MDWE, 1, 1, 0, 0));
  CALL(mprotect(data, 4096, PROT_READ | PROT_EXEC));
  CALL(mprotect(data, 4096, PROT_READ | PROT_WRITE));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(prctl(SET_MDWE, 3, 0, 0, 0));
    CALL(prctl(GET_MDWE, 0, 0, 0, 0));
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) _exit(prctl(GET_MDWE, 0, 0, 0, 0));
    show_wait("not inherited", grandchild);
    _exit(0);
  }
  show_wait("child", child);
  CALL(prctl(SET_MDWE, 1, 0, 0, 0));
  CALL(prctl(SET_MDWE, 0, 0, 0, 0));
  CALL(prctl(SET_MDWE, 3, 0, 0, 0));
  CALL(prctl(SET_MDWE, 1, 0, 0, 0));
  CALL(mprotect(data, 4096, PROT_READ | PROT_EXEC));
  CALL(mprotect(code, 4096, PROT_READ | PROT_EXEC));
  CALL(mprotect(code, 4096, PROT_READ));
  CALL(mprotect(code, 4096, PROT_READ | PROT_EXEC));
  CALL(mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
  CALL(map(PROT_WRITE | PROT_EXEC) == MAP_FAILED);
  CALL(map(PROT_READ | PROT_EXEC) == MAP_FAILED);
  child = MUST(fork());
  if (child == 0) _exit(prctl(GET_MDWE, 0, 0, 0, 0));
  show_wait("inherited", child);
}

static void kept(void) {
  CALL(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
  CALL(prctl(PR_MCE_KILL, 1, 1, 0, 0));
  CALL(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
  CALL(prctl(PR_MCE_KILL, 1, 3, 0, 0));
  CALL(prctl(PR_MCE_KILL, 2, 0, 0, 0));
  CALL(prctl(PR_MCE_KILL, 0, 1, 0, 0));
  CALL(prctl(PR_MCE_KILL, 1, 1, 1, 0));
  CALL(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0));
  CALL(prctl(PR_MCE_KILL, 0, 0, 0, 0));
  CALL(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
  CALL(prctl(SET_MERGE, 2, 0, 0, 0));
  CALL(prctl(GET_MERGE, 0, 0, 0, 0));
  CALL(prctl(SET_MERGE, 0, 1, 0, 0));
  CALL(prctl(GET_MERGE, 1, 0, 0, 0));
  CALL(prctl(SET_MERGE, 0, 0, 0, 0));
  char vector[400];
  say("auxiliary vector: %d", prctl(GET_AUXV, vector, sizeof vector, 0, 0) > 100);
  say("its length alone: %d", prctl(GET_AUXV, vector, 0, 0, 0) > 100);
  CALL(prctl(GET_AUXV, vector, sizeof vector, 1, 0));
  CALL(prctl(GET_AUXV, 8, sizeof vector, 0, 0));
}

int main(void) {
  personalities();
  kept();
  gains();
}
