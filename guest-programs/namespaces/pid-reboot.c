// reboot(2) in a pid namespace: its process 1 ends by a signal that says what was asked for, and nothing else ends.
// needs: root
#include "../lib/observe.h"
#include <linux/reboot.h>
#include <sched.h>

static const struct {
  const char *name;
  unsigned command;
} commands[] = {
    {"RESTART", LINUX_REBOOT_CMD_RESTART},     {"RESTART2", LINUX_REBOOT_CMD_RESTART2},
    {"POWER_OFF", LINUX_REBOOT_CMD_POWER_OFF}, {"HALT", LINUX_REBOOT_CMD_HALT},
    {"CAD_ON", LINUX_REBOOT_CMD_CAD_ON},       {"SW_SUSPEND", LINUX_REBOOT_CMD_SW_SUSPEND},
    {"no command", 12345},
};

// Only ever called in a namespace of its own: elsewhere the machine would go down.
static long ask(unsigned magic, unsigned magic2, unsigned command) {
  if (getpid() > 3 || getppid() > 1) abort();
  return syscall(SYS_reboot, magic, magic2, command, "argument");
}

// Forks into a new namespace; the child is its process 1.
static pid_t fork_first(void) {
  return syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
}

int main(void) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    pid_t first = MUST(fork_first());
    if (first == 0) {
      CALL(ask(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, commands[i].command));
      _exit(7);
    }
    show_wait(commands[i].name, first);
  }

  say("-- by a child of process 1");
  pid_t first = MUST(fork_first());
  if (first == 0) {
    if (MUST(fork()) == 0) {
      ask(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2C, LINUX_REBOOT_CMD_POWER_OFF);
      _exit(8);
    }
    for (;;) pause();
  }
  show_wait("first", first);

  say("-- in a namespace within another");
  first = MUST(fork_first());
  if (first == 0) {
    pid_t inner = MUST(fork_first());
    if (inner == 0) {
      ask(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_CMD_RESTART);
      _exit(8);
    }
    show_wait("inner", inner);
    _exit(6);
  }
  show_wait("first", first);

  say("-- errors");
  first = MUST(fork_first());
  if (first == 0) {
    CALL(ask(1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_HALT));
    CALL(ask(LINUX_REBOOT_MAGIC1, 2, LINUX_REBOOT_CMD_HALT));
    MUST(setuid(1000));
    CALL(ask(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_HALT));
    CALL(ask(1, 2, LINUX_REBOOT_CMD_HALT));
    _exit(5);
  }
  show_wait("first", first);
  return 0;
}
