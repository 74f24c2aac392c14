// Reading core files: notes by type, and memory by address.
#pragma once
#include "observe.h"
#include <elf.h>
#include <sys/procfs.h>

struct core {
  char *bytes;
  size_t size;
};

// The file's bytes; size 0 when it cannot be read.
static struct core read_core(const char *path) {
  struct core core = {0};
  int fd = open(path, O_RDONLY);
  struct stat is;
  if (fd < 0 || fstat(fd, &is) != 0) return core;
  core.bytes = MUST(malloc(is.st_size + 1));
  ssize_t got;
  while (core.size < (size_t)is.st_size && (got = read(fd, core.bytes + core.size, is.st_size - core.size)) > 0)
    core.size += got;
  close(fd);
  return core;
}

MAYBE_UNUSED static void free_core(struct core *core) {
  free(core->bytes);
  core->bytes = NULL;
}

static Elf64_Phdr *segments_of(const struct core *core) {
  return (Elf64_Phdr *)(core->bytes + ((Elf64_Ehdr *)core->bytes)->e_phoff);
}

// Bytes that the file should have.
static size_t end_of(const struct core *core) {
  Elf64_Phdr *segments = segments_of(core);
  size_t end = 0;
  for (int i = 0; i < ((Elf64_Ehdr *)core->bytes)->e_phnum; i++)
    if (segments[i].p_offset + segments[i].p_filesz > end) end = segments[i].p_offset + segments[i].p_filesz;
  return end;
}

// The segment that has `address`, or NULL.
static Elf64_Phdr *segment_at(const struct core *core, const void *address) {
  Elf64_Phdr *segments = segments_of(core);
  for (int i = 0; i < ((Elf64_Ehdr *)core->bytes)->e_phnum; i++) {
    uintptr_t offset = (uintptr_t)address - segments[i].p_vaddr;
    if (segments[i].p_type == PT_LOAD && offset < segments[i].p_memsz) return &segments[i];
  }
  return NULL;
}

// Where the file has the byte at `address`; NULL when it does not.
MAYBE_UNUSED static char *memory_in(const struct core *core, const void *address) {
  Elf64_Phdr *segment = segment_at(core, address);
  if (!segment) return NULL;
  uintptr_t offset = (uintptr_t)address - segment->p_vaddr;
  return offset < segment->p_filesz ? core->bytes + segment->p_offset + offset : NULL;
}

// Calls `each` with the type, owner and content of every note.
MAYBE_UNUSED static void for_each_note(const struct core *core, void (*each)(const Elf64_Nhdr *, const char *, const char *)) {
  Elf64_Phdr *notes = segments_of(core);
  if (notes->p_type != PT_NOTE) return;
  size_t at = notes->p_offset, end = at + notes->p_filesz;
  while (at + sizeof(Elf64_Nhdr) <= end) {
    const Elf64_Nhdr *note = (const Elf64_Nhdr *)(core->bytes + at);
    const char *owner = (const char *)(note + 1);
    const char *content = owner + ((note->n_namesz + 3) & ~3u);
    each(note, owner, content);
    at = content + ((note->n_descsz + 3) & ~3u) - core->bytes;
  }
}
