// U12: binding twice, taken names, listening in every state.
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    char drop[4];
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0)), other = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show(words("%s: listen unbound", kind), listen(fd, 5));
    show(words("%s: accept unbound", kind), accept(fd, NULL, NULL));
    show(words("%s: bind", kind), bind_to(fd, words("name-%d", i)));
    show(words("%s: bind again", kind), bind_to(fd, words("again-%d", i)));
    show(words("%s: no inode left", kind), access(words("again-%d", i), F_OK));
    show(words("%s: bind again to its own name", kind), bind_to(fd, words("name-%d", i)));
    show(words("%s: bind again to a missing directory", kind), bind_to(fd, "missing/x"));
    show(words("%s: bind again, abstract", kind), bind_to(fd, "@u12"));
    show(words("%s: other binds the same path", kind), bind_to(other, words("name-%d", i)));
    show(words("%s: other binds abstract", kind), bind_to(other, words("@u12-%d", i)));
    show(words("%s: again the same", kind), bind_to(other, words("@u12-%d", i)));
    int third = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show(words("%s: third takes it too", kind), bind_to(third, words("@u12-%d", i)));
    show(words("%s: accept before listen", kind), accept(fd, NULL, NULL));
    show(words("%s: listen", kind), listen(fd, 5));
    show_option(words("%s: SO_ACCEPTCONN", kind), fd, SO_ACCEPTCONN);
    show(words("%s: listen again", kind), listen(fd, 0));
    show(words("%s: bind while listening", kind), bind_to(fd, "@u12-more"));
    show(words("%s: connect while listening", kind), connect_to(fd, words("name-%d", i)));
    show(words("%s: send while listening", kind), send(fd, "x", 1, MSG_NOSIGNAL));
    show(words("%s: recv while listening", kind), recv(fd, drop, 1, MSG_DONTWAIT));
    show(words("%s: accept, nobody there", kind), ({
           fcntl(fd, F_SETFL, O_NONBLOCK);
           accept(fd, NULL, NULL);
         }));
    close(fd);
    show(words("%s: the path is taken after close", kind), bind_to(third, words("name-%d", i)));
    show(words("%s: unlink", kind), unlink(words("name-%d", i)));
    show(words("%s: and free again", kind), bind_to(third, words("name-%d", i)));
  }
  show("listen of no descriptor", listen(77, 1));
  show("listen of no socket", listen(0, 1));
  show("connect of no socket", connect_to(0, "x"));
  return 0;
}
