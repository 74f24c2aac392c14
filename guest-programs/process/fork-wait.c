// fork and wait4: memory is copied, file offsets are shared, exit status and order of reaping.
#include "../lib/observe.h"
#include <sys/resource.h>

int main(void) {
  static int global = 1;
  int local = 10;
  int file = MUST(open("data", O_CREAT | O_RDWR, 0600));
  MUST(write(file, "abcdefghij", 10));
  MUST(lseek(file, 0, SEEK_SET));
  pid_t parent = getpid();
  pid_t child = MUST(fork());
  if (child == 0) {
    global = 2;
    local = 20;
    char text[3];
    MUST(read(file, text, 3));
    say("child: getppid is the parent: %d", getppid() == parent);
    _exit(300);
  }
  int status;
  struct rusage usage;
  memset(&usage, 0x55, sizeof usage);
  pid_t got = wait4(child, &status, 0, &usage);
  say("wait4 gives the child: %d", got == child);
  show_status("child", status);
  say("usage filled in: %d", usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 100);
  say("parent's memory: %d %d", global, local);
  show("shared offset", lseek(file, 0, SEEK_CUR));
  show("wait with no children", wait(&status));
  show("waitpid of a stranger", waitpid(1, &status, 0));
  child = MUST(fork());
  if (child == 0) pause();
  show("WNOHANG", waitpid(child, &status, WNOHANG));
  show("bad options", waitpid(child, &status, 0x100));
  kill(child, SIGKILL);
  show_wait("killed", child);
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) _exit(i);
  }
  int sum = 0, count = 0;
  while (wait(&status) > 0) sum += 1 << WEXITSTATUS(status), count++;
  say("reaped %d, statuses %#x", count, sum);
  return 0;
}
