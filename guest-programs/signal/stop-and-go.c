// A process that is stopped in a call goes on with it: a read is made again, a sleep lasts as long as was left of it.
#include "../lib/observe.h"

static void stop_and_go(pid_t child) {
  int status;
  sleep_ms(50);
  kill(child, SIGSTOP);
  waitpid(child, &status, WUNTRACED);
  say("stopped %d", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
  kill(child, SIGCONT);
  waitpid(child, &status, WCONTINUED);
  say("continued %d", WIFCONTINUED(status) != 0);
}

int main(void) {
  int ends[2], status;
  char text[4] = "";
  pipe(ends);
  pid_t child = fork();
  if (child == 0) {
    struct timespec time = {0, 200000000};
    int is_read = read(ends[0], text, 2) == 2 && text[1] == 'b';
    _exit(is_read && nanosleep(&time, NULL) == 0 ? 7 : 1);
  }
  stop_and_go(child);
  write(ends[1], "ab", 2);
  stop_and_go(child);
  waitpid(child, &status, 0);
  say("ended with %d", WEXITSTATUS(status));
  return 0;
}
