// fcntl record locks, open file description locks and flock: who conflicts with whom, and when they end.
#include "../lib/observe.h"
#include <sys/file.h>

static long lock(int fd, int command, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock);
}

static void query(const char *label, int fd, int command, off_t start, off_t length, pid_t other) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  if (fcntl(fd, command, &lock) == -1) show(label, -1);
  else if (lock.l_type == F_UNLCK) say("%s: free", label);
  else {
    const char *holder = lock.l_pid == other ? "the other" : lock.l_pid == -1 ? "-1" : "someone";
    say("%s: type %s, %ld+%ld, holder %s", label, lock.l_type == F_WRLCK ? "write" : "read", (long)lock.l_start,
        (long)lock.l_len, holder);
  }
}

int main(void) {
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600)), to_child[2], to_parent[2];
  MUST(ftruncate(fd, 100));
  MUST(pipe(to_child));
  MUST(pipe(to_parent));
  MUST(lock(fd, F_SETLK, F_WRLCK, 0, 10));
  MUST(lock(fd, F_SETLK, F_RDLCK, 20, 10));
  MUST(lock(fd, F_SETLK, F_WRLCK, 5, 18));
  pid_t parent = getpid(), child = MUST(fork());
  if (child == 0) {
    query("0..4", fd, F_GETLK, 0, 5, parent);
    query("24..", fd, F_GETLK, 24, 2, parent);
    query("40..", fd, F_GETLK, 40, 0, parent);
    show("write lock over theirs", lock(fd, F_SETLK, F_WRLCK, 4, 1));
    show("read lock over their read lock", lock(fd, F_SETLK, F_RDLCK, 25, 2));
    show("read lock over their write lock", lock(fd, F_SETLK, F_RDLCK, 22, 2));
    hand_over(to_parent[1]);
    show("waiting lock", lock(fd, F_SETLKW, F_WRLCK, 0, 5));
    hand_over(to_parent[1]);
    await_turn(to_child[0]);
    _exit(0);
  }
  await_turn(to_parent[0]);
  await_state(child, "S");
  MUST(lock(fd, F_SETLK, F_UNLCK, 0, 5));
  await_turn(to_parent[0]);
  query("parent: 0..4 now", fd, F_GETLK, 0, 5, child);
  int again = MUST(open("f", O_RDWR));
  close(again);
  hand_over(to_child[1]);
  show_wait("child", child);
  query("its locks ended with it", fd, F_GETLK, 0, 5, child);
  int one = MUST(open("f", O_RDWR)), two = MUST(open("f", O_RDWR));
  show("OFD lock", lock(one, F_OFD_SETLK, F_WRLCK, 0, 10));
  show("same file, other description", lock(two, F_OFD_SETLK, F_WRLCK, 0, 10));
  query("OFD query", two, F_OFD_GETLK, 0, 10, 0);
  int dup_of_one = dup(one);
  close(one);
  show("a dup keeps it", lock(two, F_OFD_SETLK, F_WRLCK, 0, 10));
  close(dup_of_one);
  show("gone with the last", lock(two, F_OFD_SETLK, F_WRLCK, 0, 10));
  int three = MUST(open("f", O_RDWR));
  show("flock shared", flock(two, LOCK_SH));
  show("flock shared, another", flock(three, LOCK_SH | LOCK_NB));
  show("flock exclusive", flock(three, LOCK_EX | LOCK_NB));
  show("unlock", flock(two, LOCK_UN));
  show("flock exclusive", flock(three, LOCK_EX | LOCK_NB));
  show("flock badly", flock(three, 77));
  show("length negative before 0", lock(fd, F_SETLK, F_RDLCK, 5, -10));
  show("bad type", lock(fd, F_SETLK, 9, 0, 1));
  show("read lock on a writer", lock(open("f", O_WRONLY), F_SETLK, F_RDLCK, 50, 1));
  return 0;
}
