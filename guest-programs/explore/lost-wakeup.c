// A lost wake-up between two processes on a socketpair: the consumer drains its notifications after it has looked for work.
// A job that is posted between the two has its notification thrown away, and both sleep for ever. The usual schedule
// never does that; `rivulet explore` finds it. With the argument `right` the consumer drains before it looks.
// (docs/explore.md walks through it.)
// flags: -g -fno-inline
#include "../lib/observe.h"
#include <poll.h>

struct board {
  int posted;
  int done;
};

static struct board *board;

static void produce(int bell) {
  board->posted++;
  MUST(send(bell, "!", 1, 0)); // wakes the consumer
  char answer;
  MUST(recv(bell, &answer, 1, 0)); // waits until the job is done
}

static void drain(int bell) {
  char notes[16];
  while (recv(bell, notes, sizeof notes, MSG_DONTWAIT) > 0) {
  }
}

static int take_jobs(void) {
  int taken = 0;
  for (; board->done < board->posted; taken++) board->done++;
  return taken;
}

static void consume(int bell, bool drains_first) {
  for (;;) {
    if (drains_first) drain(bell);
    int taken = take_jobs();
    if (!drains_first) drain(bell); // wrong: what came since we looked is lost
    if (taken > 0) {
      MUST(send(bell, "k", 1, 0));
      return;
    }
    struct pollfd waits = {.fd = bell, .events = POLLIN};
    MUST(poll(&waits, 1, -1));
  }
}

int main(int argc, char **argv) {
  bool drains_first = argc > 1 && strcmp(argv[1], "right") == 0;
  board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  pid_t child = fork();
  if (child == 0) {
    close(pair[0]);
    produce(pair[1]);
    _exit(0);
  }
  close(pair[1]);
  consume(pair[0], drains_first);
  int status;
  MUST(waitpid(child, &status, 0));
  say("jobs: %d posted, %d done", board->posted, board->done);
  return 0;
}
