// SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING on UDP sockets: what comes with a datagram.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>

enum { STAMP = 29, STAMPNS = 35, STAMPING = 37, STAMP_NEW = 63, STAMPNS_NEW = 64, STAMPING_NEW = 65 };
enum { RX_SOFTWARE = 8, SOFTWARE = 16 };

static void show_stamps(const char *label, int fd, int flags, size_t room, struct timespec from, struct timespec to) {
  char data[20], control[300] __attribute__((aligned(8)));
  struct iovec into = {data, sizeof data};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = room ? control : NULL, .msg_controllen = room};
  ssize_t got = recvmsg(fd, &message, flags | MSG_DONTWAIT);
  if (got == -1) {
    show(label, -1);
    return;
  }
  char line[300];
  int at = snprintf(line, sizeof line, "%s: %zd, flags %#x, control %zu", label, got, message.msg_flags, (size_t)message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    long time[2] = {0};
    size_t length = header->cmsg_len - CMSG_LEN(0);
    memcpy(time, CMSG_DATA(header), length < sizeof time ? length : sizeof time);
    if (header->cmsg_type == STAMP || header->cmsg_type == STAMP_NEW) time[1] *= 1000;
    int64_t ns = time[0] * 1000000000LL + time[1];
    // stamps are cut to us or ns, and taken between the two moments
    bool is_between = ns >= from.tv_sec * 1000000000LL + from.tv_nsec - 1000 && ns <= to.tv_sec * 1000000000LL + to.tv_nsec;
    at += snprintf(line + at, sizeof line - at, ", type %d length %zu %s", header->cmsg_type, length, is_between ? "when it was sent" : "at another time");
  }
  say("%s", line);
}

int main(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof name;
  int receiver = MUST(socket(AF_INET, SOCK_DGRAM, 0)), sender = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(bind(receiver, (struct sockaddr *)&name, size));
  MUST(getsockname(receiver, (struct sockaddr *)&name, &size));
  MUST(connect(sender, (struct sockaddr *)&name, size));
  static const int OPTIONS[] = {STAMP, STAMPNS, STAMPING, STAMP_NEW, STAMPNS_NEW, STAMPING_NEW};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int value = OPTIONS[i] == STAMPING || OPTIONS[i] == STAMPING_NEW ? RX_SOFTWARE | SOFTWARE : 1;
    struct timespec from, to;
    char label[60];
    MUST(setsockopt(receiver, SOL_SOCKET, OPTIONS[i], &value, sizeof value));
    sleep_ms(20); // Linux begins to note times in the background
    clock_gettime(CLOCK_REALTIME, &from);
    for (int k = 0; k < 3; k++) MUST(send(sender, "datagram", 8, 0));
    clock_gettime(CLOCK_REALTIME, &to);
    sleep_ms(5);
    snprintf(label, sizeof label, "option %d", OPTIONS[i]);
    show_stamps(label, receiver, MSG_PEEK, 300, from, to);
    show_stamps(label, receiver, 0, 300, from, to);
    show_stamps(label, receiver, 0, 20, from, to);
    show_stamps(label, receiver, 0, 0, from, to);
    value = 0;
    MUST(setsockopt(receiver, SOL_SOCKET, OPTIONS[i], &value, sizeof value));
    MUST(send(sender, "datagram", 8, 0));
    show_stamps(label, receiver, 0, 300, from, to);
  }
  return 0;
}
