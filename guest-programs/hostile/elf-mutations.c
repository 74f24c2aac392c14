// Executes a tiny riscv64 program cut at every offset and with every header byte damaged: each must be refused or end.
// skip-native: the program is for riscv64
#include "../lib/observe.h"
#include <elf.h>

static struct {
  Elf64_Ehdr header;
  Elf64_Phdr segment;
  uint32_t code[3];
} program = {
    .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_EXEC, .e_machine = EM_RISCV,
               .e_version = EV_CURRENT, .e_entry = 0x10000 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
               .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1},
    .segment = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x10000, .p_paddr = 0x10000,
                .p_filesz = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 12, .p_memsz = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 12,
                .p_align = 4096},
    .code = {0x00700513, 0x05d00893, 0x00000073}, // li a0, 7; li a7, 93 (exit); ecall
};
enum { SIZE = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 12 };

static int ended, refused, ran;

static void try(const void *bytes, size_t size) {
  int fd = MUST(open("variant", O_CREAT | O_WRONLY | O_TRUNC, 0700));
  MUST(write(fd, bytes, size));
  close(fd);
  pid_t child = MUST(fork());
  if (child == 0) {
    char *arguments[] = {"variant", NULL};
    alarm(2);
    execve("variant", arguments, NULL);
    _exit(errno == ENOEXEC || errno == EINVAL || errno == ENOMEM || errno == EACCES || errno == EFAULT || errno == EIO ? 100 : 101);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  ended++;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 100) refused++;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 7) ran++;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 101) say("an unexpected errno at size %zu", size);
}

int main(void) {
  try(&program, SIZE);
  say("whole: ran %d", ran);
  for (size_t size = 0; size < SIZE; size++) try(&program, size);
  say("cut anywhere: ended %d", ended);
  say("cut within the headers: refused at least %d", refused >= 120 ? 120 : refused);
  static const unsigned char damage[] = {0, 1, 0x7f, 0x80, 0xff};
  for (size_t at = 0; at < sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr); at++) {
    for (size_t i = 0; i < COUNT(damage); i++) {
      unsigned char copy[SIZE];
      memcpy(copy, &program, SIZE);
      copy[at] = damage[i];
      try(copy, SIZE);
    }
  }
  say("damaged anywhere: ended %d", ended);
  return 0;
}
