// accept4's flags, inheritance of flags, non-blocking accept, accept woken by a signal, names of unnamed clients.
// rows: U01 U14 U33
#include "../lib/unix.h"

static void handler(int number) { (void)number; }

int main(void) {
  int listener = listener_at("flags", 5);
  int clients[3];
  for (int i = 0; i < 3; i++) {
    clients[i] = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(clients[i], "flags"));
  }
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  int plain = MUST(accept(listener, NULL, NULL));
  say("plain: status %#x, descriptor %d", fcntl(plain, F_GETFL) & O_NONBLOCK, fcntl(plain, F_GETFD));
  int flagged = MUST(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  say("flagged: status %#x, descriptor %d", fcntl(flagged, F_GETFL) & O_NONBLOCK, fcntl(flagged, F_GETFD));
  struct sockaddr_un name;
  socklen_t size = sizeof name;
  MUST(accept(listener, (struct sockaddr *)&name, &size));
  say("unnamed client: size %u", size);
  show("nobody", accept(listener, NULL, NULL));
  show("unknown flag", accept4(listener, NULL, NULL, 1));
  MUST(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "flags"));
  show("bad size pointer", accept(listener, (struct sockaddr *)&name, (socklen_t *)8));
  MUST(fcntl(listener, F_SETFL, 0));
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL);
  pid_t parent = getpid(), child = MUST(fork());
  if (child == 0) {
    await_state(parent, "S");
    kill(parent, SIGUSR1);
    _exit(0);
  }
  while (accept(listener, NULL, NULL) >= 0) continue;
  show("accept interrupted", -1);
  show_wait("child", child);
  return 0;
}
