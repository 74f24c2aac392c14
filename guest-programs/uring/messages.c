// io_uring: messages into provided buffers, one and many, bundles of buffers, limits, what a completion says of the rest.
#include "../lib/uring.h"
#include <arpa/inet.h>
#include <stddef.h>

#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4)
#endif
#ifndef IORING_SEND_VECTORIZED
#define IORING_SEND_VECTORIZED (1U << 5)
#endif

enum { GROUP = 5, LIST = 6, COUNT = 8 };

static struct ring ring;
static char buffers[COUNT][256];
static struct io_uring_buf_ring *list;
static unsigned short tail;

// Buffers of so many bytes for the group, with numbers from `first` on.
static void provide(int first, int count, unsigned length) {
  for (int i = 0; i < count; i++) {
    int id = (first + i) % COUNT;
    memset(buffers[id], '.', sizeof buffers[id]);
    struct io_uring_buf *slot = &list->bufs[tail++ & (COUNT - 1)];
    slot->addr = (uintptr_t)buffers[id], slot->len = length, slot->bid = id;
  }
  __atomic_store_n(&list->tail, tail, __ATOMIC_RELEASE);
}

// Takes all buffers back.
static void reset(void) {
  struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)list, .ring_entries = COUNT, .bgid = GROUP};
  syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_PBUF_RING, &registration, 1);
  memset(list, 0, 4096);
  tail = 0;
  MUST(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &registration, 1));
}

static struct io_uring_sqe *selecting(int operation, int fd, uint64_t user_data) {
  struct io_uring_sqe *sqe = entry(&ring, operation, fd, user_data);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = GROUP;
  return sqe;
}

static void bind_to(int fd, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, name);
  MUST(bind(fd, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1));
}

