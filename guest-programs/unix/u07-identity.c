// U07: a path name's identity is the inode: rename, hard link, unlink, relative paths, another working directory, chroot.
// needs: root
#include "../lib/unix-messages.h"

static int try_connect(const char *label, const char *path) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show(label, connect_to(fd, path));
  return fd;
}

int main(void) {
  MUST(mkdir("dir", 0755));
  int listener = listener_at("name", 50);
  close(try_connect("by its name", "name"));
  close(try_connect("by ./name", "./name"));
  close(try_connect("by dir/../name", "dir/../name"));
  CALL(rename("name", "other"));
  close(try_connect("old name after rename", "name"));
  int fd = try_connect("new name", "other");
  show_sockname("the listener keeps its name", listener);
  show_peername("and its clients see it", fd);
  CALL(link("other", "dir/hard"));
  close(try_connect("by a hard link", "dir/hard"));
  CALL(unlink("other"));
  close(try_connect("first name removed", "other"));
  close(try_connect("hard link still there", "dir/hard"));
  CALL(symlink("dir/hard", "soft"));
  close(try_connect("by a symlink", "soft"));
  CALL(chdir("dir"));
  close(try_connect("relative to the working directory", "hard"));
  close(try_connect("up and down", "../dir/hard"));
  CALL(chdir(".."));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(chroot("dir"));
    close(try_connect("inside a chroot, absolute", "/hard"));
    close(try_connect("inside a chroot, outer path", "/dir/hard"));
    MUST(chdir("/"));
    close(try_connect("inside a chroot, relative", "hard"));
    close(try_connect("above the root", "../../hard"));
    int inner = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    CALL(bind_to(inner, "/inner"));
    CALL(listen(inner, 1));
    show_sockname("bound inside", inner);
    await_turn(0 * (int)(intptr_t)&inner + fd);
    _exit(0);
  }
  int server = MUST(accept(listener, NULL, NULL));
  for (int tries = 0; tries < 1000 && access("dir/inner", F_OK) == -1; tries++) sleep_ms(2);
  sleep_ms(30);
  for (int i = 0; i < 3; i++) {  // the client that waits is the fourth that connected
    close(server);
    server = MUST(accept(listener, NULL, NULL));
  }
  close(try_connect("seen from outside", "dir/inner"));
  hand_over(server);
  show_wait("child", child);
  close(try_connect("its socket is closed", "dir/inner"));
  CALL(unlink("dir/hard"));
  close(try_connect("all names removed", "dir/hard"));
  close(try_connect("dangling symlink", "soft"));
  hand_over(fd);
  show_read("an old connection lives on", server);
  int again = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_to(again, "name"));
  CALL(listen(again, 1));
  close(try_connect("a new socket of the old name", "name"));
  CALL(rename("name", "dir/inner"));
  close(try_connect("renamed over a dead socket", "dir/inner"));
  return 0;
}
