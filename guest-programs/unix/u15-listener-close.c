// U15: closing a listener resets the clients in its queue and refuses those that wait to get in.
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 2; i++) {
    int type = i ? SOCK_SEQPACKET : SOCK_STREAM;
    const char *kind = type_name(type);
    int listener = bound_socket(type, words("l%d", i));
    MUST(listen(listener, 1));
    int queued[2];
    for (int k = 0; k < 2; k++) {
      queued[k] = MUST(socket(AF_UNIX, type, 0));
      MUST(connect_to(queued[k], words("l%d", i)));
    }
    show(words("%s: queued client sends", kind), send(queued[0], "early", 5, MSG_NOSIGNAL));
    show_poll(words("%s: queued client", kind), queued[0]);
    show_peername(words("%s: its peer", kind), queued[0]);
    pid_t child = MUST(fork());
    if (child == 0) {
      close(listener);
      int late = MUST(socket(AF_UNIX, type, 0));
      show(words("%s: blocked connect", kind), connect_to(late, words("l%d", i)));
      _exit(0);
    }
    MUST(await_state(child, "S") - 1);
    sleep_ms(10);
    close(listener);
    show_wait(words("%s: child", kind), child);
    show_poll(words("%s: queued client after close", kind), queued[0]);
    show_option(words("%s: SO_ERROR", kind), queued[0], SO_ERROR);
    show_option(words("%s: SO_ERROR again", kind), queued[0], SO_ERROR);
    show_read(words("%s: first reads", kind), queued[0]);
    show_read(words("%s: second reads", kind), queued[1]);
    show_read(words("%s: second reads again", kind), queued[1]);
    show(words("%s: send", kind), send(queued[1], "x", 1, MSG_NOSIGNAL));
    show(words("%s: connect anew", kind), connect_to(MUST(socket(AF_UNIX, type, 0)), words("l%d", i)));
    show_peername(words("%s: peer's name", kind), queued[0]);
    show(words("%s: reconnect", kind), connect_to(queued[0], words("l%d", i)));
  }
  int listener = listener_at("shut", 2);
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "shut"));
  CALL(shutdown(listener, SHUT_RD));
  show_poll("listener shut down", listener);
  show("connect to it", connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "shut"));
  int server = accept(listener, NULL, NULL);
  say("accept of the queued one: %s", server >= 0 ? "ok" : errno_name(errno));
  show("accept, nobody there", accept(listener, NULL, NULL));
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  show("accept, not waiting", accept(listener, NULL, NULL));
  return 0;
}
