// U51: /proc/net/unix, /proc/net/protocols, sockstat, fd links and fdinfo's scm_fds.
#include "../lib/unix-messages.h"
#include <sys/sysmacros.h>

static long inode_of(int fd) {
  struct stat info;
  MUST(fstat(fd, &info));
  return info.st_ino;
}

// The socket's line of /proc/net/unix without its address and number.
static void show_line(const char *label, int fd) {
  FILE *list = fopen("/proc/net/unix", "r");
  char line[400];
  long wanted = inode_of(fd);
  int found = 0;
  while (fgets(line, sizeof line, list)) {
    unsigned long ref, protocol, flags, type, state;
    long inode;
    int at = 0;
    if (sscanf(line, "%*x: %lx %lx %lx %lx %lx %ld%n", &ref, &protocol, &flags, &type, &state, &inode, &at) < 6) continue;
    if (inode != wanted) continue;
    found++;
    char *end = strchr(line, '\n');
    say("%s: references %lx protocol %lx flags %lx type %lx state %lx name %s", label, ref, protocol, flags, type, state, quoted(line + at, end - line - at));
  }
  fclose(list);
  if (!found) say("%s: not listed", label);
}

static void show_info(const char *label, int fd) {
  char path[64], line[200];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *info = fopen(path, "r");
  while (fgets(line, sizeof line, info))
    if (strncmp(line, "scm_fds", 7) == 0) say("%s: %.*s", label, (int)strcspn(line, "\n"), line);
  fclose(info);
}

int main(void) {
  FILE *list = fopen("/proc/net/unix", "r");
  char line[400];
  MUST(fgets(line, sizeof line, list) ? 0 : -1);
  say("header: %s", quoted(line, strlen(line)));
  MUST(fgets(line, sizeof line, list) ? 0 : 0);
  fclose(list);
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[3], fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show_line(words("%s: new", kind), fd);
    MUST(bind_to(fd, words("path-%d", i)));
    show_line(words("%s: bound", kind), fd);
    if (i != 1) {
      MUST(listen(fd, 5));
      show_line(words("%s: listening", kind), fd);
      fds[0] = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(connect_to(fds[0], words("path-%d", i)));
      show_line(words("%s: client", kind), fds[0]);
      fds[1] = MUST(accept(fd, NULL, NULL));
      show_line(words("%s: accepted", kind), fds[1]);
      close(fds[0]);
      show_line(words("%s: accepted, client closed", kind), fds[1]);
    } else {
      fds[0] = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(connect_to(fds[0], words("path-%d", i)));
      show_line(words("%s: client", kind), fds[0]);
      show_line(words("%s: its peer", kind), fd);
      fds[1] = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
      MUST(connect_to(fds[1], words("path-%d", i)));
      show_line(words("%s: the peer of two", kind), fd);
      MUST(connect_to(fd, words("path-%d", i)));
      show_line(words("%s: its own peer, too", kind), fd);
      close(fds[1]);
      close(fds[0]);
      show_line(words("%s: its peer, client closed", kind), fd);
    }
    pair_of(ALL_TYPES[i], fds);
    show_line(words("%s: pair", kind), fds[0]);
    close(fds[1]);
    show_line(words("%s: pair, other closed", kind), fds[0]);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0a\0b c\n\0"};
    fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    MUST(bind(fd, (struct sockaddr *)&name, NAME_OFFSET + 8));
    show_line(words("%s: abstract with NULs", kind), fd);
    pair_of(ALL_TYPES[i], fds);
    show_info(words("%s: empty", kind), fds[1]);
    int three[3] = {0, 1, 2};
    MUST(send_rights(fds[0], "x", 1, three, 3, 0));
    MUST(send_rights(fds[0], "y", 1, three, 2, 0));
    show_info(words("%s: two messages with rights", kind), fds[1]);
    show_info(words("%s: their sender", kind), fds[0]);
    show_recvmsg(words("%s: one read", kind), fds[1], 1, 100, 0);
    show_info(words("%s: one left", kind), fds[1]);
    char path[64], target[64] = {0}, expected[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
    MUST(readlink(path, target, sizeof target - 1));
    snprintf(expected, sizeof expected, "socket:[%ld]", inode_of(fds[0]));
    say("%s: link as expected: %d", kind, strcmp(target, expected) == 0);
  }
  int listener = listener_at("@u51", 5), client = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), one = 0;
  MUST(connect_to(client, "@u51"));
  MUST(send_rights(client, "x", 1, &one, 1, 0));
  show_info("a listener counts what waits in its queue", listener);

  list = fopen("/proc/net/protocols", "r");
  while (fgets(line, sizeof line, list)) {
    if (strncmp(line, "UNIX", 4) && strncmp(line, "protocol", 8)) continue;
    char name[32], rest[300];
    int size, sockets;
    if (sscanf(line, "%31s %d %d %299[^\n]", name, &size, &sockets, rest) == 4) say("%s: rest %s, sockets counted %d", name, rest, sockets > 0);
    else say("%s", quoted(line, strcspn(line, "\n")));
  }
  fclose(list);
  // sockets: used counts one for each socket.
  long counts[3];
  int fds[2];
  for (int step = 0; step < 3; step++) {
    if (step == 1) pair_of(SOCK_STREAM, fds);
    if (step == 2) close(fds[0]), close(fds[1]);
    list = fopen("/proc/net/sockstat", "r");
    MUST(fscanf(list, "sockets: used %ld", &counts[step]) == 1 ? 0 : -1);
    fclose(list);
  }
  say("a pair adds %ld, closing it %ld", counts[1] - counts[0], counts[2] - counts[1]);
  return 0;
}