static void single(void) {
  say("# one message into a provided buffer");
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  bind_to(pair[1], "single");
  reset();
  provide(0, 4, 16);
  struct sockaddr_un from;
  char control[64];
  struct iovec vectors[2] = {{NULL, 8}, {NULL, 8}};
  struct msghdr header = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = vectors, .msg_iovlen = 1,
                          .msg_control = control, .msg_controllen = sizeof control};
  MUST(write(pair[1], "longer than eight", 17));
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "eight bytes wanted", 1);
  say("text %s, flags %#x, name of %u, control of %zu", quoted(buffers[0], 16), header.msg_flags, header.msg_namelen,
      header.msg_controllen);
  MUST(write(pair[1], "longer than eight", 17));
  header.msg_iovlen = 0, header.msg_namelen = 4;
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "no vector: as much as the buffer", 1);
  say("text %s, flags %#x, name of %u", quoted(buffers[1], 16), header.msg_flags, header.msg_namelen);
  header.msg_iovlen = 2;
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "two vectors", 1);
  header.msg_iovlen = 1, header.msg_iov = (void *)8;
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "no memory for vectors", 1);
  header.msg_iov = vectors;
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = 8;
  run(&ring, "no memory for the header", 1);
  selecting(IORING_OP_SENDMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "sendmsg takes none", 1);
  selecting(IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "waits", 0);
  MUST(write(pair[1], "woken", 5));
  later(&ring, "woken", 1);
  memcpy(buffers[3], "sent from a buffer", 18);
  selecting(IORING_OP_SEND, pair[0], 1);
  char text[32];
  int other[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, other));
  run(&ring, "send", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  say("text %s", quoted(text, 16));
  selecting(IORING_OP_SEND, pair[0], 1);
  run(&ring, "none is left", 1);
  provide(4, 2, 16);
  memcpy(buffers[4], "five more", 9);
  selecting(IORING_OP_SEND, pair[0], 1)->len = 4;
  run(&ring, "four bytes", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  selecting(IORING_OP_SEND, pair[0], 1)->len = 40;
  run(&ring, "more than the buffer has", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  MUST(close(pair[0])), MUST(close(pair[1])), MUST(close(other[0])), MUST(close(other[1]));
}

// What a message's buffer holds: a header, room for the name, room for control data, the text.
static void show_message(int id, unsigned name_room, unsigned control_room, unsigned length) {
  struct { unsigned namelen, controllen, payloadlen, flags; } out;
  memcpy(&out, buffers[id], sizeof out);
  say("  %d: name %u, control %u, payload %u, flags %#x", id, out.namelen, out.controllen, out.payloadlen, out.flags);
  if (name_room) say("  name %s", quoted(buffers[id] + 16 + 2, name_room - 2 < 10 ? name_room - 2 : 10));
  if (control_room >= sizeof(struct cmsghdr) && out.controllen >= sizeof(struct cmsghdr)) {
    struct cmsghdr control;
    memcpy(&control, buffers[id] + 16 + name_room, sizeof control);
    say("  control of %zu, level %d, type %d", (size_t)control.cmsg_len, control.cmsg_level, control.cmsg_type);
    int fd;
    memcpy(&fd, buffers[id] + 16 + name_room + sizeof control, sizeof fd);
    if (control.cmsg_type == SCM_RIGHTS) say("  a descriptor that is open: %d", close(fd) == 0);
  }
  say("  text %s", quoted(buffers[id] + 16 + name_room + control_room, length));
}

static void pass_descriptor(int fd, const char *text) {
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec vector = {(void *)text, strlen(text)};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  MUST(sendmsg(fd, &message, 0));
}

static void many(void) {
  say("# many messages of one entry");
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  bind_to(pair[1], "many-of-them");
  reset();
  provide(0, 4, 128);
  struct msghdr header = {.msg_namelen = 20, .msg_controllen = 32};
  struct io_uring_sqe *sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "nothing yet", 0);
  struct msghdr kept = header;
  memset(&header, 0xff, sizeof header);
  MUST(write(pair[1], "first", 5));
  later(&ring, "one", 1);
  show_message(0, 20, 32, 8);
  MUST(write(pair[1], "", 0));
  later(&ring, "an empty one, which ends it", 1);
  show_message(1, 20, 32, 8);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&kept, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "again", 0);
  pass_descriptor(pair[1], "with a descriptor");
  later(&ring, "with a descriptor", 1);
  show_message(2, 20, 32, 20);
  char large[100];
  memset(large, 'L', sizeof large);
  MUST(write(pair[1], large, sizeof large));
  later(&ring, "too large, into the last buffer", 2);
  show_message(3, 20, 32, 60);
  MUST(write(pair[1], "no buffer", 9));
  provide(0, 4, 64);
  header = (struct msghdr){.msg_namelen = 4, .msg_controllen = 16};
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT, sqe->msg_flags = MSG_TRUNC | MSG_CMSG_CLOEXEC;
  run(&ring, "little room", 1);
  show_message(0, 4, 16, 12);
  pass_descriptor(pair[1], "no room for it");
  later(&ring, "a descriptor", 1);
  show_message(1, 4, 16, 16);
  MUST(write(pair[1], large, sizeof large));
  later(&ring, "too large, its length wanted", 1);
  show_message(2, 4, 16, 28);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->addr = 1;
  run(&ring, "cancelled", 2);
  // a buffer that has no room for the header
  reset();
  provide(0, 2, 30);
  header = (struct msghdr){.msg_namelen = 8, .msg_controllen = 8};
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "a small buffer", 0);
  MUST(write(pair[1], "unread", 6));
  later(&ring, "a small buffer", 0);
  reset();
  provide(4, 1, 32);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "room for the header alone", 1);
  show_message(4, 8, 8, 1);

  say("# what is refused");
  sqe = entry(&ring, IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "no group", 1);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT, sqe->msg_flags = MSG_WAITALL;
  run(&ring, "MSG_WAITALL", 1);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT, sqe->file_index = 5;
  run(&ring, "a limit", 1);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT, sqe->off = 5;
  run(&ring, "an offset", 1);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE;
  run(&ring, "a bundle", 1);
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = 1 << 8;
  run(&ring, "unknown flags", 1);
  header.msg_namelen = -1;
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "a negative length", 1);
  header.msg_name = &header;
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "a negative length of a name", 1);
  header = (struct msghdr){.msg_namelen = 4, .msg_controllen = 0x7fffffff};
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "lengths beyond an int", 1);
  MUST(close(pair[0])), MUST(close(pair[1]));

  say("# and their end");
  for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type += SOCK_SEQPACKET - SOCK_STREAM) {
    MUST(socketpair(AF_UNIX, type, 0, pair));
    reset();
    provide(0, 4, 64);
    header = (struct msghdr){.msg_namelen = 4, .msg_controllen = 4};
    sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
    sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECV_MULTISHOT;
    run(&ring, "nothing yet", 0);
    MUST(write(pair[1], "text", 4));
    later(&ring, "text", 1);
    MUST(close(pair[1]));
    later(&ring, "the end", 1);
    show_message(1, 4, 4, 4);
    MUST(close(pair[0]));
  }
}

