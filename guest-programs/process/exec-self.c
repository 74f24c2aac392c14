// execve: argv and envp arrive, close-on-exec closes, other descriptors stay, signals set to handlers are reset.
#include "../lib/observe.h"

extern char **environ;

static void handler(int number) { (void)number; }

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[0], "second") == 0) {
    for (int i = 0; i < argc; i++) {
      if (i != 1) say("argv[%d]: %s", i, quoted(argv[i], strlen(argv[i])));
    }
    say("argv ends: %d", argv[argc] == NULL);
    for (char **entry = environ; *entry; entry++) say("env: %s", *entry);
    say("kept descriptor: %s", fcntl(20, F_GETFD) == 0 ? "open" : errno_name(errno));
    say("close-on-exec descriptor: %s", fcntl(21, F_GETFD) == 0 ? "open" : errno_name(errno));
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    say("SIGUSR1 default again: %d", action.sa_handler == SIG_DFL);
    sigaction(SIGUSR2, NULL, &action);
    say("SIGUSR2 still ignored: %d", action.sa_handler == SIG_IGN);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    say("SIGHUP still blocked: %d", sigismember(&mask, SIGHUP));
    sigpending(&mask);
    say("SIGHUP still pending: %d", sigismember(&mask, SIGHUP));
    say("pid as before: %d", atoi(argv[1]) == getpid());
    return 17;
  }
  int fd = MUST(open("/dev/null", O_RDONLY));
  MUST(dup2(fd, 20));
  MUST(dup3(fd, 21, O_CLOEXEC));
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGHUP);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  raise(SIGHUP);
  char pid[16];
  sprintf(pid, "%d", getpid());
  char *args[] = {"second", pid, "", "with space", "line\nfeed", NULL}, *env[] = {"A=1", "EMPTY=", "NOEQUALS", NULL};
  pid_t child = MUST(fork());
  if (child == 0) {
    sprintf(pid, "%d", getpid());
    raise(SIGHUP);
    execve("/proc/self/exe", args, env);
    show("execve", -1);
    _exit(1);
  }
  show_wait("child", child);
  return 0;
}
