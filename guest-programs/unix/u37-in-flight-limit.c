// U37: more descriptors in flight than RLIMIT_NOFILE are ETOOMANYREFS, counted per user, unless privileged.
// needs: root
// contrary: 65 messages of one descriptor each are in flight at a limit of 64: the test is whether more than the limit are there already.
#include "../lib/unix-messages.h"

static void count_sends(const char *label, int per_message) {
  int count = 0, result = 0, fds[2], many[64] = {0};
  pair_of(SOCK_DGRAM, fds);
  for (; count < 200; count++) {
    if (send_rights(fds[0], "x", 1, many, per_message, MSG_DONTWAIT) == -1) {
      result = errno;
      break;
    }
  }
  say("%s: %d sends of %d, then %s", label, count, per_message, result ? errno_name(result) : "no error");
  if (result) {
    show("without rights", send(fds[0], "y", 1, MSG_DONTWAIT));
    show("one at a time", send_rights(fds[0], "x", 1, many, 1, MSG_DONTWAIT));
    char drop[10];
    show("one received", recv(fds[1], drop, 10, MSG_DONTWAIT));
    show("one more", send_rights(fds[0], "x", 1, many, 1, MSG_DONTWAIT));
    show("and another", send_rights(fds[0], "x", 1, many, 1, MSG_DONTWAIT));
    show("a stream's rights without bytes", ({
           int stream[2];
           pair_of(SOCK_STREAM, stream);
           long sent = send_rights(stream[0], "", 0, many, 1, MSG_DONTWAIT);
           close(stream[0]), close(stream[1]);
           sent;
         }));
  }
  close(fds[0]), close(fds[1]);
}

int main(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    struct rlimit limit = {64, 64};
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    count_sends("root", 1);
    MUST(setresgid(4321, 4321, 4321));
    MUST(setresuid(4321, 4321, 4321));
    count_sends("limit 64", 1);
    count_sends("limit 64", 10);
    count_sends("limit 64", 60);
    limit.rlim_cur = 20;
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    count_sends("limit 20", 1);
    _exit(0);
  }
  show_wait("child", child);
  return 0;
}
