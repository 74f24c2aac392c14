// U50: bad pointers and lengths at each place of a message, two at a time: which is found first, and what is lost.
// rows: U48
#include "../lib/unix-messages.h"

#define BAD ((void *)8)
enum { NAMES = 6, BUFFERS = 8, CONTROLS = 7 };

static char *edge, *read_only, buffer[16];

static void give_name(struct msghdr *message, struct sockaddr_un *name, int kind) {
  *name = (struct sockaddr_un){AF_UNIX, "nothing"};
  message->msg_name = kind == 0 ? NULL : kind == 2 || kind == 5 ? BAD : name;
  message->msg_namelen = kind == 3 ? (socklen_t)-1 : kind == 4 ? 1000 : kind == 2 ? 10 : kind == 1 ? sizeof *name : 0;
}

// 0 good, 1 the array is bad, 2 the second buffer, 3 the only one, 4 its end, 5 a negative length, 6 bad but empty, 7 too many.
static void give_buffers(struct msghdr *message, struct iovec vectors[2], int kind, char *good) {
  vectors[0] = (struct iovec){kind == 3 || kind == 6 ? BAD : kind == 4 ? edge - 2 : good, kind == 5 ? (size_t)-1 : kind == 6 ? 0 : 4};
  vectors[1] = (struct iovec){BAD, 4};
  message->msg_iov = kind == 1 ? BAD : kind == 7 ? NULL : vectors;
  message->msg_iovlen = kind == 2 ? 2 : kind == 7 ? 1025 : 1;
}

static void give_control(struct msghdr *message, char *room, int kind) {
  struct cmsghdr *header = (struct cmsghdr *)room;
  int one = 1;
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(header), &one, 4);
  message->msg_control = kind == 0 || kind == 6 ? NULL : kind == 2 || kind == 3 ? BAD : kind == 5 ? read_only : room;
  message->msg_controllen = kind == 0 || kind == 3 ? 0 : kind == 4 ? 200000 : kind == 1 || kind == 2 ? CMSG_SPACE(4) : 64;
}

static void try_message(int type, int name, int buffers, int control, bool receives) {
  int fds[2], ends[2];
  struct msghdr message = {0};
  struct sockaddr_un address;
  struct iovec vectors[2];
  _Alignas(8) char room[64] = {0};
  pair_of(type, fds);
  give_name(&message, &address, name);
  give_buffers(&message, vectors, buffers, receives ? buffer : "data");
  give_control(&message, room, control);
  const char *label = words("%s: name %d, buffers %d, control %d", receives ? "receive" : "send", name, buffers, control);
  if (receives) {
    MUST(pipe(ends));
    send_rights(fds[1], "hello", 5, ends, 2, 0);
    send_rights(fds[1], "world", 5, ends, 1, 0);
    close(ends[0]);
    close(ends[1]);
    int lowest = MUST(dup(0));
    close(lowest);
    long got = show(label, recvmsg(fds[0], &message, MSG_DONTWAIT));
    if (got >= 0) say("  name %d, control %zu, flags %s", message.msg_namelen, (size_t)message.msg_controllen, flag_names(message.msg_flags));
    int next = MUST(dup(0));
    say("  descriptors: %d", next - lowest);
    for (int fd = lowest; fd <= next; fd++) close(fd);
    show_recvmsg("  then", fds[0], 20, 64, MSG_DONTWAIT);
  } else {
    show(label, sendmsg(fds[0], &message, MSG_DONTWAIT));
    show_recvmsg("  arrives", fds[1], 20, 64, MSG_DONTWAIT);
  }
  close(fds[0]);
  close(fds[1]);
}

