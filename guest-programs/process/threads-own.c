// What belongs to threads one by one: PR_SET_PDEATHSIG, also across execve by another thread; a leader that ends first.
#include "../lib/observe.h"
#include <pthread.h>
#include <sys/prctl.h>

static int death_signal(void) {
  int signo = -1;
  MUST(prctl(PR_GET_PDEATHSIG, &signo));
  return signo;
}

static void *looks(void *argument) {
  say("another thread has %d", death_signal());
  MUST(prctl(PR_SET_PDEATHSIG, SIGUSR2));
  return argument;
}

static void *executes(void *argument) {
  execl("/proc/self/exe", "threads-own", "executed", NULL);
  return argument;
}

static void *rests(void *argument) {
  for (;;) pause();
  return argument;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    say("%s: %d", argv[1], death_signal());
    return 0;
  }
  pthread_t thread;
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_SET_PDEATHSIG, SIGHUP));
    pthread_create(&thread, NULL, looks, NULL);
    pthread_join(thread, NULL);
    say("the first still has %d", death_signal());
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      say("a child has %d", death_signal());
      _exit(0);
    }
    waitpid(grandchild, NULL, 0);
    execl("/proc/self/exe", "threads-own", "executed by the first thread", NULL);
  }
  show_wait("child", child);
  child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_SET_PDEATHSIG, SIGHUP));
    pthread_create(&thread, NULL, executes, NULL);
    for (;;) pause();
  }
  show_wait("child", child);

  child = MUST(fork());
  if (child == 0) {
    pthread_create(&thread, NULL, rests, NULL);
    pthread_exit(NULL);
  }
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  char state = 0;
  for (int i = 0; i < 1000 && state != 'Z'; i++) {
    int fd = MUST(open(path, O_RDONLY));
    text[read(fd, text, sizeof text - 1)] = 0;
    close(fd);
    state = strrchr(text, ')')[2];
    sleep_ms(1);
  }
  say("the leader has ended: %c", state);
  CALL(waitpid(child, NULL, WNOHANG));
  CALL(kill(child, SIGTERM));
  show_wait("child", child);
  return 0;
}
