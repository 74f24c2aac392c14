// Random requests of ptrace(2) about processes that fork, make threads, sleep, get signals and execute: none may hurt the machine.
// skip-native: nonsense requests as root could harm the host
#include "../lib/trace.h"
#include "../lib/random.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>

static void on_signal(int signo) {
  (void)signo;
}

static void *thread(void *argument) {
  for (int i = 0; i < 100; i++) {
    usleep(100);
    if (below(50) == 0) return argument;
    if (below(300) == 0) execl("/proc/self/exe", "nonsense", "again", NULL);
  }
  return argument;
}

// What a tracee does.
static void live(void) {
  close(1), close(2); // with other registers or code it may say anything
  setsid();
  signal(SIGUSR1, on_signal);
  signal(SIGUSR2, SIG_IGN);
  pthread_t other;
  pid_t pid;
  for (int i = 0; i < 60; i++) {
    switch (below(11)) {
      case 0:
        if (fork() == 0) _exit(1);
        break;
      case 1:
        pid = vfork();
        if (pid == 0) _exit(2);
        break;
      case 2: pthread_create(&other, NULL, thread, NULL); break;
      case 3: kill(getpid(), below(64) + 1); break;
      case 4: usleep(below(3000)); break;
      case 5: waitpid(-1, NULL, WNOHANG); break;
      case 6: kill(getpid(), SIGSTOP); break;
      case 7: sched_yield(); break;
      case 8: poll(NULL, 0, below(3)); break;
      case 9:
        if (below(9) == 0) __builtin_trap();
        break;
      default:
        if (below(20) == 0) execl("/proc/self/exe", "nonsense", "again", NULL);
    }
  }
  _exit(3);
}

static long room[512]; // what requests read and write, and nothing else

// An address, a size, a signal, options, or nothing that makes sense.
static unsigned long argument(void) {
  switch (below(7)) {
    case 0: return (unsigned long)room;
    case 1: return below(66);
    case 2: return 8;
    case 3: return 88;
    case 4: return (unsigned long)live + below(100);
    case 5: return 0;
    default: return random_number() * random_number();
  }
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return 0;
  static const int often[] = {PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SYSCALL, PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH};
  pid_t children[6];
  size_t count = 0;
  long answered = 0;
  struct iovec *part = (struct iovec *)(room + 500);
  for (seed = 1; answered < 8000; answered++) {
    if (count < COUNT(children) && below(10) == 0) {
      uint64_t own = random_number();
      pid_t pid = fork();
      if (pid == 0) {
        seed = own;
        if (below(2)) ask(PTRACE_TRACEME, 0, 0, 0);
        live();
      }
      if (pid > 0) children[count++] = pid;
      if (pid > 0) ask(below(2) ? PTRACE_SEIZE : PTRACE_ATTACH, pid, 0, 0x1000ff & random_number());
    }
    pid_t pid = count > 0 ? children[below(count)] : 1;
    if (below(5) == 0) pid += below(6);
    long request = below(3) == 0 ? often[below(COUNT(often))] : below(2) ? (long)below(34) : 0x4200 + (long)below(20);
    if (request == PTRACE_SETREGSET && below(8) != 0) request = PTRACE_GETREGSET;
    unsigned long address = argument(), data = argument();
    if (request == PTRACE_GETREGSET || request == PTRACE_SETREGSET) {
      *part = (struct iovec){room, below(50) * 8};
      address = below(3);
      data = (unsigned long)part;
    }
    if (request == PTRACE_SETOPTIONS) data = random_number() & 0xff;
    if ((request == PTRACE_CONT || request == PTRACE_SYSCALL) && below(3)) data = 0;
    if (below(7) == 0) room[below(40)] = below(2) ? (long)random_number() : -1;
    ask(request, pid, address, data);
    int status;
    pid_t got = below(2) ? waitpid(-1, &status, WNOHANG | __WALL) : 0;
    if (got > 0 && WIFSTOPPED(status)) ask(below(2) ? PTRACE_CONT : PTRACE_SYSCALL, got, 0, below(2) * WSTOPSIG(status) % 64);
    for (size_t i = 0; got > 0 && !WIFSTOPPED(status) && i < count; i++)
      if (children[i] == got) children[i] = children[--count];
    if (below(3) == 0) sched_yield();
    if (below(40) == 0 && count > 0) kill(children[below(count)], below(3) ? SIGCONT : SIGKILL);
    if (below(60) == 0) usleep(1000);
  }
  kill(-1, SIGKILL);
  say("answered: %ld", answered);
  return 0;
}
