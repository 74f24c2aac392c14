// io_uring: what entries point to is read when they are submitted; splices at offsets, vectors in registered buffers.
// Commands of sockets come at the end.
#include "../lib/uring.h"
#include <netinet/in.h>
#include <sys/socket.h>

enum { OP_URING_CMD = 46, OP_RECV_ZC = 58, OP_READV_FIXED = 60, OP_WRITEV_FIXED };
enum { CMD_SIOCINQ, CMD_SIOCOUTQ, CMD_GETSOCKOPT, CMD_SETSOCKOPT };
enum { SPLICE_FD_IN_FIXED = 1u << 31 };

static struct ring ring;

static struct io_uring_sqe *vectors(int operation, int fd, const struct iovec *list, unsigned count, uint64_t offset) {
  struct io_uring_sqe *sqe = entry(&ring, operation, fd, 1);
  sqe->addr = (uintptr_t)list, sqe->len = count, sqe->off = offset;
  return sqe;
}

static void kept(void) {
  int ends[2], pair[2];
  MUST(pipe(ends));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  char first[8] = "", second[8] = "";
  struct iovec list[2] = {{first, 2}, {second, 3}};
  vectors(IORING_OP_READV, ends[0], list, 2, -1), run(&ring, "readv waits", 0);
  memset(list, 0, sizeof list);
  MUST(write(ends[1], "hello", 5));
  run(&ring, "readv", 1);
  say("read: %s %s", first, second);
  vectors(IORING_OP_READV, ends[0], (void *)8, 2, -1), run(&ring, "no vectors", 1);
  vectors(IORING_OP_READV, ends[0], list, 1025, -1), run(&ring, "too many vectors", 1);

  list[0] = (struct iovec){first, 8}, memset(first, 0, sizeof first);
  struct msghdr message = {.msg_iov = list, .msg_iovlen = 1};
  vectors(IORING_OP_RECVMSG, pair[0], (void *)&message, 1, 0), run(&ring, "recvmsg waits", 0);
  memset(&message, 0, sizeof message), memset(list, 0, sizeof list);
  MUST(write(pair[1], "words", 5));
  run(&ring, "recvmsg", 1);
  say("received: %s", first);
  vectors(IORING_OP_RECVMSG, pair[0], (void *)8, 1, 0), run(&ring, "no message", 1);

  // a chain: the second entry begins when the path has changed
  char path[16] = "made", text[4] = "";
  entry(&ring, IORING_OP_READ, ends[0], 1)->flags = IOSQE_IO_LINK;
  ring.entries[(*RING_FIELD(&ring, ring.params.sq_off.tail) - 1) & (ring.params.sq_entries - 1)].addr = (uintptr_t)text;
  ring.entries[(*RING_FIELD(&ring, ring.params.sq_off.tail) - 1) & (ring.params.sq_entries - 1)].len = 2;
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_MKDIRAT, AT_FDCWD, 2);
  sqe->addr = (uintptr_t)path, sqe->len = 0700;
  run(&ring, "mkdir waits", 0);
  strcpy(path, "other");
  MUST(write(ends[1], "go", 2));
  run(&ring, "mkdir", 2);
  CALL(rmdir("made"));
  CALL(rmdir("other"));
}

