// U10: autobind gives NUL and five hex digits: by bind of the family alone, and by connect or send with SO_PASSCRED.
#include "../lib/unix-messages.h"

static void show_auto(const char *label, int fd) {
  struct sockaddr_un name;
  socklen_t size = sizeof name;
  MUST(getsockname(fd, (struct sockaddr *)&name, &size));
  int digits = 0;
  for (socklen_t i = 1; i + NAME_OFFSET < size; i++) digits += strchr("0123456789abcdef", name.sun_path[i]) != NULL;
  say("%s: size %u, first byte %d, hex digits %d", label, size, size > 2 ? name.sun_path[0] : -1, digits);
}

int main(void) {
  sa_family_t family = AF_UNIX;
  for (int i = 0; i < 3; i++) {
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    const char *kind = type_name(ALL_TYPES[i]);
    show(words("%s: bind", kind), bind(fd, (struct sockaddr *)&family, sizeof family));
    show_auto(kind, fd);
    struct sockaddr_un first, second;
    socklen_t size = sizeof first;
    MUST(getsockname(fd, (struct sockaddr *)&first, &size));
    show(words("%s: again", kind), bind(fd, (struct sockaddr *)&family, sizeof family));
    size = sizeof second;
    MUST(getsockname(fd, (struct sockaddr *)&second, &size));
    say("%s: same name: %d", kind, memcmp(first.sun_path, second.sun_path, 6) == 0);
    show(words("%s: bind to a path now", kind), bind_to(fd, "later"));
    show(words("%s: bind to an abstract name now", kind), bind_to(fd, "@later"));
    show(words("%s: nothing was left behind", kind), access("later", F_OK));
    int other = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    if (ALL_TYPES[i] != SOCK_DGRAM) MUST(listen(fd, 1));
    show(words("%s: reached by it", kind), connect(other, (struct sockaddr *)&first, NAME_OFFSET + 6));
    show_auto(words("%s: without SO_PASSCRED", kind), other);
  }
  int unspecified = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  family = AF_UNSPEC;
  show("family AF_UNSPEC", bind(unspecified, (struct sockaddr *)&family, sizeof family));
  family = AF_INET;
  show("family AF_INET", bind(unspecified, (struct sockaddr *)&family, sizeof family));

  int listener = listener_at("stream", 5), datagram = bound_socket(SOCK_DGRAM, "dgram");
  const int options[] = {SO_PASSCRED, SO_PASSPIDFD};
  for (int i = 0; i < 2; i++) {
    const char *kind = i ? "SO_PASSPIDFD" : "SO_PASSCRED";
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(set_option(fd, options[i], 1));
    show_auto(words("%s: before", kind), fd);
    show(words("%s: connect to nobody", kind), connect_to(fd, "nobody"));
    show_auto(words("%s: after a failed connect", kind), fd);
    close(fd);
    fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(set_option(fd, options[i], 1));
    show(words("%s: connect", kind), connect_to(fd, "stream"));
    show_auto(words("%s: after connect", kind), fd);
    fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(set_option(fd, options[i], 1));
    show(words("%s: sendto", kind), send_to(fd, "x", "dgram", 0));
    show_auto(words("%s: after sendto", kind), fd);
    fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(set_option(fd, options[i], 1));
    show(words("%s: dgram connect", kind), connect_to(fd, "dgram"));
    show_auto(words("%s: after dgram connect", kind), fd);
    fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(set_option(fd, options[i], 1));
    show(words("%s: send without peer", kind), send(fd, "x", 1, 0));
    show_auto(words("%s: after that", kind), fd);
  }
  (void)listener, (void)datagram;
  return 0;
}
