// UDP sockets that share a port by SO_REUSEADDR or SO_REUSEPORT: who gets a datagram, and broadcasts of the loopback.
// needs: root
#include "../lib/multicast.h"

enum { PORT = 5353 };

static void drain(const char *label, int fd) {
  char got[100] = "";
  for (size_t count = 0; recv(fd, got + count, 1, MSG_DONTWAIT) == 1; count++) continue;
  say("  %s: %s", label, got);
}

static void send_to(int fd, const char *text, const char *ip) {
  struct sockaddr_in name = at4(ip, PORT);
  char label[64];
  snprintf(label, sizeof label, "%s to %s", text, ip);
  show(label, sendto(fd, text, 1, 0, (void *)&name, sizeof name));
}

static void by_age(void) {
  say("-- the newest of those that fit as well");
  int sender = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  int any1 = shared4("0.0.0.0", PORT), any2 = shared4("0.0.0.0", PORT);
  send_to(sender, "a", "127.0.0.1");
  int own1 = shared4("127.0.0.1", PORT), own2 = shared4("127.0.0.1", PORT), any3 = shared4("0.0.0.0", PORT), six = shared6("::", PORT);
  send_to(sender, "b", "127.0.0.1");
  send_to(sender, "c", "127.0.0.2");
  close(own2);
  send_to(sender, "d", "127.0.0.1");
  struct sockaddr_in peer;
  socklen_t length = sizeof peer;
  MUST(getsockname(sender, (void *)&peer, &length));
  peer.sin_addr = ip4("127.0.0.1");
  MUST(connect(any1, (void *)&peer, sizeof peer));
  send_to(sender, "e", "127.0.0.1");
  send_to(sender, "f", "127.0.0.2");
  close(any3);
  send_to(sender, "g", "127.0.0.2");
  close(six);
  send_to(sender, "h", "127.0.0.2");
  drain("first wildcard, connected later", any1), drain("second wildcard", any2), drain("first of 127.0.0.1", own1);
  close(any1), close(any2), close(own1), close(sender);
}

static void broadcasts(void) {
  say("-- broadcasts");
  int sender = MUST(socket(AF_INET, SOCK_DGRAM, 0)), any1 = shared4("0.0.0.0", PORT), any2 = shared4("0.0.0.0", PORT), own = shared4("127.0.0.1", PORT);
  int at_broadcast = shared4("127.255.255.255", PORT), six = shared6("::", PORT), at_all = shared4("255.255.255.255", PORT);
  send_to(sender, "a", "127.255.255.255");
  send_to(sender, "a", "255.255.255.255");
  CALL(set_int(sender, SOL_SOCKET, SO_BROADCAST, 1));
  send_to(sender, "b", "127.255.255.255");
  send_to(sender, "c", "255.255.255.255");
  send_to(own, "d", "255.255.255.255");
  CALL(set_int(own, SOL_SOCKET, SO_BROADCAST, 1));
  send_to(own, "e", "255.255.255.255");
  drain("wildcard", any1), drain("other wildcard", any2), drain("127.0.0.1", own), drain("at 127.255.255.255", at_broadcast), drain("six", six);
  drain("at 255.255.255.255", at_all);
  struct sockaddr_in all = at4("127.255.255.255", 99), none = at4("127.255.255.255", 98);
  CALL(sendto(sender, "f", 1, 0, (void *)&all, sizeof all));
  CALL(connect(sender, (void *)&none, sizeof none));
  CALL(send(sender, "g", 1, 0));
  CALL(send(sender, "g", 1, 0));
  CALL(set_int(sender, SOL_SOCKET, SO_BROADCAST, 0));
  CALL(connect(sender, (void *)&none, sizeof none));
  int stream = MUST(socket(AF_INET, SOCK_STREAM, 0));
  CALL(connect(stream, (void *)&all, sizeof all));
}

int main(void) {
  own_network();
  by_age();
  broadcasts();
  return 0;
}
