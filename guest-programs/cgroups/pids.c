// The pids controller: given to groups below, a limit that fork meets, and how often.
// skip-native: where this controller belongs to the old hierarchies, cgroup2 does not have it
// flags: -pthread
#include "cgroup.h"
#include <pthread.h>

static void *nothing(void *unused) {
  return unused;
}

int main(void) {
  mount_cgroups();
  MUST(mkdir("cg/rv-pids", 0755));
  show_file("cg/cgroup.controllers");
  show_file("cg/cgroup.subtree_control");
  show_file("cg/rv-pids/cgroup.controllers");
  CALL(access("cg/rv-pids/pids.max", F_OK));
  put("cg/rv-pids/cgroup.subtree_control", "+pids");
  put("cg/cgroup.subtree_control", "-pids +pids");
  show_file("cg/cgroup.subtree_control");
  show_file("cg/rv-pids/cgroup.controllers");
  show_file("cg/rv-pids/pids.max");
  show_file("cg/rv-pids/pids.current");
  put("cg/rv-pids/pids.max", "-1");
  put("cg/rv-pids/pids.max", "x");
  put("cg/rv-pids/pids.max", "4194305");
  put("cg/rv-pids/pids.max", "3");
  MUST(mkdir("cg/rv-pids/one", 0755));
  put("cg/rv-pids/cgroup.subtree_control", "+pids");
  put("cg/rv-pids/one/pids.max", "10");
  put("cg/rv-pids/one/cgroup.procs", "0");
  int events = MUST(open("cg/rv-pids/pids.events", O_RDONLY));
  show_change("no events", events, 0);
  show_change("no events", events, 0);
  pid_t first = sleeper(), second = sleeper();
  CALL(fork());
  show_change("events", events, 1000);
  pthread_t thread;
  say("pthread_create: %s", errno_name(pthread_create(&thread, NULL, nothing, NULL)));
  show_file("cg/rv-pids/pids.current");
  show_file("cg/rv-pids/pids.peak");
  show_file("cg/rv-pids/pids.events");
  show_file("cg/rv-pids/pids.events.local");
  show_file("cg/rv-pids/one/pids.current");
  show_file("cg/rv-pids/one/pids.events");
  show_file("cg/rv-pids/one/pids.events.local");
  kill(second, SIGKILL);
  siginfo_t info;
  MUST(waitid(P_PID, second, &info, WEXITED | WNOWAIT));
  show_file("cg/rv-pids/pids.current");
  CALL(fork());
  MUST(waitpid(second, NULL, 0));
  show_file("cg/rv-pids/pids.current");
  say("pthread_create: %d", pthread_create(&thread, NULL, nothing, NULL));
  pthread_join(thread, NULL);
  while (strcmp(text_of("cg/rv-pids/pids.current"), "\"2\\n\"") != 0) usleep(1000);
  put("cg/rv-pids/pids.max", "1");
  show_file("cg/rv-pids/pids.current");
  CALL(fork());
  put("cg/rv-pids/pids.max", "max");
  put("cg/rv-pids/one/pids.max", "0");
  CALL(fork());
  show_file("cg/rv-pids/pids.events");
  show_file("cg/rv-pids/one/pids.events.local");
  put("cg/cgroup.subtree_control", "-pids");
  put("cg/cgroup.procs", "0");
  end(first);
  show_file("cg/rv-pids/pids.current");
  put("cg/rv-pids/cgroup.subtree_control", "-pids");
  CALL(access("cg/rv-pids/one/pids.max", F_OK));
  MUST(rmdir("cg/rv-pids/one"));
  put("cg/cgroup.subtree_control", "-pids");
  MUST(rmdir("cg/rv-pids"));
  return 0;
}
