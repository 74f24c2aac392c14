// U49: sendfile, splice, tee and vmsplice between sockets, pipes and files.
#include "../lib/unix-messages.h"
#include <sys/sendfile.h>

int main(void) {
  char data[70000];
  int file = MUST(open("file", O_RDWR | O_CREAT, 0600)), fds[2], ends[2];
  for (int i = 0; i < 1000; i++) MUST(write(file, "0123456789", 10));
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    if (i) MUST(fcntl(fds[1], F_SETFL, O_NONBLOCK));
    off_t offset = 5;
    show(words("%s: sendfile 100", kind), sendfile(fds[0], file, &offset, 100));
    say("%s: offset %ld", kind, (long)offset);
    show_recvmsg(words("%s: received", kind), fds[1], 10, 0, MSG_DONTWAIT);
    show(words("%s: rest", kind), recv(fds[1], data, sizeof data, MSG_DONTWAIT));
    offset = 9995;
    show(words("%s: sendfile over the end", kind), sendfile(fds[0], file, &offset, 100));
    show(words("%s: received", kind), recv(fds[1], data, sizeof data, MSG_DONTWAIT));
    show(words("%s: sendfile at the end", kind), sendfile(fds[0], file, &offset, 100));
    show(words("%s: sendfile from a socket", kind), sendfile(file, fds[0], NULL, 10));
    MUST(pipe2(ends, O_NONBLOCK));
    MUST(write(ends[1], "through the pipe", 16));
    show(words("%s: splice pipe to socket", kind), splice(ends[0], NULL, fds[0], NULL, 7, 0));
    show(words("%s: splice the rest", kind), splice(ends[0], NULL, fds[0], NULL, 100, SPLICE_F_NONBLOCK));
    show(words("%s: splice an empty pipe", kind), splice(ends[0], NULL, fds[0], NULL, 100, SPLICE_F_NONBLOCK));
    ssize_t got = recv(fds[1], data, sizeof data, MSG_DONTWAIT);
    say("%s: received %zd %s", kind, got, got > 0 ? quoted(data, got) : "");
    got = recv(fds[1], data, sizeof data, MSG_DONTWAIT);
    say("%s: received %zd %s", kind, got, got > 0 ? quoted(data, got) : "");
    MUST(send(fds[0], "from the socket", 15, 0));
    got = splice(fds[1], NULL, ends[1], NULL, 8, 0);
    show(words("%s: splice socket to pipe", kind), got);
    if (got > 0) {
      int other[2];
      MUST(pipe(other));
      show(words("%s: tee", kind), tee(ends[0], other[1], 100, 0));
      got = read(other[0], data, 100);
      say("%s: copy %s", kind, quoted(data, got));
      got = read(ends[0], data, 100);
      say("%s: original %s", kind, quoted(data, got));
      show(words("%s: splice the rest", kind), splice(fds[1], NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK));
      show(words("%s: splice, nothing there", kind), splice(fds[1], NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK));
    }
    show(words("%s: splice with an offset", kind), splice(fds[1], &offset, ends[1], NULL, 100, 0));
    show(words("%s: splice socket to socket", kind), splice(fds[1], NULL, fds[0], NULL, 100, 0));
    show(words("%s: tee to a socket", kind), tee(ends[0], fds[0], 100, 0));
    struct iovec pages = {"vmspliced", 9};
    int fresh[2];
    MUST(pipe(fresh));
    show(words("%s: vmsplice", kind), vmsplice(fresh[1], &pages, 1, 0));
    show(words("%s: and on to the socket", kind), splice(fresh[0], NULL, fds[0], NULL, 100, 0));
    while ((got = recv(fds[1], data, sizeof data, MSG_DONTWAIT)) > 0) say("%s: received %s", kind, quoted(data, got > 40 ? 40 : got));
    close(fds[1]);
    MUST(write(fresh[1], "x", 1));
    signal(SIGPIPE, SIG_IGN);
    show(words("%s: splice to a closed peer", kind), splice(fresh[0], NULL, fds[0], NULL, 100, 0));
    offset = 0;
    show(words("%s: sendfile to a closed peer", kind), sendfile(fds[0], file, &offset, 10));
    if (i != 1) show(words("%s: splice at the end", kind), splice(fds[0], NULL, ends[1], NULL, 100, 0));
    close(fds[0]);
  }
  // A large file through a stream to another process.
  pair_of(SOCK_STREAM, fds);
  MUST(ftruncate(file, 1000000));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[0]);
    long total = 0;
    ssize_t got;
    while ((got = MUST(read(fds[1], data, sizeof data))) > 0) total += got;
    say("received %ld", total);
    _exit(0);
  }
  close(fds[1]);
  off_t offset = 0;
  show("sendfile 1000000", sendfile(fds[0], file, &offset, 1000000));
  close(fds[0]);
  show_wait("reader", child);
  return 0;
}
