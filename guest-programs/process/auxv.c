// The auxiliary vector and what lies around it on the first stack page. getauxval(3).
#include "../lib/observe.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

int main(int argc, char **argv) {
  (void)argc;
  say("AT_PAGESZ: %lu", getauxval(AT_PAGESZ));
  say("AT_CLKTCK: %lu", getauxval(AT_CLKTCK));
  say("AT_PHENT: %lu", getauxval(AT_PHENT));
  say("AT_PHNUM sensible: %d", getauxval(AT_PHNUM) > 2 && getauxval(AT_PHNUM) < 40);
  const ElfW(Phdr) *headers = (void *)getauxval(AT_PHDR);
  bool has_load = false;
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) has_load |= headers[i].p_type == PT_LOAD;
  say("AT_PHDR shows a PT_LOAD: %d", has_load);
  say("AT_ENTRY set: %d", getauxval(AT_ENTRY) != 0);
  say("AT_UID: %d, AT_EUID: %d, AT_GID: %d, AT_EGID: %d", getauxval(AT_UID) == getuid(), getauxval(AT_EUID) == geteuid(),
      getauxval(AT_GID) == getgid(), getauxval(AT_EGID) == getegid());
  say("AT_SECURE: %lu", getauxval(AT_SECURE));
  const unsigned char *random = (void *)getauxval(AT_RANDOM);
  int sum = 0;
  for (int i = 0; i < 16; i++) sum |= random[i];
  say("AT_RANDOM not all zero: %d", sum != 0);
  const char *name = (void *)getauxval(AT_EXECFN);
  say("AT_EXECFN ends in the name: %d", strcmp(name + strlen(name) - 4, "auxv") == 0);
  say("AT_EXECFN above argv strings: %d", (uintptr_t)name > (uintptr_t)argv[0]);
  say("argv array aligned: %d", (uintptr_t)argv % 8 == 0);
  say("AT_MINSIGSTKSZ within the page: %d", getauxval(AT_MINSIGSTKSZ) < 65536);
  return 0;
}
