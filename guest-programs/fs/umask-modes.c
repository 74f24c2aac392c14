// umask and the modes of everything that makes a name; fork inherits it, exec keeps it.
#include "../lib/unix.h"

static void show_mode(const char *name) {
  struct stat status;
  MUST(lstat(name, &status));
  say("%s: %o", name, status.st_mode);
}

int main(void) {
  umask(027);
  close(MUST(open("file", O_CREAT | O_WRONLY, 0777)));
  MUST(mkdir("dir", 0777));
  MUST(mkfifo("fifo", 0666));
  MUST(symlink("x", "link"));
  MUST(bind_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "socket"));
  MUST(mkdir("sticky", 01777));
  show_mode("file");
  show_mode("dir");
  show_mode("fifo");
  show_mode("link");
  show_mode("socket");
  show_mode("sticky");
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: %o", umask(077));
    _exit(0);
  }
  show_wait("child", child);
  say("parent: %o", umask(07777));
  say("only permission bits: %o", umask(0));
  return 0;
}
