// Races about sockets, one for each argument: which ends explore finds, and by how many delays, is compared in the
// system tests.
// part
// flags: -g -fno-inline
#include "../lib/observe.h"
#include <pthread.h>

#define NAME "races.sock"

static const struct sockaddr_un name = {AF_UNIX, NAME};

static int connects(int flags) {
  int client = MUST(socket(AF_UNIX, SOCK_STREAM | flags, 0));
  return connect(client, (const struct sockaddr *)&name, sizeof name) == 0;
}

// "Nobody answers, so the name is left over": two servers may both find it so, and the second takes it from the first.
static int serve(void) {
  if (connects(0)) return 0;
  unlink(NAME);
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  return bind(listener, (const struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 1) == 0;
}

static int two_servers(void) {
  int go[2], serving = 0, status;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, go));
  for (int i = 0; i < 2; i++) {
    if (MUST(fork()) != 0) continue;
    char byte;
    close(go[1]);
    int serves = serve();
    MUST(write(go[0], "s", 1));
    MUST(read(go[0], &byte, 1)); // until both have tried
    _exit(serves);
  }
  close(go[0]);
  for (int i = 0; i < 2; i++) MUST(read(go[1], &(char){0}, 1));
  close(go[1]);
  while (wait(&status) > 0) serving += WEXITSTATUS(status);
  unlink(NAME);
  say("%d serve", serving);
  return serving != 1;
}

// The second client comes when the first has connected, and takes it for granted that this was accepted by then.
static int full_backlog(void) {
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), turn[2], failed = 0, status;
  MUST(bind(listener, (const struct sockaddr *)&name, sizeof name));
  MUST(listen(listener, 0)); // room for one
  MUST(pipe(turn));
  for (int i = 0; i < 2; i++) {
    if (MUST(fork()) != 0) continue;
    if (i == 1) MUST(read(turn[0], &(char){0}, 1));
    int isThere = connects(SOCK_NONBLOCK);
    if (i == 0) MUST(write(turn[1], "t", 1));
    _exit(!isThere);
  }
  MUST(accept(listener, NULL, NULL));
  while (wait(&status) > 0) failed += WEXITSTATUS(status);
  unlink(NAME);
  say("%d sent away", failed);
  return failed;
}

static int passed = -1, pair[2];

static void *close_passed(void *unused) {
  close(passed);
  return unused;
}

// A descriptor is passed on while another thread closes it.
static int passed_while_closed(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  passed = MUST(open("/dev/null", O_RDONLY));
  pthread_t thread;
  pthread_create(&thread, NULL, close_passed, NULL);
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  char byte = 'x';
  struct iovec vector = {&byte, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &passed, sizeof passed);
  int isSent = sendmsg(pair[0], &message, 0) == 1;
  pthread_join(thread, NULL);
  say(isSent ? "passed on" : "closed before");
  return !isSent;
}

int main(int argc, char **argv) {
  const char *race = argc > 1 ? argv[1] : "";
  if (strcmp(race, "name") == 0) return two_servers();
  if (strcmp(race, "backlog") == 0) return full_backlog();
  if (strcmp(race, "rights") == 0) return passed_while_closed();
  return 2;
}
