// prctl: names, death signals, capabilities to keep, subreapers, no_new_privs, and what is refused.
// needs: root
#include "../lib/observe.h"
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

static void show_caps(const char *label) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  MUST(syscall(SYS_capget, &header, data));
  say("%s: effective %d, permitted %d", label, (data[0].effective & (1 << CAP_KILL)) != 0,
      (data[0].permitted & (1 << CAP_KILL)) != 0);
}

int main(void) {
  char name[17] = {0};
  CALL(prctl(PR_SET_NAME, "a name that is far too long"));
  CALL(prctl(PR_GET_NAME, name));
  say("name: %s", quoted(name, sizeof name));
  CALL(prctl(PR_SET_NAME, NULL));
  int value = -1;
  CALL(prctl(PR_SET_PDEATHSIG, SIGUSR2));
  CALL(prctl(PR_GET_PDEATHSIG, &value));
  say("death signal: %d", value);
  CALL(prctl(PR_SET_PDEATHSIG, 100));
  CALL(prctl(PR_SET_PDEATHSIG, 0));
  CALL(prctl(PR_GET_DUMPABLE));
  CALL(prctl(PR_SET_DUMPABLE, 0));
  CALL(prctl(PR_GET_DUMPABLE));
  CALL(prctl(PR_SET_DUMPABLE, 2));
  CALL(prctl(PR_SET_DUMPABLE, 1));
  CALL(prctl(PR_GET_KEEPCAPS));
  CALL(prctl(PR_SET_KEEPCAPS, 2));
  CALL(prctl(PR_GET_SECUREBITS));
  CALL(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
  CALL(prctl(PR_GET_SECUREBITS));
  CALL(prctl(PR_SET_SECUREBITS, 0));
  CALL(prctl(PR_SET_SECUREBITS, -1L));
  CALL(prctl(PR_SET_SECUREBITS, 1L << 32));
  CALL(prctl(PR_SET_SECUREBITS, 1 << 12));
  CALL(prctl(PR_SET_SECUREBITS, 1 << 8)); // SECBIT_EXEC_RESTRICT_FILE
  CALL(prctl(PR_GET_SECUREBITS));
  CALL(prctl(PR_SET_SECUREBITS, 0));
  CALL(prctl(PR_CAPBSET_READ, CAP_KILL));
  CALL(prctl(PR_CAPBSET_READ, 99));
  CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
  CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
  CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 1, 0));
  CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  CALL(prctl(PR_GET_TIMERSLACK));
  CALL(prctl(PR_SET_TIMERSLACK, 1000));
  CALL(prctl(PR_GET_TIMERSLACK));
  CALL(prctl(PR_SET_TIMERSLACK, 0));
  CALL(prctl(PR_GET_TIMERSLACK));
  CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
  value = -1;
  CALL(prctl(PR_GET_CHILD_SUBREAPER, &value));
  say("subreaper: %d", value);
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
  CALL(prctl(12345));
  pid_t child = MUST(fork());
  if (child == 0) {
    show_caps("root");
    MUST(prctl(PR_SET_KEEPCAPS, 1));
    MUST(setresuid(1000, 1000, 1000));
    show_caps("kept");
    CALL(prctl(PR_GET_DUMPABLE));
    CALL(prctl(PR_CAPBSET_DROP, CAP_KILL));
    CALL(kill(1, 0));
    _exit(0);
  }
  show_wait("child", child);
  child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_CAPBSET_DROP, CAP_KILL));
    CALL(prctl(PR_CAPBSET_READ, CAP_KILL));
    MUST(setuid(1000));
    show_caps("user");
    CALL(setuid(0));
    _exit(0);
  }
  show_wait("child", child);
  struct __user_cap_header_struct header = {.version = 1};
  show("capget of an unknown version", syscall(SYS_capget, &header, NULL));
  say("preferred: %x", header.version);
  header = (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3, .pid = -1};
  struct __user_cap_data_struct data[2];
  show("capget of -1", syscall(SYS_capget, &header, data));
  header.pid = 1;
  show("capset of another", syscall(SYS_capset, &header, data));
  int fds[2];
  MUST(pipe(fds));
  child = MUST(fork());
  if (child == 0) {
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      hand_over(fds[1]);
      for (;;) pause();
    }
    await_turn(fds[0]);
    _exit(4);
  }
  show_wait("parent of the grandchild", child);
  show_wait("grandchild", -1);
  show_wait("nobody", -1);
  return 0;
}
