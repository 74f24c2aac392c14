// network_namespaces(7): a loopback that is down at first, own ports, own abstract names, own tables; setns goes back.
// needs: root
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static struct ifreq request = {.ifr_name = "lo"};

static struct sockaddr_in v4(const char *address, int port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &name.sin_addr);
  return name;
}

static struct sockaddr_in6 v6(const char *address, int port) {
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  inet_pton(AF_INET6, address, &name.sin6_addr);
  return name;
}

static void try_all(const char *title) {
  say("-- %s", title);
  struct sockaddr_in loop = v4("127.0.0.1", 5000), any = v4("0.0.0.0", 5000), other = v4("127.1.2.3", 5000), far = v4("10.1.2.3", 5000);
  struct sockaddr_in6 loop6 = v6("::1", 5001), any6 = v6("::", 5001);
  const struct {
    const char *name;
    const void *address;
    socklen_t length;
  } places[] = {{"127.0.0.1", &loop, sizeof loop}, {"0.0.0.0", &any, sizeof any},    {"127.1.2.3", &other, sizeof other},
                {"10.1.2.3", &far, sizeof far},    {"::1", &loop6, sizeof loop6}, {"::", &any6, sizeof any6}};
  for (size_t i = 0; i < COUNT(places); i++) {
    int family = places[i].length == sizeof loop ? AF_INET : AF_INET6;
    int stream = MUST(socket(family, SOCK_STREAM, 0)), datagram = MUST(socket(family, SOCK_DGRAM, 0));
    say("%s", places[i].name);
    show("  bind", bind(stream, places[i].address, places[i].length));
    show("  sendto", sendto(datagram, "x", 1, 0, places[i].address, places[i].length));
    show("  udp connect", connect(datagram, places[i].address, places[i].length));
    close(stream);
    close(datagram);
  }
}

static void show_interface(void) {
  static const unsigned long questions[] = {SIOCGIFADDR, SIOCGIFNETMASK, SIOCGIFBRDADDR};
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  strcpy(request.ifr_name, "lo");
  CALL(ioctl(fd, SIOCGIFFLAGS, &request));
  say("flags: %#x", request.ifr_flags);
  for (size_t i = 0; i < COUNT(questions); i++)
    if (show("address", ioctl(fd, questions[i], &request)) == 0)
      say("  %s", inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
  struct ifconf list = {0};
  CALL(ioctl(fd, SIOCGIFCONF, &list));
  say("interfaces with addresses: %d", list.ifc_len / (int)sizeof request);
  close(fd);
  FILE *file = fopen("/proc/net/if_inet6", "r");
  char line[200] = "";
  say("if_inet6: %s", fgets(line, sizeof line, file) ? quoted(line, strlen(line)) : "nothing");
  fclose(file);
}

static long set_flags(const char *name, int flags) {
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq change = {.ifr_flags = flags};
  strcpy(change.ifr_name, name);
  long result = ioctl(fd, SIOCSIFFLAGS, &change);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static struct sockaddr_un abstract_name = {AF_UNIX, "\0a name of rivulet's tests"};

static int abstract_bound(void) {
  int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  show("bind an abstract name", bind(fd, (void *)&abstract_name, sizeof abstract_name));
  return fd;
}

static unsigned long long cookie_of(int fd) {
  unsigned long long cookie = 0;
  socklen_t length = sizeof cookie;
  MUST(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length));
  return cookie;
}

static int lines_with(const char *path, const char *text) {
  FILE *file = fopen(path, "r");
  char line[400];
  int count = 0;
  while (fgets(line, sizeof line, file)) count += strstr(line, text) != NULL;
  fclose(file);
  return count;
}

static ino_t inode_of(int fd) {
  struct stat status;
  MUST(fstat(fd, &status));
  return status.st_ino;
}

int main(void) {
  int home = MUST(open("/proc/self/ns/net", O_RDONLY)), old = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  int first = abstract_bound();
  int path = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  struct sockaddr_un path_name = {AF_UNIX, "by-path"};
  MUST(bind(path, (void *)&path_name, sizeof path_name));
  CALL(unshare(CLONE_NEWNET));
  int own = MUST(open("/proc/self/ns/net", O_RDONLY));
  say("another namespace: %d", inode_of(own) != inode_of(home));
  int second = abstract_bound();
  say("another cookie: %d, the old socket's is the old one: %d", cookie_of(second) != cookie_of(old), cookie_of(first) == cookie_of(old));
  say("in the table: %d", lines_with("/proc/net/unix", "a name of rivulet's tests"));
  say("the path is in the old table: %d", lines_with("/proc/net/unix", "by-path"));
  show("send to the path all the same", sendto(second, "hello", 5, 0, (void *)&path_name, sizeof path_name));
  char bytes[10];
  CALL(recv(path, bytes, sizeof bytes, 0));
  show("an old socket still finds old names", sendto(old, "old", 3, 0, (void *)&abstract_name, sizeof abstract_name));
  CALL(recv(first, bytes, sizeof bytes, MSG_DONTWAIT));
  CALL(recv(second, bytes, sizeof bytes, MSG_DONTWAIT));
  int asked = CALL_OK(ioctl(old, SIOCGSKNS)) == -1 ? -1 : ioctl(old, SIOCGSKNS);
  say("the socket's namespace: %d", inode_of(asked) == inode_of(home));
  say("close on exec: %d", fcntl(asked, F_GETFD));

  show_interface();
  try_all("down");
  CALL(set_flags("none", IFF_UP));
  CALL(set_flags("lo", IFF_UP));
  show_interface();
  try_all("up");

  struct sockaddr_in loop = v4("127.0.0.1", 5000);
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0)), client = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(listener, (void *)&loop, sizeof loop));
  MUST(listen(listener, 5));
  say("listeners in /proc/net/tcp: %d", lines_with("/proc/net/tcp", ":1388 00000000:0000 0A"));
  CALL(setns(home, CLONE_NEWUTS));
  CALL(setns(home, CLONE_NEWNET));
  say("listeners at home: %d", lines_with("/proc/net/tcp", ":1388 00000000:0000 0A"));
  int stranger = MUST(socket(AF_INET, SOCK_STREAM, 0));
  CALL(connect(stranger, (void *)&loop, sizeof loop));
  CALL(connect(client, (void *)&loop, sizeof loop));
  int server = CALL_OK(accept(listener, NULL, NULL));
  say("the server's end is in the listener's: %d", cookie_of(server) == cookie_of(second));
  CALL(send(client, "over", 4, 0));
  CALL(recv(server, bytes, sizeof bytes, 0));

  CALL(setns(own, 0));
  CALL(set_flags("lo", 0));
  show_interface();
  struct sockaddr_in6 loop6 = v6("::1", 5002);
  int late = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  CALL(bind(late, (void *)&loop6, sizeof loop6));
  CALL(sendto(late, "x", 1, 0, (void *)&loop6, sizeof loop6));

  if (fork() == 0) {
    MUST(setuid(1000));
    CALL(set_flags("lo", IFF_UP));
    CALL(ioctl(old, SIOCGSKNS));
    CALL(unshare(CLONE_NEWNET));
    CALL(setns(home, 0));
    _exit(0);
  }
  wait(NULL);
  pid_t child = MUST(syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
  if (child == 0) {
    int fd = MUST(open("/proc/self/ns/net", O_RDONLY));
    say("a child in a third one: %d", inode_of(fd) != inode_of(own) && inode_of(fd) != inode_of(home));
    show_interface();
    _exit(0);
  }
  wait(NULL);
  return 0;
}
