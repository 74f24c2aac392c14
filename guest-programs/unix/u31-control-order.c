// Control messages are acted upon one by one: the first that is wrong says how the send fails, whatever is wrong behind it.
// rows: U31 U26 U51
#include "../lib/unix-messages.h"

enum { NO_PROCESS = 0x3fffff };
static struct outgoing out;

enum piece { GOOD_RIGHTS, CLOSED_RIGHTS, OWN_CREDENTIALS, NO_SUCH_PROCESS, UNKNOWN_TYPE, OTHER_LEVEL, SHORT_HEADER, LONG_HEADER, PIECES };
static const char *const names[PIECES] = {"rights", "closed descriptor", "credentials", "no such process", "unknown type", "other level", "short header", "long header"};

static void add(enum piece piece) {
  int fd = piece == CLOSED_RIGHTS ? 999 : 0;
  struct ucred user = {piece == NO_SUCH_PROCESS ? NO_PROCESS : getpid(), getuid(), getgid()};
  if (piece == OWN_CREDENTIALS || piece == NO_SUCH_PROCESS) {
    outgoing_add(&out, SCM_CREDENTIALS, &user, sizeof user);
    return;
  }
  struct cmsghdr *header = outgoing_add(&out, piece == UNKNOWN_TYPE ? 77 : SCM_RIGHTS, &fd, sizeof fd);
  if (piece == OTHER_LEVEL) header->cmsg_level = SOL_SOCKET + 1;
  if (piece == SHORT_HEADER) header->cmsg_len = sizeof *header - 1;
  if (piece == LONG_HEADER) header->cmsg_len = 1000;
}

static long descriptors_in(int fd) {
  FILE *information = fopen(words("/proc/self/fdinfo/%d", fd), "r");
  char text[100];
  long count = -1;
  while (information && fgets(text, sizeof text, information))
    if (strncmp(text, "scm_fds:", 8) == 0) count = atol(text + 8);
  if (information) fclose(information);
  return count;
}

int main(void) {
  int fds[2];
  pair_of(SOCK_DGRAM, fds);
  MUST(fcntl(fds[0], F_SETFL, O_NONBLOCK));
  char drop[10];
  for (int one = 0; one < PIECES; one++)
    for (int other = 0; other < PIECES; other++) {
      outgoing_init(&out, "x", 1);
      add(one), add(other);
      show(words("%s, then %s", names[one], names[other]), sendmsg(fds[0], &out.header, 0));
      while (recv(fds[1], drop, sizeof drop, MSG_DONTWAIT) > 0) {}
    }

  // A datagram socket that finds its peer gone loses what is queued, but goes on counting the descriptors.
  int two[2] = {0, 1};
  MUST(send_rights(fds[0], "x", 1, two, 2, 0));
  say("queued: %ld", descriptors_in(fds[1]));
  close(fds[0]);
  show("send to the peer that is gone", send(fds[1], "y", 1, 0));
  say("counted behind it: %ld", descriptors_in(fds[1]));
  show("queued", recv(fds[1], drop, sizeof drop, MSG_DONTWAIT));
  return 0;
}
