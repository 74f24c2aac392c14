// U54: SO_ATTACH_FILTER: programs of classic BPF drop or cut what arrives; attaching, reading, locking and detaching them.
// contrary: A stream socket takes a filter and never runs it; a sender does not learn that its message was dropped.
#include "../lib/unix-messages.h"
#include <linux/filter.h>

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif
#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

#define KEEP(n) BPF_STMT(BPF_RET | BPF_K, n)
static char data[1000];

static int attach(int fd, struct sock_filter *filter, int length) {
  struct sock_fprog program = {length, filter};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void show_get(const char *label, int fd, int room) {
  struct sock_filter got[8] = {0};
  socklen_t length = room;
  if (show(words("%s, room for %d", label, room), getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &length)) == 0)
    say("%s, room for %d: length %u, first %x %u %u %x", label, room, length, got[0].code, got[0].jt, got[0].jf, got[0].k);
}

static void kinds(int type) {
  const char *kind = type_name(type);
  int fds[2];
  struct sock_filter drop[] = {KEEP(0)}, four[] = {KEEP(4)}, all[] = {KEEP(-1)};
  struct sock_filter by_first[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'k', 0, 1), KEEP(100),
                                   KEEP(0)};
  pair_of(type, fds);
  show(words("%s: detach nothing", kind), set_option(fds[1], SO_DETACH_FILTER, 0));
  show_get(words("%s: get none", kind), fds[1], 0);
  show_get(words("%s: get none", kind), fds[1], 8);
  show(words("%s: attach one that drops", kind), attach(fds[1], drop, 1));
  show(words("%s: send", kind), send(fds[0], "dropped", 7, 0));
  show(words("%s: empty", kind), send(fds[0], "", 0, 0));
  show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT);
  show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
  int own[] = {0, 1};
  show(words("%s: rights", kind), send_rights(fds[0], "r", 1, own, 2, 0));
  show_poll(words("%s: poll", kind), fds[1]);
  show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT);
  show(words("%s: attach one that cuts", kind), attach(fds[1], four, 1));
  show(words("%s: send", kind), send(fds[0], "0123456789", 10, 0));
  show(words("%s: send", kind), send(fds[0], "abc", 3, 0));
  show(words("%s: write", kind), write(fds[0], "ABCDEF", 6));
  struct iovec parts[] = {{"uv", 2}, {"wxyz", 4}};
  show(words("%s: writev", kind), writev(fds[0], parts, 2));
  show(words("%s: SIOCINQ", kind), queue_size(fds[1], FIONREAD));
  show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
  show(words("%s: long", kind), send(fds[0], data, sizeof data, 0));
  show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
  for (int i = 0; i < 5; i++) show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT | MSG_TRUNC);
  show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
  show(words("%s: by the first byte", kind), attach(fds[1], by_first, 4));
  for (const char *text = "skip keep lose kind"; *text; text += text[4] ? 5 : 4) MUST(send(fds[0], text, 4, 0));
  show(words("%s: empty", kind), send(fds[0], "", 0, 0));
  for (int i = 0; i < 3; i++) show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT);
  struct mmsghdr several[3] = {0};
  struct iovec texts[] = {{"no", 2}, {"k1", 2}, {"k2", 2}};
  for (int i = 0; i < 3; i++) several[i].msg_hdr = (struct msghdr){.msg_iov = &texts[i], .msg_iovlen = 1};
  show(words("%s: sendmmsg", kind), sendmmsg(fds[0], several, 3, 0));
  say("%s: lengths %u %u %u", kind, several[0].msg_len, several[1].msg_len, several[2].msg_len);
  for (int i = 0; i < 2; i++) show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT);
  show_get(words("%s: get", kind), fds[1], 0);
  show_get(words("%s: get", kind), fds[1], 3);
  show_get(words("%s: get", kind), fds[1], 4);
  show_get(words("%s: get", kind), fds[1], 8);
  socklen_t length = 8;
  show(words("%s: get to a bad address", kind), getsockopt(fds[1], SOL_SOCKET, SO_GET_FILTER, (void *)16, &length));
  show(words("%s: a bad one leaves the old", kind), attach(fds[1], by_first, 1));
  show_get(words("%s: get", kind), fds[1], 8);
  show(words("%s: on the sender", kind), attach(fds[0], drop, 1));
  show(words("%s: send", kind), send(fds[0], "kxx", 3, 0));
  show_recvmsg(words("%s: receive", kind), fds[1], 20, 100, MSG_DONTWAIT);
  show_option(words("%s: SO_LOCK_FILTER", kind), fds[1], SO_LOCK_FILTER);
  show(words("%s: unlock", kind), set_option(fds[1], SO_LOCK_FILTER, 0));
  show(words("%s: lock", kind), set_option(fds[1], SO_LOCK_FILTER, 5));
  show_option(words("%s: SO_LOCK_FILTER", kind), fds[1], SO_LOCK_FILTER);
  show(words("%s: lock again", kind), set_option(fds[1], SO_LOCK_FILTER, 1));
  show(words("%s: unlock", kind), set_option(fds[1], SO_LOCK_FILTER, 0));
  show(words("%s: attach when locked", kind), attach(fds[1], all, 1));
  show(words("%s: attach a bad one when locked", kind), attach(fds[1], all, 0));
  show(words("%s: detach when locked", kind), set_option(fds[1], SO_DETACH_FILTER, 0));
  show(words("%s: SO_ATTACH_BPF when locked", kind), set_option(fds[1], SO_ATTACH_BPF, 0));
  show(words("%s: SO_ATTACH_REUSEPORT_EBPF when locked", kind), set_option(fds[1], SO_ATTACH_REUSEPORT_EBPF, 0));
  show(words("%s: detach", kind), set_option(fds[0], SO_DETACH_FILTER, 0));
  show(words("%s: detach again", kind), set_option(fds[0], SO_DETACH_FILTER, 0));
  show(words("%s: SO_ATTACH_BPF, no such descriptor", kind), set_option(fds[0], SO_ATTACH_BPF, 777));
  show(words("%s: SO_ATTACH_BPF, not a program", kind), set_option(fds[0], SO_ATTACH_BPF, 0));
  show(words("%s: SO_ATTACH_REUSEPORT_EBPF, no such descriptor", kind), set_option(fds[0], SO_ATTACH_REUSEPORT_EBPF, 777));
  show(words("%s: SO_ATTACH_REUSEPORT_EBPF, not a program", kind), set_option(fds[0], SO_ATTACH_REUSEPORT_EBPF, 0));
  struct sock_fprog program = {1, all};
  show(words("%s: SO_ATTACH_REUSEPORT_CBPF", kind),
       setsockopt(fds[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program));
  show(words("%s: SO_DETACH_REUSEPORT_BPF", kind), set_option(fds[0], SO_DETACH_REUSEPORT_BPF, 0));
  close(fds[0]);
  close(fds[1]);
}

