// U13: connect: missing, dead, wrong kinds of targets; in every state of the caller.
#include "../lib/unix-messages.h"

static void try(int type, const char *label, const char *target) {
  int fd = MUST(socket(AF_UNIX, type, 0));
  show(words("%s to %s", type_name(type), label), connect_to(fd, target));
  close(fd);
}

int main(void) {
  MUST(close(open("file", O_CREAT | O_WRONLY, 0600)));
  MUST(mkdir("dir", 0755));
  MUST(mkfifo("fifo", 0600));
  MUST(symlink("gone", "dangling"));
  close(bound_socket(SOCK_STREAM, "dead"));
  bound_socket(SOCK_STREAM, "stream-bound");
  MUST(listen(bound_socket(SOCK_STREAM, "stream-listening"), 50));
  MUST(listen(bound_socket(SOCK_SEQPACKET, "seqpacket-listening"), 50));
  bound_socket(SOCK_DGRAM, "dgram-bound");
  bound_socket(SOCK_STREAM, "@stream-bound");
  MUST(listen(bound_socket(SOCK_STREAM, "@stream-listening"), 50));
  bound_socket(SOCK_DGRAM, "@dgram-bound");
  const char *targets[] = {"missing", "missing/x", "file", "file/x", "dir", "fifo", "dangling", "dead", "stream-bound",
                           "stream-listening", "seqpacket-listening", "dgram-bound", "@stream-bound",
                           "@stream-listening", "@dgram-bound", "@missing"};
  for (int i = 0; i < 3; i++)
    for (size_t k = 0; k < COUNT(targets); k++) try(ALL_TYPES[i], targets[k], targets[k]);

  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(connect_to(fd, "stream-listening"));
  show("connected: again", connect_to(fd, "stream-listening"));
  show("connected: to missing", connect_to(fd, "missing"));
  show("connected: to wrong type", connect_to(fd, "dgram-bound"));
  int self = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(self, "self"));
  show("bound: to itself", connect_to(self, "self"));
  MUST(listen(self, 5));
  show("listening: to itself", connect_to(self, "self"));
  show("listening: to another", connect_to(self, "stream-listening"));
  show("listening: to missing", connect_to(self, "missing"));
  int datagram = bound_socket(SOCK_DGRAM, "dself");
  show("dgram: to itself", connect_to(datagram, "dself"));
  show("dgram: sends to itself", send(datagram, "me", 2, 0));
  show_recvmsg("dgram: has it", datagram, 10, 0, MSG_DONTWAIT);
  show_peername("dgram: its peer", datagram);
  int bound = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(bound, "client"));
  show("bound: to a listener", connect_to(bound, "stream-listening"));
  show_sockname("its name", bound);
  sa_family_t unspecified = AF_UNSPEC;
  show("stream: AF_UNSPEC", connect(fd, (struct sockaddr *)&unspecified, sizeof unspecified));
  struct sockaddr_un padded = {.sun_family = AF_UNSPEC};
  show("stream: AF_UNSPEC, long", connect(fd, (struct sockaddr *)&padded, sizeof padded));
  show("stream: size 0", connect(fd, (struct sockaddr *)&padded, 0));
  show("stream: size 200", connect(fd, (struct sockaddr *)&padded, 200));
  show("dgram: size 1", connect(datagram, (struct sockaddr *)&padded, 1));
  padded.sun_family = AF_UNIX;
  show("stream: family alone", connect(fd, (struct sockaddr *)&padded, 2));
  show("dgram: family alone", connect(datagram, (struct sockaddr *)&padded, 2));
  show("bad address", connect(fd, (struct sockaddr *)8, 20));
  return 0;
}
