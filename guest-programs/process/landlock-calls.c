// landlock_create_ruleset, landlock_add_rule and landlock_restrict_self: what they refuse, and in which order.
// needs: root
#include "../lib/landlock.h"
#include <sys/ioctl.h>

static void creating(void) {
  char room[8192] = {0};
  struct ruleset wanted = {.fs = ALL_FS};
  CALL(create_ruleset(NULL, 0, 1));
  CALL(create_ruleset(NULL, 0, 2));
  CALL(create_ruleset(NULL, 0, 3));
  CALL(create_ruleset(NULL, 0, 4));
  CALL(create_ruleset(&wanted, 0, 1));
  CALL(create_ruleset(NULL, 8, 1));
  CALL(create_ruleset(NULL, 0, 0));
  CALL(create_ruleset(NULL, sizeof wanted, 0));
  CALL(create_ruleset((void *)8, 4, 0));
  CALL(create_ruleset((void *)8, 4097, 0));
  CALL(create_ruleset((void *)8, 4096, 0));
  CALL(create_ruleset(&wanted, 7, 0));
  memcpy(room, &wanted, sizeof wanted);
  CALL_OK(create_ruleset(room, 8, 0));
  CALL_OK(create_ruleset(room, 12, 0));
  CALL_OK(create_ruleset(room, 16, 0));
  CALL_OK(create_ruleset(room, 24, 0));
  CALL_OK(create_ruleset(room, 4096, 0));
  CALL(create_ruleset(room, 4097, 0));
  room[100] = 1;
  CALL(create_ruleset(room, 101, 0));
  CALL_OK(create_ruleset(room, 100, 0));
  struct ruleset none = {0}, unknown[] = {{.fs = 1ull << 16}, {.fs = 1ull << 63}, {.net = 4}, {.scoped = 4}, {.fs = ~0ull, .net = ~0ull}};
  CALL(create_ruleset(&none, sizeof none, 0));
  for (size_t i = 0; i < COUNT(unknown); i++) CALL(create_ruleset(&unknown[i], sizeof unknown[i], 0));
  struct ruleset only[] = {{.net = 1}, {.scoped = 1}};
  for (size_t i = 0; i < COUNT(only); i++) CALL_OK(create_ruleset(&only[i], sizeof only[i], 0));
}

static void the_file(int ruleset) {
  char byte, link[64], name[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", ruleset);
  ssize_t length = MUST(readlink(link, name, sizeof name));
  say("it is %.*s", (int)length, name);
  say("flags %#x, descriptor flags %d", fcntl(ruleset, F_GETFL) & ~0100000, fcntl(ruleset, F_GETFD));
  CALL(read(ruleset, &byte, 1));
  CALL(write(ruleset, &byte, 1));
  CALL(ioctl(ruleset, 0x1234, 0));
  CALL(lseek(ruleset, 0, SEEK_SET));
}

static void adding(int ruleset) {
  int here = MUST(open(".", O_PATH)), file = MUST(open("file", O_CREAT | O_RDWR, 0600)), pipes[2];
  MUST(pipe(pipes));
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  int memory = MUST(syscall(SYS_memfd_create, "m", 0)), names = MUST(open("/proc/self/ns/net", O_RDONLY));
  struct beneath rule = {READ_FILE, here};
  CALL(add_rule(ruleset, RULE_BENEATH, &rule, 0));
  CALL(add_rule(ruleset, RULE_BENEATH, &rule, 1));
  CALL(add_rule(-1, RULE_BENEATH, &rule, 1));
  CALL(add_rule(-1, RULE_BENEATH, &rule, 0));
  CALL(add_rule(file, RULE_BENEATH, &rule, 0));
  CALL(add_rule(here, RULE_BENEATH, &rule, 0));
  CALL(add_rule(file, 77, &rule, 0));
  CALL(add_rule(ruleset, 0, &rule, 0));
  CALL(add_rule(ruleset, 3, &rule, 0));
  CALL(add_rule(ruleset, RULE_BENEATH, NULL, 0));
  rule.allowed = 0;
  CALL(add_rule(ruleset, RULE_BENEATH, &rule, 0));
  rule.allowed = 1ull << 40;
  CALL(add_rule(ruleset, RULE_BENEATH, &rule, 0));
  rule.allowed = REFER; // not handled
  CALL(add_rule(ruleset, RULE_BENEATH, &rule, 0));
  int bad[] = {-1, 99, ruleset, pipes[0], pair[0], memory, names};
  const char *what[] = {"-1", "not open", "a ruleset", "a pipe", "a socket", "a memfd", "a namespace"};
  rule.allowed = READ_FILE;
  for (size_t i = 0; i < COUNT(bad); i++) {
    rule.parent = bad[i];
    show(what[i], add_rule(ruleset, RULE_BENEATH, &rule, 0));
  }
  rule.parent = file;
  uint64_t rights[] = {EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, MAKE_REG, REMOVE_FILE, TRUNCATE, READ_DIR | READ_FILE};
  for (size_t i = 0; i < COUNT(rights); i++) {
    char label[40];
    snprintf(label, sizeof label, "right %#llx of a file", (unsigned long long)rights[i]);
    rule.allowed = rights[i];
    show(label, add_rule(ruleset, RULE_BENEATH, &rule, 0));
  }
  struct port_rule port = {BIND_TCP, 80};
  CALL(add_rule(ruleset, RULE_PORT, &port, 0));
  port.allowed = CONNECT_TCP;
  CALL(add_rule(ruleset, RULE_PORT, &port, 0)); // not handled
  port.allowed = 0;
  CALL(add_rule(ruleset, RULE_PORT, &port, 0));
  port = (struct port_rule){BIND_TCP, 65536};
  CALL(add_rule(ruleset, RULE_PORT, &port, 0));
  port.port = 65535;
  CALL(add_rule(ruleset, RULE_PORT, &port, 0));
  CALL(add_rule(ruleset, RULE_PORT, NULL, 0));
}

static void restricting(int ruleset) {
  CALL(restrict_self(-1, 0));
  CALL(restrict_self(99, 0));
  CALL(restrict_self(0, 0));
  CALL(restrict_self(ruleset, 8));
  CALL(restrict_self(-1, 8));
  for (unsigned flags = 1; flags < 8; flags++) {
    char label[40];
    snprintf(label, sizeof label, "-1 with flags %u", flags);
    show(label, restrict_self(-1, flags));
  }
  CONFINED("layers", {
    int count = 0;
    while (count < 40 && restrict_self(ruleset, count & 7) == 0) count++;
    say("%d layers, then %s", count, errno_name(errno));
  });
  CONFINED("without privileges", {
    MUST(setresuid(1000, 1000, 1000));
    CALL(restrict_self(ruleset, 8));
    CALL(restrict_self(-1, 0));
    CALL(restrict_self(ruleset, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CALL(restrict_self(ruleset, 8));
    CALL(restrict_self(ruleset, 0));
  });
}

int main(void) {
  creating();
  for (int fd = 3; fd < 30; fd++) close(fd);
  int ruleset = handling(ALL_FS & ~REFER, BIND_TCP, 0);
  the_file(ruleset);
  adding(ruleset);
  restricting(ruleset);
  uint64_t ids[32];
  uint32_t size = sizeof ids;
  bool has = false;
  for (long i = syscall(461, ids, &size, 0); i-- > 0;) has |= ids[i] == 110;
  say("among the security modules: %d", has);
}
