// A shell's work: three processes joined by pipes, each replaced by exec, with redirections and one process group.
#include "../lib/observe.h"

static void produce(void) {
  for (int i = 0; i < 1000; i++) printf("line %d of many\n", i * 7919 % 1000);
}

static void keep(void) {
  char line[128];
  while (fgets(line, sizeof line, stdin)) {
    if (strstr(line, "99 ")) fputs(line, stdout);
  }
}

static void count(void) {
  char line[128];
  int lines = 0;
  long letters = 0;
  while (fgets(line, sizeof line, stdin)) lines++, letters += strlen(line);
  printf("%d lines, %ld letters\n", lines, letters);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    if (!strcmp(argv[1], "produce")) produce();
    else if (!strcmp(argv[1], "keep")) keep();
    else count();
    return argv[1][0] == 'k' ? 4 : 0;
  }
  const char *stages[] = {"produce", "keep", "count"};
  int input = MUST(open("/dev/null", O_RDONLY)), output = MUST(open("result", O_CREAT | O_RDWR, 0600));
  pid_t group = 0, pids[3];
  for (int i = 0; i < 3; i++) {
    int fds[2] = {-1, output};
    if (i < 2) MUST(pipe2(fds, O_CLOEXEC));
    pids[i] = MUST(fork());
    if (pids[i] == 0) {
      setpgid(0, group);
      MUST(dup2(input, 0));
      MUST(dup2(fds[1], 1));
      execl("/proc/self/exe", "stage", stages[i], NULL);
      _exit(127);
    }
    if (!group) group = pids[i];
    setpgid(pids[i], group);
    close(input);
    close(fds[1]);
    input = fds[0];
  }
  for (int i = 0; i < 3; i++) show_wait(stages[i], pids[i]);
  char text[64];
  int fd = MUST(open("result", O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text));
  say("%s", quoted(text, length));
  return 0;
}
