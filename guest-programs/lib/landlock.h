// The landlock calls (landlock(7)), which C libraries do not have, and structs newer than some headers.
#pragma once
#include "observe.h"
#include <sys/prctl.h>

struct ruleset {
  uint64_t fs, net, scoped;
};
struct beneath {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));
struct port_rule {
  uint64_t allowed, port;
};

enum {
  EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_DIR = 16, REMOVE_FILE = 32, MAKE_CHAR = 64,
  MAKE_DIR = 128, MAKE_REG = 256, MAKE_SOCK = 512, MAKE_FIFO = 1024, MAKE_BLOCK = 2048, MAKE_SYM = 4096,
  REFER = 8192, TRUNCATE = 16384, IOCTL_DEV = 32768, ALL_FS = 65535,
};
enum { BIND_TCP = 1, CONNECT_TCP = 2 };
enum { SCOPE_ABSTRACT = 1, SCOPE_SIGNAL = 2 };
enum { RULE_BENEATH = 1, RULE_PORT = 2 };

MAYBE_UNUSED static int create_ruleset(const void *ruleset, size_t size, unsigned flags) {
  return syscall(444, ruleset, size, flags);
}
MAYBE_UNUSED static int add_rule(int ruleset, int type, const void *rule, unsigned flags) {
  return syscall(445, ruleset, type, rule, flags);
}
MAYBE_UNUSED static int restrict_self(int ruleset, unsigned flags) {
  return syscall(446, ruleset, flags);
}

// A ruleset that handles these.
MAYBE_UNUSED static int handling(uint64_t fs, uint64_t net, uint64_t scoped) {
  struct ruleset wanted = {fs, net, scoped};
  return MUST(create_ruleset(&wanted, sizeof wanted, 0));
}

MAYBE_UNUSED static void allow(int ruleset, const char *path, uint64_t allowed) {
  struct beneath rule = {allowed, MUST(open(path, O_PATH | O_CLOEXEC))};
  MUST(add_rule(ruleset, RULE_BENEATH, &rule, 0));
  close(rule.parent);
}

MAYBE_UNUSED static void allow_port(int ruleset, uint16_t port, uint64_t allowed) {
  struct port_rule rule = {allowed, port};
  MUST(add_rule(ruleset, RULE_PORT, &rule, 0));
}

MAYBE_UNUSED static void enforce(int ruleset) {
  MUST(restrict_self(ruleset, 0));
  close(ruleset);
}

// Runs the steps in a child, so that what confines them ends with it.
#define CONFINED(label, ...)                                                             \
  do {                                                                                   \
    say("-- %s", label);                                                                 \
    pid_t confined = MUST(fork());                                                       \
    if (confined == 0) {                                                                 \
      __VA_ARGS__;                                                                       \
      _exit(0);                                                                          \
    }                                                                                    \
    show_wait("child", confined);                                                        \
  } while (0)
