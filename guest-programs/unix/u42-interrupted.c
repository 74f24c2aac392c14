// Calls that wait when a signal, a timeout, a peer's end or a shutdown comes: the result, the errno, what was moved before.
// rows: U42 U22 U43
// needs: punctuality
#include "../lib/unix-messages.h"
#include <sys/time.h>

static char large[600000];
static int fds[2], listener;

static void on_alarm(int signo) { (void)signo; }

static void alarm_in(int ms, int flags) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
  struct itimerval soon = {.it_value = {0, ms * 1000}};
  MUST(sigaction(SIGALRM, &action, NULL));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
}

static void timeout_of(int fd, int option, long us) {
  struct timeval limit = {us / 1000000, us % 1000000};
  MUST(setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit));
}

static void fill_queue(int fd) {
  while (send(fd, large, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1) continue;
}

enum what { RECEIVE, RECEIVE_ALL, RECEIVE_LOW, PEEK_ALL, SEND, SEND_LARGE, WRITE_LARGE, ACCEPT, CONNECT, SEVERAL, SEND_SEVERAL, WHATS };
static const char *NAMES[] = {"recv", "recv all", "recv with SO_RCVLOWAT", "peek all", "send", "send large", "write large", "accept", "connect",
                              "recvmmsg", "sendmmsg"};

static long call(enum what what) {
  static struct mmsghdr list[4];
  static struct iovec parts[4];
  struct unix_address name = unix_address("@u42-listener");
  for (int i = 0; i < 4; i++) {
    parts[i] = (struct iovec){large + 100 * i, 4};
    list[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  switch (what) {
    case RECEIVE: return recv(fds[0], large, 10, 0);
    case RECEIVE_ALL: return recv(fds[0], large, 10, MSG_WAITALL);
    case RECEIVE_LOW: MUST(set_option(fds[0], SO_RCVLOWAT, 6)); return recv(fds[0], large, 10, 0);
    case PEEK_ALL: return recv(fds[0], large, 10, MSG_WAITALL | MSG_PEEK);
    case SEND: return send(fds[0], large, 10, 0);
    case SEND_LARGE: return send(fds[0], large, sizeof large, 0);
    case WRITE_LARGE: return write(fds[0], large, sizeof large);
    case ACCEPT: return accept(listener, NULL, NULL) < 0 ? -1 : 0;
    case CONNECT: return connect(fds[0], (struct sockaddr *)&name.name, name.size);
    case SEVERAL: return recvmmsg(fds[0], list, 4, 0, NULL);
    default: return sendmmsg(fds[0], list, 4, 0);
  }
}

static bool fits(enum what what, int type) {
  if (type == SOCK_STREAM) return true;
  if (what == ACCEPT || what == CONNECT) return type == SOCK_SEQPACKET;
  return what != RECEIVE_LOW && what != SEND_LARGE && what != WRITE_LARGE;
}

// A connection, or a datagram pair, with `before` bytes or messages waiting to be read, or full.
static void prepare(enum what what, int type, int before) {
  listener = -1;
  if (what == ACCEPT || what == CONNECT) {
    listener = bound_socket(type, "@u42-listener");
    MUST(listen(listener, 0));
    fds[0] = MUST(socket(AF_UNIX, type, 0));
    if (what == CONNECT) {
      fds[1] = MUST(socket(AF_UNIX, type, 0));
      MUST(connect_to(fds[1], "@u42-listener"));
    } else fds[1] = MUST(dup(fds[0]));
    return;
  }
  pair_of(type, fds);
  if (what >= SEND && what != SEVERAL) {
    if (what == SEND || what == SEND_SEVERAL) fill_queue(fds[0]);
    if (what == SEND_SEVERAL && type != SOCK_STREAM) for (int i = 0; i < before; i++) MUST(recv(fds[1], large, 1, 0));
  } else for (int i = 0; i < before; i++) MUST(send(fds[1], "abcd", 1, 0));
}

static void finish(void) {
  close(fds[0]);
  if (fds[1] >= 0) close(fds[1]);
  if (listener >= 0) close(listener);
}

static void show_result(const char *how, enum what what, int type, int before) {
  const char *label = words("%s, %s, %s, %d before", how, type_name(type), NAMES[what], before);
  char kept[200];
  strcpy(kept, label);
  caught_count[SIGPIPE] = 0;
  show(kept, call(what));
  int saved = errno;
  sleep_ms(5); // the other process may be in the middle of what woke this one
  errno = saved;
  if (caught_count[SIGPIPE]) say("%s: SIGPIPE", kept);
  int error = what == ACCEPT ? int_option(listener, SO_ERROR) : int_option(fds[0], SO_ERROR);
  if (error) say("%s: SO_ERROR %d", kept, error);
  if (what < SEND) show(words("%s: then", kept), recv(fds[0], large, 20, MSG_DONTWAIT));
  if (what >= SEND && what != ACCEPT && what != CONNECT && what != SEVERAL) show(words("%s: SIOCOUTQ", kept), queue_size(fds[0], SIOCOUTQ));
}

static void by_signal(enum what what, int type, int before) {
  for (int restarts = 0; restarts < 2; restarts++)
    for (int limited = 0; limited < 2; limited++) {
      prepare(what, type, before);
      if (limited) {
        timeout_of(fds[0], SO_RCVTIMEO, 60000);
        timeout_of(fds[0], SO_SNDTIMEO, 60000);
        if (listener >= 0) timeout_of(listener, SO_RCVTIMEO, 60000);
      } else if (restarts) {
        finish();
        continue; // for ever
      }
      alarm_in(15, restarts ? SA_RESTART : 0);
      show_result(words("signal%s%s", restarts ? ", SA_RESTART" : "", limited ? ", timeout" : ""), what, type, before);
      finish();
    }
}

static void by_timeout(enum what what, int type, int before) {
  prepare(what, type, before);
  timeout_of(fds[0], SO_RCVTIMEO, 15000);
  timeout_of(fds[0], SO_SNDTIMEO, 15000);
  if (listener >= 0) timeout_of(listener, SO_RCVTIMEO, 15000);
  show_result("timeout", what, type, before);
  finish();
}

// Another process does something to the other end, or to this one, after a while.
static void by_event(enum what what, int type, int before, int event) {
  static const char *EVENTS[] = {"the peer closes", "the peer reads and closes", "the peer shuts writing", "the peer shuts reading", "own SHUT_WR",
                                 "own SHUT_RD", "the peer sends 3", "the peer reads 3", "the listener closes", "the listener accepts"};
  if ((what == ACCEPT || what == CONNECT) != (event >= 8)) return;
  if (what == ACCEPT && event == 8) return;
  bool receives = what <= PEEK_ALL || what == SEVERAL;
  if (!receives && (event == 2 || event == 5 || event == 6)) return;
  if (receives && (event == 1 || event == 3 || event == 4 || event == 7)) return;
  if (type == SOCK_DGRAM && event < 4) return;
  bool isSmall = what == SEND || what == SEND_SEVERAL;
  if (isSmall && (event == 1 || (event == 7 && type == SOCK_STREAM))) return; // each byte that is read may let one more in
  prepare(what, type, before);
  timeout_of(fds[0], SO_RCVTIMEO, 100000);
  timeout_of(fds[0], SO_SNDTIMEO, 100000);
  fflush(stdout);
  pid_t child = MUST(fork());
  if (child == 0) {
    static char sink[40000];
    sleep_ms(15);
    switch (event) {
      case 0: break;
      case 1: recv(fds[1], sink, sizeof sink, MSG_DONTWAIT); sleep_ms(20); break;
      case 2: shutdown(fds[1], SHUT_WR); sleep_ms(30); break;
      case 3: shutdown(fds[1], SHUT_RD); sleep_ms(30); break;
      case 4: shutdown(fds[0], SHUT_WR); sleep_ms(30); break;
      case 5: shutdown(fds[0], SHUT_RD); sleep_ms(30); break;
      case 6: for (int i = 0; i < 3; i++) send(fds[1], "xyz", 1, 0); sleep_ms(120); break;
      case 7: for (int i = 0; i < 3; i++) recv(fds[1], sink, sizeof sink, MSG_DONTWAIT); sleep_ms(120); break;
      case 8: break;
      default:
        if (what == ACCEPT) connect_to(fds[0], "@u42-listener");
        else close(accept(listener, NULL, NULL));
        sleep_ms(30);
    }
    _exit(0);
  }
  if (event < 4 || event == 6 || event == 7) close(fds[1]), fds[1] = -1;
  if (event == 8) close(listener), listener = -1;
  show_result(EVENTS[event], what, type, before);
  MUST(waitpid(child, NULL, 0));
  finish();
}

int main(void) {
  count_signals(SIGPIPE);
  for (int i = 0; i < 3; i++)
    for (int what = RECEIVE; what < WHATS; what++) {
      if (!fits(what, ALL_TYPES[i])) continue;
      for (int before = 0; before < 3; before += 2) {
        if (what == RECEIVE && before) continue;
        if ((what == PEEK_ALL || what == RECEIVE_ALL) && before && ALL_TYPES[i] != SOCK_STREAM) continue;
        by_signal(what, ALL_TYPES[i], before);
        by_timeout(what, ALL_TYPES[i], before);
        for (int event = 0; event < 10; event++) by_event(what, ALL_TYPES[i], before, event);
      }
    }
  return 0;
}