static void try_calls(int type) {
  int fds[2];
  socklen_t length = 10;
  pair_of(type, fds);
  CALL(sendmsg(fds[0], BAD, 0));
  CALL(recvmsg(fds[0], BAD, MSG_DONTWAIT));
  CALL(sendto(fds[0], BAD, 4, 0, NULL, 0));
  CALL(sendto(fds[0], "x", 1, MSG_DONTWAIT, BAD, 4));
  CALL(sendto(fds[0], "x", 1, MSG_DONTWAIT, BAD, -1));
  CALL(sendto(fds[0], "x", 1, MSG_DONTWAIT, NULL, -1));
  CALL(sendto(fds[0], "x", 1, MSG_DONTWAIT, BAD, 200));
  CALL(write(fds[0], BAD, 5));
  CALL(read(fds[1], BAD, 5));
  show_recvmsg("left", fds[1], 20, -1, MSG_DONTWAIT);
  CALL(bind(fds[0], BAD, 10));
  CALL(bind(fds[0], BAD, 0));
  CALL(bind(fds[0], BAD, -1));
  CALL(bind(fds[0], BAD, 129));
  CALL(connect(fds[0], BAD, 10));
  CALL(connect(fds[0], BAD, 0));
  CALL(connect(fds[0], BAD, 200));
  CALL(getsockname(fds[0], BAD, &length));
  say("length now %u", length);
  CALL(getsockname(fds[0], (void *)buffer, BAD));
  CALL(socketpair(AF_UNIX, type, 0, BAD));
  CALL(socketpair(AF_UNIX, type, 5, BAD));
  CALL(socketpair(AF_UNIX, 99, 0, BAD));
  CALL(accept(fds[0], BAD, BAD));
  close(fds[0]);
  close(fds[1]);
}

// A connection is lost when its name cannot be stored.
static void try_accept(int type) {
  const char *name = words("@u50-%d-%d", getpid(), type);
  int listener = bound_socket(type, name);
  MUST(listen(listener, 5));
  for (int kind = 0; kind < 5; kind++) {
    struct sockaddr_un address;
    socklen_t length = kind == 3 ? (socklen_t)-1 : 110;
    int client = MUST(socket(AF_UNIX, type, 0));
    MUST(connect_to(client, name));
    int got = kind == 0   ? accept(listener, BAD, &length)
              : kind == 1 ? accept(listener, (void *)&address, NULL)
              : kind == 2 ? accept(listener, NULL, BAD)
                          : accept(listener, (void *)&address, &length);
    show_ok(words("accept %d", kind), got);
    show_poll("  the listener", listener);
    show_poll("  the client", client);
    if (got >= 0) close(got);
    close(client);
  }
  close(listener);
}

static void try_many(void) {
  int fds[2];
  struct iovec data = {"abc", 3};
  struct mmsghdr list[3] = {0};
  struct timespec negative = {-1, 0}, long_fraction = {0, 1000000000};
  pair_of(SOCK_DGRAM, fds);
  for (int i = 0; i < 3; i++) list[i].msg_hdr.msg_iov = i == 1 ? BAD : &data, list[i].msg_hdr.msg_iovlen = 1;
  CALL(sendmmsg(fds[0], list, 3, 0));
  CALL(sendmmsg(fds[0], list + 1, 2, 0));
  CALL(sendmmsg(fds[0], BAD, 2, 0));
  CALL(sendmmsg(fds[0], BAD, 0, 0));
  CALL(recvmmsg(fds[1], BAD, 1, 0, NULL));
  CALL(recvmmsg(fds[1], list, 0, 0, NULL));
  CALL(recvmmsg(fds[1], list, 1, 0, &negative));
  CALL(recvmmsg(fds[1], list, 1, 0, &long_fraction));
  CALL(recvmmsg(fds[1], list, 1, 0, BAD));
  CALL(recvmmsg(fds[1], list, 1, MSG_DONTWAIT, NULL));
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  edge = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  edge += 4096;
  MUST(munmap(edge, 4096));
  read_only = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i];
    say("-- %s", type_name(type));
    for (int receives = 0; receives < 2; receives++) {
      for (int name = 0; name < NAMES; name++)
        for (int buffers = 0; buffers < BUFFERS; buffers++) try_message(type, name, buffers, 1, receives);
      for (int control = 0; control < CONTROLS; control++) {
        for (int buffers = 0; buffers < BUFFERS; buffers += 3) try_message(type, 0, buffers, control, receives);
        for (int name = 1; name < 3; name++) try_message(type, name, 0, control, receives);
      }
    }
    try_calls(type);
    if (type != SOCK_DGRAM) try_accept(type);
  }
  try_many();
  return 0;
}