static void lengths(void) {
  int fds[2];
  struct sock_filter all[] = {KEEP(-1)};
  struct sock_fprog program[2] = {{1, all}};
  pair_of(SOCK_DGRAM, fds);
  const int OPTIONS[] = {SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF,
                         SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    for (int length = 0; length <= 20; length++) {
      char room[64] = {0};
      socklen_t got = length;
      show(words("set option %d with %d bytes", OPTIONS[i], length), setsockopt(fds[0], SOL_SOCKET, OPTIONS[i], program, length));
      int read = getsockopt(fds[0], SOL_SOCKET, OPTIONS[i], room, &got);
      show(words("get option %d with %d bytes, length %u", OPTIONS[i], length, got), read);
    }
    show(words("set option %d from nowhere", OPTIONS[i]), setsockopt(fds[1], SOL_SOCKET, OPTIONS[i], NULL, 16));
  }
  program[0] = (struct sock_fprog){1, NULL};
  show("no instructions", setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, program, 16));
  program[0] = (struct sock_fprog){1, (struct sock_filter *)16};
  show("instructions at a bad address", setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, program, 16));
  static struct sock_filter many[4097];
  for (size_t i = 0; i < COUNT(many); i++) many[i] = (struct sock_filter)KEEP(i == 4095 ? 3 : 9);
  show("4097 instructions", attach(fds[1], many, 4097));
  show("none", attach(fds[1], many, 0));
  for (size_t i = 0; i < 4095; i++) many[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1);
  show("4096 instructions", attach(fds[1], many, 4096));
  show("send", send(fds[0], "0123456789", 10, 0));
  show_recvmsg("cut to 3", fds[1], 20, 0, MSG_DONTWAIT);
}