static void nonempty(void) {
  say("# more is there");
  int pair[2];
  char text[16];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(write(pair[1], "0123456789", 10));
  for (int length = 4; length > 0; length -= 2) {
    struct io_uring_sqe *sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
    sqe->addr = (uintptr_t)text, sqe->len = length;
    run(&ring, "part", 1);
  }
  struct iovec vector = {text, 3};
  struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
  entry(&ring, IORING_OP_RECVMSG, pair[0], 1)->addr = (uintptr_t)&header;
  run(&ring, "part of a message", 1);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 1;
  run(&ring, "the last", 1);
  MUST(write(pair[1], "peek", 4));
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 4, sqe->msg_flags = MSG_PEEK;
  run(&ring, "MSG_PEEK", 1);
  sqe = entry(&ring, IORING_OP_READ, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 2, sqe->off = -1;
  run(&ring, "a read", 1);
  MUST(close(pair[1]));
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 1;
  run(&ring, "the other end is closed", 1);
  MUST(close(pair[0]));
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
  MUST(write(pair[1], "one", 3)), MUST(write(pair[1], "two", 3));
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 2;
  run(&ring, "a packet", 1);
  MUST(close(pair[0])), MUST(close(pair[1]));
}

static void limits(void) {
  say("# limits of many receives");
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  reset();
  provide(0, 8, 16);
  struct io_uring_sqe *sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECV_MULTISHOT, sqe->file_index = 20;
  run(&ring, "twenty bytes in all", 0);
  for (int i = 0; i < 3; i++) {
    MUST(write(pair[1], "8 bytes.", 8));
    later(&ring, "eight", i < 3 ? 1 : 0);
  }
  MUST(write(pair[1], "left", 4));
  char text[32];
  CALL(recv(pair[0], text, sizeof text, MSG_DONTWAIT));
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECV_MULTISHOT, sqe->len = 5;
  run(&ring, "five bytes each", 0);
  MUST(write(pair[1], "abcdefghijkl", 12));
  later(&ring, "twelve", 3);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->addr = 1;
  run(&ring, "cancelled", 2);
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->file_index = 20;
  run(&ring, "a limit of one", 1);
  MUST(close(pair[0])), MUST(close(pair[1]));
}

static void show_buffers(const char *label, int first, int count, unsigned length) {
  for (int i = 0; i < count; i++) say("%s: buffer %d %s", label, (first + i) % COUNT, quoted(buffers[(first + i) % COUNT], length));
}

static void bundles(void) {
  say("# bundles");
  int pair[2];
  char text[128];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  reset();
  provide(0, 4, 8);
  for (int i = 0; i < 4; i++) memset(buffers[i], 'a' + i, 8);
  struct io_uring_sqe *sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE, sqe->len = 20;
  run(&ring, "twenty bytes", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  say("text %s", quoted(text, 20));
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "all there is", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "nothing is there", 1);
  provide(0, 4, 8);
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "all", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  sqe = entry(&ring, IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE, sqe->addr = (uintptr_t)text, sqe->len = 4;
  run(&ring, "without a group", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));

  provide(0, 8, 8);
  MUST(write(pair[1], "abcdefghijklmnopqrst", 20));
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "received", 1);
  show_buffers("received", 0, 4, 8);
  CALL(recv(pair[0], text, sizeof text, MSG_DONTWAIT));
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE | IORING_RECV_MULTISHOT;
  run(&ring, "many", 0);
  MUST(write(pair[1], "123", 3));
  later(&ring, "three", 1);
  MUST(write(pair[1], "abcdefghijklmnopqrstuvwxyz", 26));
  later(&ring, "all that are left", 1);
  provide(0, 8, 8);
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE | IORING_RECV_MULTISHOT;
  run(&ring, "many", 0);
  MUST(write(pair[1], "abcdefghijklmnopqrstuvwxyz", 26));
  later(&ring, "four at once", 1);
  MUST(write(pair[1], "abcdefghijklmnopqrstuvwxyz0123456789", 36));
  later(&ring, "more than there are buffers for", 1);
  CALL(recv(pair[0], text, sizeof text, MSG_DONTWAIT));
  provide(0, 8, 8);
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE, sqe->len = 12;
  run(&ring, "twelve wanted", 0);
  MUST(write(pair[1], "abcdefghijklmnopqrstuvwxyz", 26));
  later(&ring, "twelve wanted", 1);
  show_buffers("twelve", 0, 3, 8);
  CALL(recv(pair[0], text, sizeof text, MSG_DONTWAIT));
  MUST(close(pair[1])), MUST(close(pair[0]));
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
  reset();
  provide(0, 8, 8);
  MUST(write(pair[1], "a packet of more", 16)), MUST(write(pair[1], "second", 6));
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "a packet", 1);
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "a packet of all", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  sqe = entry(&ring, IORING_OP_PROVIDE_BUFFERS, 3, 1);
  sqe->addr = (uintptr_t)buffers, sqe->len = 8, sqe->buf_group = LIST;
  run(&ring, "a list of three", 1);
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE, sqe->buf_group = LIST;
  run(&ring, "a bundle of a list", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  MUST(close(pair[1])), MUST(close(pair[0]));
}

