// Two children wait for data: one at a connection that nobody has accepted, one at a pair whose other end is in a message.
// A debugger says that the parent can help both; so it does.
// flags: -g -O0
#include "../lib/unix.h"
#include <sys/wait.h>

static pid_t reader(int fd) {
  pid_t child = MUST(fork());
  if (child != 0) return child;
  char text[8] = "";
  for (int other = 3; other < 16; other++)
    if (other != fd) close(other);
  MUST(read(fd, text, sizeof text));
  _exit(text[0]);
}

int main(void) {
  int listener = listener_at("@ends", 1), client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@ends"));
  int carrier[2], pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, carrier));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(send_fds(carrier[0], &pair[0], 1));
  close(pair[0]);
  pid_t first = reader(client), second = reader(pair[1]);
  usleep(10000);
  int accepted = MUST(accept(listener, NULL, NULL)), received;
  MUST(receive_fds(carrier[1], &received, 1, 0, NULL));
  MUST(write(accepted, "a", 1));
  MUST(write(received, "b", 1));
  int status[2];
  MUST(waitpid(first, &status[0], 0));
  MUST(waitpid(second, &status[1], 0));
  say("%c %c", WEXITSTATUS(status[0]), WEXITSTATUS(status[1]));
  return 0;
}
