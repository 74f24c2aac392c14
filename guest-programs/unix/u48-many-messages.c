// U48: sendmmsg and recvmmsg: counts, partial results, MSG_WAITFORONE, the timeout.
#include "../lib/unix-messages.h"

static struct mmsghdr batch[1100];
static struct iovec vectors[1100];
static char data[1100][16];

static void prepare(int count, size_t size) {
  memset(batch, 0, sizeof batch);
  for (int i = 0; i < count; i++) {
    vectors[i] = (struct iovec){data[i], size};
    batch[i].msg_hdr.msg_iov = &vectors[i];
    batch[i].msg_hdr.msg_iovlen = 1;
  }
}
static void prepare_sends(int count) {
  prepare(count, 0);
  for (int i = 0; i < count; i++) vectors[i].iov_len = sprintf(data[i], "message %d", i);
}
static void show_lengths(int count) {
  char text[400] = "";
  for (int i = 0; i < count && i < 20; i++) sprintf(text + strlen(text), " %u", batch[i].msg_len);
  say("  lengths%s", text);
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[2];
    pair_of(ALL_TYPES[i], fds);
    prepare_sends(5);
    show(words("%s: sendmmsg 5", kind), sendmmsg(fds[0], batch, 5, 0));
    show_lengths(5);
    prepare(8, 12);
    int got = recvmmsg(fds[1], batch, 8, MSG_DONTWAIT, NULL);
    show(words("%s: recvmmsg of 8", kind), got);
    show_lengths(got);
    if (got > 0) say("  first %s flags %s", quoted(data[0], batch[0].msg_len), flag_names(batch[0].msg_hdr.msg_flags));
    show(words("%s: nothing there", kind), recvmmsg(fds[1], batch, 8, MSG_DONTWAIT, NULL));
    show(words("%s: no messages to send", kind), sendmmsg(fds[0], batch, 0, 0));
    show(words("%s: no messages to receive", kind), recvmmsg(fds[1], batch, 0, 0, NULL));
    prepare_sends(3);
    MUST(sendmmsg(fds[0], batch, 3, 0));
    prepare(8, 4);
    got = recvmmsg(fds[1], batch, 8, MSG_WAITFORONE, NULL);
    show(words("%s: MSG_WAITFORONE", kind), got);
    show_lengths(got);
    while (recv(fds[1], data[0], 16, MSG_DONTWAIT) > 0) continue;
    prepare_sends(3);
    vectors[1].iov_base = (void *)8;
    show(words("%s: the second is bad", kind), sendmmsg(fds[0], batch, 3, 0));
    vectors[0].iov_base = (void *)8;
    show(words("%s: the first is bad", kind), sendmmsg(fds[0], batch, 3, 0));
    while (recv(fds[1], data[0], 16, MSG_DONTWAIT) > 0) continue;
    prepare_sends(3);
    MUST(sendmmsg(fds[0], batch, 3, 0));
    prepare(3, 4);
    batch[1].msg_hdr.msg_iov = (void *)8;
    show(words("%s: receiving, the second is bad", kind), recvmmsg(fds[1], batch, 3, MSG_DONTWAIT, NULL));
    show_option(words("%s: it is left for later", kind), fds[1], SO_ERROR);
    while (recv(fds[1], data[0], 16, MSG_DONTWAIT) > 0) continue;
    struct timespec limit = {0, 30000000};
    pid_t child = MUST(fork());
    if (child == 0) {
      sleep_ms(60);
      MUST(send(fds[0], "late", 4, 0));
      sleep_ms(60);
      MUST(send(fds[0], "later", 5, 0));
      _exit(0);
    }
    prepare(3, 12);
    got = recvmmsg(fds[1], batch, 3, 0, &limit);
    show(words("%s: the timeout counts after a message", kind), got);
    say("  left %ld.%09ld", (long)limit.tv_sec, limit.tv_nsec);
    show_wait("sender", child);
    while (recv(fds[1], data[0], 16, MSG_DONTWAIT) > 0) continue;
    MUST(send(fds[0], "now", 3, 0));
    limit = (struct timespec){0, 0};
    show(words("%s: timeout 0", kind), recvmmsg(fds[1], batch, 3, 0, &limit));
    limit = (struct timespec){0, 1000000000};
    show(words("%s: bad timeout", kind), recvmmsg(fds[1], batch, 3, 0, &limit));
    limit = (struct timespec){-1, 0};
    show(words("%s: negative timeout", kind), recvmmsg(fds[1], batch, 3, 0, &limit));
    show(words("%s: bad timeout address", kind), recvmmsg(fds[1], batch, 3, 0, (void *)8));
    show(words("%s: bad vector", kind), recvmmsg(fds[1], (void *)8, 3, MSG_DONTWAIT, NULL));
    prepare_sends(1100);
    got = sendmmsg(fds[0], batch, 1100, MSG_DONTWAIT);
    show(words("%s: 1100 messages", kind), got);
    prepare(1100, 16);
    show(words("%s: received", kind), recvmmsg(fds[1], batch, 1100, MSG_DONTWAIT, NULL));
    close(fds[1]);
    prepare_sends(2);
    show(words("%s: closed peer", kind), sendmmsg(fds[0], batch, 2, MSG_NOSIGNAL));
    close(fds[0]);
  }
  // To several receivers, with names.
  int a = bound_socket(SOCK_DGRAM, "a"), b = bound_socket(SOCK_DGRAM, "b"), from = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  static struct unix_address names[3];
  names[0] = unix_address("a"), names[1] = unix_address("b"), names[2] = unix_address("nowhere");
  prepare_sends(3);
  for (int i = 0; i < 3; i++) {
    batch[i].msg_hdr.msg_name = &names[i].name;
    batch[i].msg_hdr.msg_namelen = names[i].size;
  }
  show("three names, one missing", sendmmsg(from, batch, 3, 0));
  show_recvmsg("a", a, 20, 0, MSG_DONTWAIT);
  show_recvmsg("b", b, 20, 0, MSG_DONTWAIT);
  show("sendmmsg, no socket", sendmmsg(0, batch, 3, 0));
  show("recvmmsg, no descriptor", recvmmsg(99, batch, 3, 0, NULL));
  return 0;
}
