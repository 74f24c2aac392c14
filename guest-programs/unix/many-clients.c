// One server process with poll, twenty client processes, hundred messages each: nothing lost, nothing mixed.
// rows: U01 U45
#include "../lib/unix.h"

enum { CLIENTS = 20, MESSAGES = 100 };

int main(void) {
  int listener = listener_at("busy", 4);
  for (int i = 0; i < CLIENTS; i++) {
    if (MUST(fork()) != 0) continue;
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(fd, "busy"));
    for (int round = 0; round < MESSAGES; round++) {
      int message[2] = {i, round}, answer[2];
      MUST(write(fd, message, sizeof message));
      if (recv(fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer) _exit(1);
      if (answer[0] != i * 1000 + round || answer[1] != round) _exit(2);
    }
    _exit(0);
  }
  struct pollfd set[CLIENTS + 1] = {{listener, POLLIN, 0}};
  int count = 1, accepted = 0, served = 0;
  long sum = 0;
  while (accepted < CLIENTS || count > 1) {
    MUST(poll(set, count, -1));
    for (int i = count - 1; i > 0; i--) {
      if (!set[i].revents) continue;
      int message[2];
      ssize_t got = recv(set[i].fd, message, sizeof message, MSG_WAITALL);
      if (got == sizeof message) {
        int answer[2] = {message[0] * 1000 + message[1], message[1]};
        MUST(write(set[i].fd, answer, sizeof answer));
        sum += answer[0];
        served++;
      } else {
        close(set[i].fd);
        set[i] = set[--count];
      }
    }
    if (set[0].revents) {
      set[count++] = (struct pollfd){MUST(accept(listener, NULL, NULL)), POLLIN, 0};
      accepted++;
    }
  }
  int failures = 0, status;
  while (wait(&status) > 0) failures += status != 0;
  say("served %d, sum %ld, failures %d", served, sum, failures);
  return 0;
}
