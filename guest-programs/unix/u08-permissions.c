// U08: connecting and sending need write permission on the socket and search on the way; open of a socket is ENXIO.
// needs: root
#include "../lib/unix-messages.h"
#include <sys/mount.h>

int main(void) {
  MUST(chmod(".", 0755));
  MUST(mkdir("shut", 0700));
  MUST(mkdir("search", 0711));
  int listener = listener_at("stream", 50);
  int datagram = bound_socket(SOCK_DGRAM, "dgram");
  listener_at("shut/stream", 5);
  listener_at("search/stream", 5);
  MUST(chmod("search/stream", 0777));
  const int modes[] = {0777, 0555, 0222, 0755, 0772, 0770, 0000};
  int turns[2];
  pair_of(SOCK_STREAM, turns);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    for (size_t i = 0; i < COUNT(modes); i++) {
      await_turn(turns[1]);
      int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), out = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
      show(words("mode %#o: connect", modes[i]), connect_to(fd, "stream"));
      show(words("mode %#o: sendto", modes[i]), send_to(out, "x", "dgram", MSG_DONTWAIT));
      show(words("mode %#o: dgram connect", modes[i]), connect_to(out, "dgram"));
      show(words("mode %#o: wrong type", modes[i]), connect_to(fd, "dgram"));
      close(fd), close(out);
      hand_over(turns[1]);
    }
    await_turn(turns[1]);
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    show("directory without search", connect_to(fd, "shut/stream"));
    show("directory with search only", connect_to(fd, "search/stream"));
    _exit(0);
  }
  for (size_t i = 0; i < COUNT(modes); i++) {
    MUST(chmod("stream", modes[i]));
    MUST(chmod("dgram", modes[i]));
    hand_over(turns[0]);
    await_turn(turns[0]);
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    show(words("mode %#o: root's connect", modes[i]), connect_to(fd, "stream"));
    close(fd);
    char drop[10];
    while (recv(datagram, drop, 1, MSG_DONTWAIT) > 0) continue;
  }
  hand_over(turns[0]);
  show_wait("child", child);
  MUST(chmod("stream", 0777));
  show("open read", open("stream", O_RDONLY));
  show("open write", open("stream", O_WRONLY));
  show("open O_CREAT", open("stream", O_RDWR | O_CREAT, 0600));
  show("open O_CREAT|O_EXCL", open("stream", O_RDWR | O_CREAT | O_EXCL, 0600));
  show("open O_TRUNC", open("stream", O_RDWR | O_TRUNC));
  show_ok("open O_PATH", open("stream", O_PATH));
  show("truncate", truncate("stream", 0));
  struct stat info;
  MUST(stat("stream", &info));
  say("a socket: %d", S_ISSOCK(info.st_mode));
  CALL(access("stream", R_OK | W_OK | X_OK));
  // A read-only file system keeps nobody from the sockets on it.
  MUST(mkdir("mounted", 0755));
  MUST(mount("none", "mounted", "tmpfs", 0, NULL));
  int there = listener_at("mounted/there", 1), record = bound_socket(SOCK_DGRAM, "mounted/record");
  MUST(mount("none", "mounted", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  show("connect, read-only file system", connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "mounted/there"));
  show("connect, read-only file system", connect_to(MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), "mounted/record"));
  show("access W_OK, read-only file system", access("mounted/there", W_OK));
  show("chmod, read-only file system", chmod("mounted/there", 0));
  MUST(umount2("mounted", MNT_DETACH));
  close(there), close(record);
  (void)listener;
  return 0;
}
