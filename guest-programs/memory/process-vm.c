// process_vm_readv and process_vm_writev: between parent and child, partial transfers, errors.
// needs: root
#include "../lib/faults.h"

enum { PAGE = 4096 };

int main(void) {
  const int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  char *pages = MUST(mmap(NULL, 3 * PAGE, rw, anonymous, -1, 0));
  strcpy(pages, "parent");
  int up[2], down[2];
  MUST(pipe(up));
  MUST(pipe(down));
  pid_t child = MUST(fork());
  if (child == 0) {
    char token;
    strcpy(pages, "child's text");
    MUST(munmap(pages + 2 * PAGE, PAGE));
    MUST(write(up[1], "x", 1));
    MUST(read(down[0], &token, 1));
    say("child sees: %s, %s", pages, pages + PAGE - 3);
    _exit(0);
  }
  char token, buffer[2 * PAGE] = "";
  MUST(read(up[0], &token, 1));
  struct iovec local[2] = {{buffer, 5}, {buffer + 100, 50}}, remote[2] = {{pages, 12}, {pages + 2 * PAGE, 10}};
  show("read", process_vm_readv(child, local, 2, remote, 1, 0));
  say("got: %s %s, ours: %s", quoted(buffer, 5), quoted(buffer + 100, 7), pages);
  show("second part not mapped", process_vm_readv(child, local, 2, remote, 2, 0));
  show("nothing mapped", process_vm_readv(child, local, 2, remote + 1, 1, 0));
  struct iovec text = {"written from outside", 21}, there = {pages, 21}, across = {pages + PAGE - 3, 21};
  show("write", process_vm_writev(child, &text, 1, &there, 1, 0));
  show("write across pages", process_vm_writev(child, &text, 1, &across, 1, 0));
  show("flags", process_vm_readv(child, local, 1, remote, 1, 1));
  show("too many parts", process_vm_readv(child, local, 1025, remote, 1, 0));
  show("no parts", process_vm_readv(child, local, 0, remote, 0, 0));
  struct iovec bad = {(void *)8, 5};
  show("bad local buffer", process_vm_readv(child, &bad, 1, remote, 1, 0));
  show("bad list", process_vm_readv(child, (void *)8, 1, remote, 1, 0));
  pid_t other = MUST(fork());
  if (other == 0) {
    MUST(setresuid(1000, 1000, 1000));
    show("as another user", process_vm_readv(child, local, 1, remote, 1, 0));
    show("no such process", process_vm_readv(0x3fffff, local, 1, remote, 1, 0));
    _exit(0);
  }
  show_wait("other", other);
  MUST(write(down[1], "x", 1));
  show_wait("child", child);
  return 0;
}