// What is asked of a message before and after its filter.
static void order(void) {
  struct sock_filter drop[] = {KEEP(0)}, none[] = {KEEP(-1)};
  int receiver = bound_socket(SOCK_DGRAM, "@receiver"), friend = bound_socket(SOCK_DGRAM, "@friend");
  int sender = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  MUST(connect_to(receiver, "@friend"));
  show("to one that is connected elsewhere", send_to(sender, "x", "@receiver", 0));
  MUST(attach(receiver, drop, 1));
  show("the same, dropped", send_to(sender, "x", "@receiver", 0));
  struct unix_address name = unix_address("@receiver");
  show("too long, dropped", sendto(sender, data, 300000, 0, (struct sockaddr *)&name.name, name.size));
  MUST(shutdown(friend, SHUT_RD));
  show("to one that reads no more", send_to(sender, "x", "@friend", 0));
  MUST(attach(friend, drop, 1));
  show("the same, dropped", send_to(sender, "x", "@friend", 0));
  int full = bound_socket(SOCK_DGRAM, "@full");
  while (send_to(sender, "x", "@full", 0) == 1) continue;
  show("to a full queue", send_to(sender, "x", "@full", 0));
  MUST(attach(full, drop, 1));
  show("the same, dropped", send_to(sender, "x", "@full", 0));
  MUST(attach(full, none, 1));
  show("the same, kept", send_to(sender, "x", "@full", 0));
  int closed = bound_socket(SOCK_DGRAM, "@closed");
  MUST(connect_to(sender, "@closed"));
  MUST(attach(closed, drop, 1));
  close(closed);
  show("to a closed peer with a filter", send(sender, "x", 1, 0));
  show("again", send(sender, "x", 1, 0));
  // a peek and what was queued before are not filtered
  int fds[2];
  pair_of(SOCK_DGRAM, fds);
  MUST(send(fds[0], "before", 6, 0));
  MUST(attach(fds[1], drop, 1));
  show_recvmsg("queued before the filter", fds[1], 20, 0, MSG_DONTWAIT | MSG_PEEK);
  show_recvmsg("queued before the filter", fds[1], 20, 0, MSG_DONTWAIT);
  // accepted sockets have none of their listener
  int through[3];
  int listener = bound_socket(SOCK_SEQPACKET, "@listener");
  MUST(attach(listener, drop, 1));
  MUST(listen(listener, 3));
  through[0] = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  show("connect to a listener that drops", connect_to(through[0], "@listener"));
  through[1] = MUST(accept(listener, NULL, NULL));
  MUST(send(through[0], "record", 6, 0));
  show_recvmsg("accepted", through[1], 20, 0, MSG_DONTWAIT);
  // credentials and pidfds with what is left of a message
  pair_of(SOCK_SEQPACKET, fds);
  struct sock_filter two[] = {KEEP(2)};
  MUST(attach(fds[1], two, 1));
  MUST(set_option(fds[1], SO_PASSCRED, 1));
  MUST(set_option(fds[1], SO_PASSPIDFD, 1));
  int own = 0;
  show("with rights", send_rights(fds[0], "rights", 6, &own, 1, 0));
  show_recvmsg("cut, with all attached", fds[1], 20, 200, MSG_DONTWAIT);
}

int main(void) {
  for (size_t i = 0; i < sizeof data; i++) data[i] = 'a' + i % 26;
  for (int i = 0; i < 3; i++) kinds(ALL_TYPES[i]);
  lengths();
  order();
  return 0;
}
