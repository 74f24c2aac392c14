// Locks that wait: F_SETLKW until a release, EINTR by a signal, EDEADLK, locks over fork, close and dup; flock conversion.
#include "../lib/observe.h"
#include <sys/file.h>

static int set(int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock);
}

static void holder(const char *label, int fd, off_t start) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
  MUST(fcntl(fd, F_GETLK, &lock));
  if (lock.l_type == F_UNLCK) say("%s: free", label);
  else say("%s: %s from %ld for %ld", label, lock.l_type == F_RDLCK ? "read" : "write", (long)lock.l_start, (long)lock.l_len);
}

static void on_alarm(int number) { (void)number; }

static void waits_for_release(int fd) {
  int ready[2];
  MUST(pipe(ready));
  MUST(set(fd, F_SETLK, F_WRLCK, 0, 10));
  pid_t child = MUST(fork());
  if (child == 0) {
    hand_over(ready[1]);
    show("child waits, then gets", set(fd, F_SETLKW, F_WRLCK, 5, 1));
    _exit(0);
  }
  await_turn(ready[0]);
  await_state(child, "S");
  say("parent releases");
  MUST(set(fd, F_SETLK, F_UNLCK, 0, 10));
  show_wait("child", child);
}

static void interrupted(int fd) {
  MUST(set(fd, F_SETLK, F_WRLCK, 0, 10));
  pid_t child = MUST(fork());
  if (child == 0) {
    struct sigaction action = {.sa_handler = on_alarm};
    MUST(sigaction(SIGALRM, &action, NULL));
    alarm(1);
    show("a signal ends the wait", set(fd, F_SETLKW, F_WRLCK, 0, 1));
    _exit(0);
  }
  show_wait("child", child);
  MUST(set(fd, F_SETLK, F_UNLCK, 0, 0));
}

static void deadlock(int fd) {
  int go[2];
  MUST(pipe(go));
  MUST(set(fd, F_SETLK, F_WRLCK, 0, 1));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(set(fd, F_SETLK, F_WRLCK, 1, 1));
    hand_over(go[1]);
    int result = set(fd, F_SETLKW, F_WRLCK, 0, 1);
    _exit(result == 0 ? 0 : 1);
  }
  await_turn(go[0]);
  await_state(child, "S");
  show("the other waits for us", set(fd, F_SETLKW, F_WRLCK, 1, 1));
  MUST(set(fd, F_SETLK, F_UNLCK, 0, 0));
  show_wait("child", child);
}

static void whose(int fd) {
  MUST(set(fd, F_SETLK, F_RDLCK, 0, 100));
  MUST(set(fd, F_SETLK, F_WRLCK, 10, 10));
  pid_t child = MUST(fork());
  if (child == 0) {
    holder("0", fd, 0);
    holder("10", fd, 10);
    holder("20", fd, 20);
    holder("100", fd, 100);
    show("read beside a read lock", set(fd, F_SETLK, F_RDLCK, 0, 5));
    show("write over it", set(fd, F_SETLK, F_WRLCK, 0, 5));
    _exit(0);
  }
  show_wait("child", child);
  close(MUST(dup(fd)));
  child = MUST(fork());
  if (child == 0) {
    holder("closing a duplicate gave it up", fd, 10);
    _exit(0);
  }
  show_wait("child", child);
}

static void descriptions(void) {
  int one = MUST(open("lock", O_RDWR)), two = MUST(open("lock", O_RDWR));
  CALL(set(one, F_OFD_SETLK, F_WRLCK, 0, 10));
  CALL(set(two, F_OFD_SETLK, F_WRLCK, 5, 1));
  CALL(set(two, F_SETLK, F_RDLCK, 5, 1));
  struct flock lock = {.l_type = F_WRLCK, .l_len = 1};
  MUST(fcntl(two, F_OFD_GETLK, &lock));
  say("an OFD lock's pid: %d", lock.l_pid);
  int copy = MUST(dup(one));
  close(one);
  show("a duplicate keeps it", set(two, F_OFD_SETLK, F_RDLCK, 5, 1));
  close(copy);
  show("the last close gives it up", set(two, F_OFD_SETLK, F_RDLCK, 5, 1));
  one = MUST(open("lock", O_RDWR));
  CALL(flock(one, LOCK_SH));
  CALL(flock(two, LOCK_SH));
  CALL(flock(one, LOCK_EX | LOCK_NB));
  show("the failed conversion gave up the shared lock", flock(two, LOCK_EX | LOCK_NB));
  CALL(flock(one, LOCK_SH | LOCK_NB));
  CALL(flock(two, LOCK_UN));
  CALL(flock(one, LOCK_SH | LOCK_NB));
  CALL(flock(one, 99));
  CALL(flock(one, 0));
  close(two);
  show("read lock on a writer", set(open("lock", O_WRONLY), F_SETLK, F_RDLCK, 0, 1));
  show("write lock on a reader", set(open("lock", O_RDONLY), F_SETLK, F_WRLCK, 0, 1));
  show("before the file", set(one, F_SETLK, F_WRLCK, -1, 1));
  show("a negative length", set(one, F_SETLK, F_WRLCK, 10, -5));
  show("too negative", set(one, F_SETLK, F_WRLCK, 1, -5));
  show("no such type", set(one, F_SETLK, 7, 0, 1));
}

int main(void) {
  int fd = MUST(open("lock", O_RDWR | O_CREAT, 0644));
  waits_for_release(fd);
  interrupted(fd);
  deadlock(fd);
  whose(fd);
  descriptions();
  return 0;
}
