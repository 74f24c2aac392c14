// U11: what getsockname, getpeername, accept and recvfrom return, truncated to the caller's buffer; address lengths.
#include "../lib/unix-messages.h"

static void bind_raw(const char *label, int family, const char *bytes, size_t copied, socklen_t size) {
  struct sockaddr_storage name;
  memset(&name, 0, sizeof name);
  name.ss_family = family;
  memcpy((char *)&name + NAME_OFFSET, bytes, copied);
  for (int i = 0; i < 2; i++) {
    int fd = MUST(socket(AF_UNIX, i ? SOCK_DGRAM : SOCK_STREAM, 0));
    show(words("%s: %s", label, i ? "connect dgram" : "bind"),
         i ? connect(fd, (struct sockaddr *)&name, size) : bind(fd, (struct sockaddr *)&name, size));
    if (i == 0) show_sockname(label, fd);
    close(fd);
  }
}

int main(void) {
  int lone = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show_sockname("unnamed", lone);
  show_peername("no peer", lone);
  int fds[3];
  connected_through(SOCK_STREAM, "some/../path" + 8, fds);
  for (socklen_t room = 0; room <= 8; room++) {
    struct sockaddr_un name;
    socklen_t size = room;
    memset(&name, 0x7e, sizeof name);
    int result = getpeername(fds[0], (struct sockaddr *)&name, &size);
    say("room for %u: %d, size %u, %s", room, result, size, quoted(&name, 9));
  }
  socklen_t size = -1;
  struct sockaddr_un name;
  show("negative room", getsockname(fds[2], (struct sockaddr *)&name, &size));
  size = 110;
  show("bad address", getsockname(fds[2], (struct sockaddr *)8, &size));
  show("bad length pointer", getsockname(fds[2], (struct sockaddr *)&name, (socklen_t *)8));
  size = 0;
  show("bad address without room", getsockname(fds[2], (struct sockaddr *)8, &size));
  say("its size: %u", size);

  char longest[108];
  memset(longest, 'q', 108);
  memcpy(longest, "a/", 2);
  MUST(mkdir("a", 0755));
  bind_raw("108 bytes without NUL", AF_UNIX, longest, 108, 110);
  bind_raw("109 bytes", AF_UNIX, longest, 108, 111);
  bind_raw("128 bytes", AF_UNIX, longest, 108, 128);
  bind_raw("129 bytes", AF_UNIX, longest, 108, 129);
  bind_raw("size 0", AF_UNIX, "", 0, 0);
  bind_raw("size 1", AF_UNIX, "", 0, 1);
  bind_raw("size -1", AF_UNIX, "", 0, -1);
  bind_raw("AF_INET", AF_INET, "b", 2, 4);
  bind_raw("AF_UNSPEC", AF_UNSPEC, "b", 2, 4);
  bind_raw("family 999", 999, "b", 2, 4);
  bind_raw("one byte, no NUL", AF_UNIX, "c", 1, 3);
  bind_raw("NUL before the end", AF_UNIX, "d\0junk", 6, 8);
  show("bind to a bad address", bind(lone, (struct sockaddr *)8, 20));
  show("bind to a bad address, too long", bind(lone, (struct sockaddr *)8, 200));
  show("bind of no descriptor", bind(99, (struct sockaddr *)8, 200));
  show("bind of no socket", bind(0, (struct sockaddr *)8, 200));

  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(client, "@client"));
  MUST(connect_to(client, "path"));
  size = 6;
  memset(&name, 0x7e, sizeof name);
  int server = MUST(accept(fds[2], (struct sockaddr *)&name, &size));
  say("accept with room for 6: size %u, %s", size, quoted(&name, 7));
  MUST(write(client, "abc", 3));
  size = sizeof name;
  char data[8];
  show("recvfrom of a stream", recvfrom(server, data, 1, 0, (struct sockaddr *)&name, &size));
  say_name("its sender", &name, size);
  size = sizeof name;
  show("recvfrom of the unnamed", (write(server, "x", 1), recvfrom(client, data, 1, 0, (struct sockaddr *)&name, &size)));
  say_name("its sender", &name, size);
  size = sizeof name;
  name.sun_family = 77;
  MUST(write(fds[0], "z", 1));
  show("recvfrom of a socket without name", recvfrom(fds[1], data, 1, 0, (struct sockaddr *)&name, &size));
  say("size %u, family field %d", size, name.sun_family);
  size = -5;
  show("recvfrom with negative room", recvfrom(server, data, 1, 0, (struct sockaddr *)&name, &size));
  show("the byte is gone", recv(server, data, 8, MSG_DONTWAIT));
  int second = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(second, "path"));
  size = -1;
  show("accept with negative room", accept(fds[2], (struct sockaddr *)&name, &size));
  show("its client", read(second, data, 1));
  MUST(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "path"));
  show("accept with a bad address", accept(fds[2], (struct sockaddr *)8, &size));
  show("accept4 with bad flags", accept4(fds[2], NULL, NULL, 1));
  show("accept4 of no socket with bad flags", accept4(0, NULL, NULL, 1));
  show("accept of no socket", accept(0, NULL, NULL));
  close(client);
  show_peername("peer is closed", server);
  return 0;
}
