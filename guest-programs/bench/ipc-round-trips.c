// Costs between processes: a system call, one byte there and back over a pipe and over AF_UNIX, bandwidth.
// args: --check
#include "../lib/bench.h"

static void system_calls(int count) {
  for (int i = 0; i < count; i++) syscall(SYS_getpid);
}

static void ping_pong(int count, int mine_in, int mine_out, int theirs_in, int theirs_out) {
  char byte = 0;
  pid_t child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < count; i++) {
      MUST(read(theirs_in, &byte, 1));
      MUST(write(theirs_out, &byte, 1));
    }
    _exit(0);
  }
  for (int i = 0; i < count; i++) {
    MUST(write(mine_out, &byte, 1));
    MUST(read(mine_in, &byte, 1));
  }
  waitpid(child, NULL, 0);
}

static void pipe_round_trips(int count) {
  int there[2], back[2];
  MUST(pipe(there));
  MUST(pipe(back));
  ping_pong(count, back[0], there[1], there[0], back[1]);
  close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void unix_round_trips(int count) {
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  ping_pong(count, ends[0], ends[0], ends[1], ends[1]);
  close(ends[0]), close(ends[1]);
}

static void unix_bandwidth(int blocks) {
  static char data[65536];
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(ends[1]);
    for (int i = 0; i < blocks; i++) {
      for (size_t done = 0; done < sizeof data;) done += MUST(write(ends[0], data + done, sizeof data - done));
    }
    _exit(0);
  }
  close(ends[0]);
  while (read(ends[1], data, sizeof data) > 0) continue;
  close(ends[1]);
  waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
  begin(argc, argv);
  report_each("getpid", 300000, system_calls);
  report_each("pipe-round-trip", 15000, pipe_round_trips);
  report_each("unix-round-trip", 15000, unix_round_trips);
  report_each("unix-64KiB", 4000, unix_bandwidth);
  return 0;
}
