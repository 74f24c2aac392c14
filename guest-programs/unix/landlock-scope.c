// Landlock's scope of abstract names: who is confined does not connect or send to sockets that were made outside, names or not.
// rows: U09
// needs: root
#include "../lib/landlock.h"
#include "../lib/unix.h"

enum { TYPES = 3 };
static const int types[TYPES] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
static const char *names[TYPES] = {"stream", "seqpacket", "dgram"};

static int made(const char *name, int type) {
  int fd = MUST(socket(AF_UNIX, type, 0));
  MUST(bind_to(fd, name));
  if (type != SOCK_DGRAM) MUST(listen(fd, 10));
  return fd;
}

static void tries(const char *who, const char *at) {
  char label[120], name[60];
  for (int i = 0; i < TYPES; i++) {
    snprintf(name, sizeof name, "%s-%s", at, names[i]);
    int fd = MUST(socket(AF_UNIX, types[i], 0));
    snprintf(label, sizeof label, "%s: connect to %s", who, name);
    show(label, connect_to(fd, name));
    snprintf(label, sizeof label, "%s: once more", who);
    show(label, connect_to(fd, name));
    if (types[i] != SOCK_DGRAM) continue;
    int other = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    struct unix_address address = unix_address(name);
    snprintf(label, sizeof label, "%s: send to it", who);
    show(label, sendto(other, "x", 1, 0, (void *)&address.name, address.size));
    snprintf(label, sizeof label, "%s: send, connected", who);
    show(label, sendto(fd, "x", 1, 0, NULL, 0));
    snprintf(label, sizeof label, "%s: send, connected and named", who);
    show(label, sendto(fd, "x", 1, 0, (void *)&address.name, address.size));
    close(other);
    close(fd);
  }
}

static void confine(void) { enforce(handling(0, 0, SCOPE_ABSTRACT)); }

int main(void) {
  for (int i = 0; i < TYPES; i++) {
    char name[80];
    snprintf(name, sizeof name, "@rivulet-outside-%s", names[i]), made(name, types[i]);
    snprintf(name, sizeof name, "path-%s", names[i]), made(name, types[i]);
  }
  tries("unconfined", "@rivulet-outside");
  CONFINED("scoped", {
    int before = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(connect_to(before, "@rivulet-outside-dgram"));
    int idle = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    confine();
    tries("abstract", "@rivulet-outside");
    tries("by path", "path");
    show("connected before", send(before, "x", 1, 0));
    show("made before", connect_to(idle, "@rivulet-outside-stream"));
    show("no such name", connect_to(idle, "@rivulet-nobody"));
    show("another type", connect_to(idle, "@rivulet-outside-seqpacket"));
    for (int i = 0; i < TYPES; i++) {
      char name[80];
      snprintf(name, sizeof name, "@rivulet-inside-%s", names[i]), made(name, types[i]);
    }
    tries("of the own domain", "@rivulet-inside");
    pid_t child = MUST(fork());
    if (child == 0) {
      tries("the child", "@rivulet-inside");
      confine();
      tries("confined further", "@rivulet-inside");
      _exit(0);
    }
    show_wait("child", child);
    int pair[2];
    show("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    show("send to the other end", send(pair[0], "x", 1, 0));
    int nameless = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    show("autobind is free", bind_to(nameless, ""));
  });
  CONFINED("a full listener is not asked", {
    int full = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(bind_to(full, "@rivulet-full"));
    MUST(listen(full, 0));
    MUST(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "@rivulet-full"));
    confine();
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    show("connect", connect_to(fd, "@rivulet-full"));
    shutdown(full, SHUT_RD);
    show("connect to what is shut", connect_to(fd, "@rivulet-full"));
  });
  CONFINED("from within outwards", {
    enforce(handling(0, 0, SCOPE_SIGNAL)); // another scope
    tries("abstract", "@rivulet-outside");
    confine();
    tries("now", "@rivulet-outside");
  });
}
