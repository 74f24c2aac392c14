// TCP's urgent byte, connect without waiting and to AF_UNSPEC, options out of range, and what is refused.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>

#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif

static struct sockaddr_in at(int port) {
  return (struct sockaddr_in){AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
}

static const struct sockaddr_in nobody = {AF_INET, 256 /* port 1 */, {0x0100007f}, {0}};
static const struct sockaddr none = {.sa_family = AF_UNSPEC};
static struct sockaddr_in address;
static int listener;

static void show_poll(const char *label, int fd) {
  struct pollfd one = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  poll(&one, 1, 1000);
  say("%s: %#x", label, one.revents);
}

static void show_number(const char *label, int fd, unsigned long request) {
  int number = -1;
  if (ioctl(fd, request, &number) == 0) say("%s: %d", label, number);
  else show(label, -1);
}

static void option(int fd, int level, int name, int value) {
  char label[64];
  snprintf(label, sizeof label, "option %d of level %d to %d", name, level, value);
  show(label, setsockopt(fd, level, name, &value, sizeof value));
  socklen_t length = sizeof value;
  if (getsockopt(fd, level, name, &value, &length) == 0) say("  reads %d", value);
  else show("  reads", -1);
}

static void error_of(int fd) {
  int error;
  socklen_t length = sizeof error;
  MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length));
  say("SO_ERROR %s", error ? errno_name(error) : "0");
}

static void urgent(void) {
  char data[16];
  int client = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(client, (struct sockaddr *)&address, sizeof address));
  int server = MUST(accept4(listener, NULL, NULL, SOCK_NONBLOCK));
  CALL(recv(server, data, 1, MSG_OOB));
  CALL(recv(server, data, 0, 0));
  CALL(read(server, data, 0));
  MUST(send(client, "hello", 5, MSG_OOB));
  show_poll("hello", server);
  show_number("mark", server, SIOCATMARK);
  show_number("readable", server, FIONREAD);
  CALL(recv(server, data, 1, MSG_OOB | MSG_PEEK));
  CALL(recv(server, data, 10, MSG_PEEK));
  CALL(recv(server, data, 1, MSG_OOB));
  CALL(recv(server, data, 1, MSG_OOB));
  CALL(recv(server, data, 10, 0));
  show_number("mark", server, SIOCATMARK);
  CALL(recv(server, data, 10, 0));
  MUST(send(client, "ab", 2, MSG_OOB));
  MUST(send(client, "cd", 2, 0));
  CALL(recv(server, data, 10, 0));
  show_poll("at the mark", server);
  CALL(recv(server, data, 10, 0));
  say("%.2s", data);
  CALL(recv(server, data, 1, MSG_OOB));
  int on = 1;
  MUST(setsockopt(server, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
  MUST(send(client, "xyz", 3, MSG_OOB));
  CALL(recv(server, data, 1, MSG_OOB));
  CALL(recv(server, data, 10, 0));
  CALL(recv(server, data, 10, 0));
  close(client);
  close(server);
}

static void connecting(void) {
  int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  CALL(shutdown(fd, SHUT_RDWR));
  show_poll("shut down unconnected", fd);
  close(fd);
  fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  CALL(connect(fd, (struct sockaddr *)&address, sizeof address));
  show_poll("connecting", fd);
  CALL(connect(fd, (struct sockaddr *)&address, sizeof address));
  CALL(connect(fd, (struct sockaddr *)&address, sizeof address));
  int server = MUST(accept(listener, NULL, NULL));
  CALL(connect(fd, &none, sizeof none));
  CALL(getpeername(fd, (struct sockaddr *)&(struct sockaddr_in){0}, &(socklen_t){16}));
  char byte;
  CALL(recv(server, &byte, 1, 0));
  close(server);
  error_of(fd);
  close(fd);
  for (int asks = 0; asks < 2; asks++) {
    fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CALL(connect(fd, (struct sockaddr *)&nobody, sizeof nobody));
    show_poll("refused", fd);
    if (asks) error_of(fd);
    CALL(connect(fd, (struct sockaddr *)&nobody, sizeof nobody));
    error_of(fd);
    close(fd);
  }
}

static void options(void) {
  int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  option(fd, IPPROTO_TCP, TCP_NODELAY, 5);
  option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0);
  option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  option(fd, IPPROTO_TCP, TCP_KEEPCNT, 200);
  option(fd, IPPROTO_TCP, TCP_SYNCNT, 300);
  option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, -1);
  option(fd, IPPROTO_IP, IP_TTL, 0);
  option(fd, IPPROTO_IP, IP_TTL, 10);
  option(fd, IPPROTO_IP, IP_TTL, -1);
  option(fd, IPPROTO_IP, IP_MTU_DISCOVER, 9);
  option(fd, SOL_SOCKET, SO_PASSCRED, 1);
  option(fd, SOL_SOCKET, SO_ZEROCOPY, 1);
  option(fd, SOL_SOCKET, SO_ZEROCOPY, 2);
  option(fd, 999, 1, 0);
  close(fd);
  CALL(socket(AF_INET, SOCK_STREAM, 999));
  CALL(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in zero = at(0);
  CALL(sendto(fd, "x", 1, 0, (struct sockaddr *)&zero, sizeof zero));
}

int main(void) {
  listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
  address = at(0);
  MUST(bind(listener, (struct sockaddr *)&address, sizeof address));
  MUST(listen(listener, 5));
  MUST(getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof address}));
  urgent();
  connecting();
  options();
  return 0;
}