static void sending(void) {
  say("# sending");
  int pair[2];
  char text[64];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  struct iovec vectors[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_SEND, pair[0], 1);
  sqe->addr = (uintptr_t)vectors, sqe->len = 3, sqe->ioprio = IORING_SEND_VECTORIZED;
  run(&ring, "vectors", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  say("text %s", quoted(text, 13));
  sqe = entry(&ring, IORING_OP_SEND, pair[0], 1);
  sqe->addr = 8, sqe->len = 3, sqe->ioprio = IORING_SEND_VECTORIZED;
  run(&ring, "no vectors", 1);
  sqe = entry(&ring, IORING_OP_SEND, pair[0], 1);
  sqe->addr = (uintptr_t)vectors, sqe->len = 2000, sqe->ioprio = IORING_SEND_VECTORIZED;
  run(&ring, "too many vectors", 1);
  struct msghdr header = {.msg_iov = vectors, .msg_iovlen = 2};
  sqe = entry(&ring, IORING_OP_SENDMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_SEND_VECTORIZED;
  run(&ring, "vectors of a message", 1);
  sqe = entry(&ring, IORING_OP_SENDMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&header, sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "a bundle of a message", 1);
  recv(pair[1], text, sizeof text, MSG_DONTWAIT);
  sqe = entry(&ring, IORING_OP_SEND, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 4, sqe->ioprio = IORING_RECVSEND_FIXED_BUF;
  run(&ring, "a registered buffer", 1);
  sqe = entry(&ring, IORING_OP_SEND_ZC, pair[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 4;
  run(&ring, "without copying", 1);
  header.msg_iovlen = 1;
  sqe = entry(&ring, IORING_OP_SENDMSG_ZC, pair[0], 1);
  sqe->addr = (uintptr_t)&header;
  run(&ring, "a message without copying", 1);
  reset();
  provide(0, 4, 8);
  MUST(close(pair[1]));
  selecting(IORING_OP_SEND, pair[0], 1);
  run(&ring, "nobody reads", 1);
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_BUNDLE;
  run(&ring, "nobody reads a bundle", 1);
  selecting(IORING_OP_RECV, pair[0], 1);
  run(&ring, "the end", 1);
  MUST(close(pair[0]));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  sqe = selecting(IORING_OP_SEND, pair[0], 1);
  run(&ring, "the first buffer", 1);
  sqe = entry(&ring, IORING_OP_PROVIDE_BUFFERS, 2, 1);
  sqe->addr = (uintptr_t)buffers, sqe->len = 8, sqe->buf_group = LIST;
  run(&ring, "a list of two", 1);
  MUST(close(pair[1]));
  selecting(IORING_OP_SEND, pair[0], 1)->buf_group = LIST;
  run(&ring, "nobody reads", 1);
  sqe = entry(&ring, IORING_OP_REMOVE_BUFFERS, 3, 1);
  sqe->buf_group = LIST;
  run(&ring, "left of it", 1);
  MUST(close(pair[0]));

  say("# all or nothing");
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  reset();
  provide(0, 4, 8);
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->msg_flags = MSG_WAITALL;
  run(&ring, "a whole buffer", 0);
  MUST(write(pair[1], "1234", 4));
  run(&ring, "half", 0);
  selecting(IORING_OP_SEND, pair[0], 2);
  run(&ring, "another", 1);
  MUST(write(pair[1], "5678", 4));
  later(&ring, "all", 1);
  show_buffers("all", 0, 1, 8);
  struct iovec vector = {text, 8};
  struct msghdr whole = {.msg_iov = &vector, .msg_iovlen = 1};
  sqe = selecting(IORING_OP_RECVMSG, pair[0], 1);
  sqe->addr = (uintptr_t)&whole, sqe->msg_flags = MSG_WAITALL;
  run(&ring, "a whole message", 0);
  MUST(write(pair[1], "1234", 4));
  run(&ring, "half", 0);
  MUST(write(pair[1], "5678", 4));
  later(&ring, "all", 1);
  show_buffers("all", 2, 1, 8);
  sqe = selecting(IORING_OP_RECV, pair[0], 1);
  sqe->ioprio = IORING_RECVSEND_POLL_FIRST;
  run(&ring, "polls first", 0);
  MUST(write(pair[1], "1234", 4));
  later(&ring, "polls first", 1);
  selecting(IORING_OP_RECV, pair[0], 1)->ioprio = IORING_RECVSEND_POLL_FIRST;
  run(&ring, "polls, without a buffer", 0);
  MUST(write(pair[1], "1234", 4));
  later(&ring, "without a buffer", 1);
  MUST(close(pair[1])), MUST(close(pair[0]));
}

static void tcp(void) {
  say("# TCP");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0)), clients[2], accepted[2];
  MUST(bind(listener, (struct sockaddr *)&address, sizeof address));
  MUST(listen(listener, 5));
  MUST(getsockname(listener, (struct sockaddr *)&address, &length));
  for (int i = 0; i < 2; i++) {
    clients[i] = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(clients[i], (struct sockaddr *)&address, sizeof address));
  }
  for (int i = 0; i < 2; i++) {
    entry(&ring, IORING_OP_ACCEPT, listener, 1);
    submit_and_wait(&ring, 1);
    struct io_uring_cqe cqe = {0};
    take_completion(&ring, &cqe);
    accepted[i] = cqe.res;
    say("accepted: %d, flags %#x", cqe.res > 0, cqe.flags);
  }
  char text[64] = "sent as it lies", copy[64];
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_SEND_ZC, clients[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 16;
  run(&ring, "without copying", 2);
  sqe = entry(&ring, IORING_OP_SEND_ZC, clients[0], 1);
  sqe->addr = (uintptr_t)text, sqe->len = 16, sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  run(&ring, "nothing can be hidden", 1);
  struct iovec registered = {text, 32};
  MUST(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &registered, 1));
  for (int at = 0; at <= 32; at += 16) {
    sqe = entry(&ring, IORING_OP_SEND_ZC, clients[0], 1);
    sqe->addr = (uintptr_t)text + at, sqe->len = 16, sqe->ioprio = IORING_RECVSEND_FIXED_BUF;
    run(&ring, "from a registered buffer", 2);
  }
  MUST(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
  for (int i = 0; i < 3; i++) {
    sqe = entry(&ring, IORING_OP_RECV, accepted[0], 1);
    sqe->addr = (uintptr_t)copy, sqe->len = 16;
    run(&ring, "received", 1);
  }
  MUST(write(clients[1], "the end", 7));
  MUST(shutdown(clients[1], SHUT_WR));
  for (int i = 0; i < 3; i++) {
    sqe = entry(&ring, IORING_OP_RECV, accepted[1], 1);
    sqe->addr = (uintptr_t)copy, sqe->len = i == 0 ? 4 : 16;
    run(&ring, "to the end", 1);
  }
  for (int i = 0; i < 2; i++) MUST(close(clients[i])), MUST(close(accepted[i]));
  MUST(close(listener));
}

int main(void) {
  MUST(ring_setup(&ring, 16, 0));
  list = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  single();
  many();
  nonempty();
  limits();
  bundles();
  sending();
  tcp();
  return 0;
}