static void splices(void) {
  int ends[2];
  MUST(pipe(ends));
  char text[16] = "";
  int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  struct io_uring_sqe *sqe;
#define SPLICE(label, from, from_offset, to, to_offset, count, more) \
  (sqe = entry(&ring, IORING_OP_SPLICE, to, 1), sqe->splice_fd_in = from, sqe->splice_off_in = from_offset, \
   sqe->off = to_offset, sqe->len = count, more, run(&ring, label, 1))
  SPLICE("from an offset", fd, 3, ends[1], -1, 4, (void)0);
  MUST(read(ends[0], text, 8));
  say("%s, position %ld", text, (long)lseek(fd, 0, SEEK_CUR));
  MUST(write(ends[1], "ab", 2));
  SPLICE("to an offset", ends[0], -1, fd, 1, 4, (void)0);
  MUST(pread(fd, text, 15, 0));
  say("%s, position %ld", text, (long)lseek(fd, 0, SEEK_CUR));
  SPLICE("an offset of a pipe", ends[0], 1, fd, 1, 4, (void)0);
  SPLICE("a negative one", fd, -5, ends[1], -1, 4, (void)0);
  SPLICE("nothing", fd, 0, ends[1], -1, 0, (void)0);
  SPLICE("bad descriptor", 99, 0, ends[1], -1, 4, (void)0);
  SPLICE("bad descriptor, nothing", 99, 0, ends[1], -1, 0, (void)0);
  SPLICE("unknown flag", fd, 0, ends[1], -1, 4, sqe->splice_flags = 0x40);
  int slots[2] = {fd, ends[1]};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, slots, 2));
  SPLICE("registered files", 0, 0, 1, -1, 4, (sqe->flags = IOSQE_FIXED_FILE, sqe->splice_flags = SPLICE_FD_IN_FIXED));
  SPLICE("an empty slot", 7, 0, 1, -1, 4, (sqe->flags = IOSQE_FIXED_FILE, sqe->splice_flags = SPLICE_FD_IN_FIXED));
  sqe = entry(&ring, IORING_OP_TEE, 1, 1), sqe->flags = IOSQE_FIXED_FILE, sqe->splice_fd_in = ends[0], sqe->len = 4;
  run(&ring, "tee into itself", 1);

  char area[32] = "abcdefghijklmnop";
  struct iovec registered = {area, sizeof area}, parts[2] = {{area + 1, 2}, {area + 8, 3}};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &registered, 1));
  vectors(OP_WRITEV_FIXED, fd, parts, 2, 0), run(&ring, "writev, registered", 1);
  MUST(pread(fd, text, 15, 0));
  say("%s", text);
  vectors(OP_READV_FIXED, fd, parts, 2, 4), run(&ring, "readv, registered", 1);
  say("%s", area);
  parts[1].iov_base = text;
  vectors(OP_READV_FIXED, fd, parts, 2, 4), run(&ring, "outside", 1);
  vectors(OP_READV_FIXED, fd, parts, 2, 4)->buf_index = 3, run(&ring, "no such buffer", 1);
}

static void commands(void) {
  int pair[2], tcp = MUST(socket(AF_INET, SOCK_STREAM, 0)), udp = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  struct io_uring_sqe *sqe;
#define COMMAND(label, fd, command, more) \
  (sqe = entry(&ring, OP_URING_CMD, fd, 1), sqe->off = (unsigned)(command), more, run(&ring, label, 1))
#define OPTION(level, number, value) \
  (sqe->addr = (uint64_t)(number) << 32 | (level), sqe->addr3 = (uintptr_t)(value), sqe->file_index = sizeof(int))
  COMMAND("AF_UNIX", pair[0], CMD_SIOCINQ, (void)0);
  COMMAND("a file", MUST(open(".", O_RDONLY)), CMD_SIOCINQ, (void)0);
  COMMAND("/dev/null", MUST(open("/dev/null", O_RDONLY)), 77, (void)0);
  COMMAND("tcp in", tcp, CMD_SIOCINQ, (void)0);
  COMMAND("tcp out", tcp, CMD_SIOCOUTQ, (void)0);
  COMMAND("unknown", tcp, 77, (void)0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(udp, (void *)&to, sizeof to));
  MUST(getsockname(udp, (void *)&to, &(socklen_t){sizeof to}));
  MUST(sendto(udp, "12345", 5, 0, (void *)&to, sizeof to));
  COMMAND("udp in", udp, CMD_SIOCINQ, (void)0);
  COMMAND("udp out", udp, CMD_SIOCOUTQ, (void)0);
  int one = 1, value = -1;
  COMMAND("set", tcp, CMD_SETSOCKOPT, OPTION(SOL_SOCKET, SO_KEEPALIVE, &one));
  COMMAND("get", tcp, CMD_GETSOCKOPT, OPTION(SOL_SOCKET, SO_KEEPALIVE, &value));
  say("value: %d", value);
  COMMAND("set for tcp", tcp, CMD_SETSOCKOPT, OPTION(IPPROTO_TCP, 1, &one));
  COMMAND("get for tcp", tcp, CMD_GETSOCKOPT, OPTION(IPPROTO_TCP, 1, &value));
  COMMAND("no such option", tcp, CMD_GETSOCKOPT, OPTION(SOL_SOCKET, 999, &value));
  COMMAND("flags", tcp, CMD_SIOCINQ, sqe->rw_flags = 1 << 5);
  COMMAND("padding", tcp, CMD_SIOCINQ, sqe->off = 1ull << 32);
  entry(&ring, OP_RECV_ZC, tcp, 1), run(&ring, "receive in place", 1);
  entry(&ring, OP_RECV_ZC, tcp, 1)->ioprio = 2, run(&ring, "receive in place, many times", 1);
}

int main(void) {
  MUST(ring_setup(&ring, 8, 0));
  kept();
  splices();
  commands();
  ring_close(&ring);
}
