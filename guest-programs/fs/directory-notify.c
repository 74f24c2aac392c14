// F_NOTIFY (dnotify): a signal when something in a directory changes, with F_SETSIG and without.
#include "../lib/observe.h"

static volatile int count, code, band, fd_told;
static void told(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  count++;
  code = info->si_code;
  band = info->si_band;
  fd_told = info->si_fd;
}

static int directory;
static void seen(const char *label) {
  if (count == 0) say("%s: nothing", label);
  else say("%s: %d, code %d, band %#x, the directory %s", label, count, code, band, fd_told == directory ? "yes" : "no");
  count = 0;
}

int main(void) {
  MUST(mkdir("d", 0755));
  MUST(mkdir("d/sub", 0755));
  MUST(mkdir("other", 0755));
  MUST(close(MUST(open("d/f", O_CREAT | O_RDWR, 0600))));
  int file = MUST(open("d/f", O_RDWR));
  directory = MUST(open("d", O_RDONLY));
  struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO | SA_RESTART};
  MUST(sigaction(SIGIO, &action, 0));
  MUST(sigaction(SIGRTMIN, &action, 0));

  CALL(fcntl(file, F_NOTIFY, DN_CREATE));
  CALL(fcntl(file, F_NOTIFY, 0));
  CALL(fcntl(-1, F_NOTIFY, DN_CREATE));
  CALL(fcntl(directory, F_NOTIFY, 0));
  CALL(fcntl(directory, F_NOTIFY, 0x40));
  CALL(fcntl(directory, F_NOTIFY, 0));
  CALL(fcntl(directory, F_GETOWN) == 0 || fcntl(directory, F_GETOWN) == getpid());
  CALL(fcntl(directory, F_SETSIG, SIGRTMIN));

  CALL(fcntl(directory, F_NOTIFY, DN_CREATE));
  CALL(fcntl(directory, F_GETOWN) == getpid());
  MUST(close(MUST(open("d/new", O_CREAT | O_RDWR, 0600))));
  seen("create");
  MUST(close(MUST(open("d/new2", O_CREAT | O_RDWR, 0600))));
  seen("create, no longer");

  CALL(fcntl(directory, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
  MUST(mkdir("d/dir", 0755));
  seen("mkdir");
  MUST(symlink("x", "d/link"));
  seen("symlink");
  MUST(link("d/f", "d/hard"));
  seen("link");
  MUST(unlink("d/hard"));
  seen("unlink, not asked for");
  CALL(fcntl(directory, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
  MUST(unlink("d/link"));
  seen("unlink");
  MUST(rmdir("d/dir"));
  seen("rmdir");
  MUST(mkdir("d/dir", 0755));
  seen("mkdir, added to");
  CALL(fcntl(directory, F_NOTIFY, DN_RENAME | DN_MULTISHOT));
  MUST(rename("d/new", "d/old"));
  seen("rename inside");
  CALL(fcntl(directory, F_NOTIFY, 0));
  MUST(rename("d/old", "d/new"));
  seen("taken back");

  CALL(fcntl(directory, F_NOTIFY, DN_RENAME | DN_MULTISHOT));
  MUST(rename("d/new", "d/newer"));
  seen("rename inside");
  MUST(rename("d/newer", "other/new"));
  seen("rename out of it");
  MUST(rename("other/new", "d/new"));
  seen("rename into it");
  CALL(fcntl(directory, F_NOTIFY, 0));

  CALL(fcntl(directory, F_NOTIFY, DN_MODIFY | DN_ACCESS | DN_ATTRIB | DN_MULTISHOT));
  MUST(write(file, "x", 1));
  seen("write");
  char byte;
  MUST(pread(file, &byte, 1, 0));
  seen("read");
  MUST(truncate("d/f", 0));
  seen("truncate");
  MUST(chmod("d/f", 0644));
  seen("chmod");
  MUST(chmod("d", 0700));
  seen("chmod of the directory");
  MUST(chmod("d/sub", 0700));
  seen("chmod of a subdirectory");
  MUST(close(MUST(open("d/sub/below", O_CREAT | O_RDWR, 0600))));
  seen("a file further below");

  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(write(file, "y", 1));
    MUST(close(directory));
    MUST(write(file, "z", 1));
    _exit(count);
  }
  show_wait("a child writes, and closes its descriptor", child);
  say("told: %d", count);
  count = 0;
  int copy = MUST(dup(directory));
  MUST(close(copy));
  MUST(write(file, "z", 1));
  seen("after a copy was closed");

  int again = MUST(open("d", O_RDONLY));
  CALL(fcntl(again, F_NOTIFY, DN_MODIFY | DN_MULTISHOT));
  MUST(write(file, "z", 1));
  say("plain: %d, code %s", count, code == SI_KERNEL ? "SI_KERNEL" : "another");
  count = 0;
  MUST(close(again));
  MUST(write(file, "z", 1));
  seen("closed");
  CALL(fcntl(directory, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
  MUST(rename("d/new", "other/new"));
  seen("moved away");
  return 0;
}
