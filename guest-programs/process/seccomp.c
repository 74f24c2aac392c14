// seccomp(2): strict mode, filters that refuse, trap and kill, who may add them, what children have of them.
// needs: root
#include "../lib/observe.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

static long install(struct sock_filter *filter, unsigned length, unsigned flags) {
  struct sock_fprog program = {length, filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// Answers `action` to calls of `number`, allows the others.
static long refuse(long number, unsigned action, unsigned flags) {
  struct sock_filter filter[] = {LOAD(arch),   UNLESS(ARCHITECTURE, 2), LOAD(nr), UNLESS(number, 1),
                                 RETURN(action), RETURN(SECCOMP_RET_ALLOW)};
  filter[1].jf = 3;
  return install(filter, COUNT(filter), flags);
}

static void on_sigsys(int signo, siginfo_t *info, void *context) {
  (void)context;
  say("  %s: code %d, errno %d, call is getuid: %d, arch %d, address set: %d", signal_name(signo), info->si_code,
      info->si_errno, info->si_syscall == SYS_getuid, info->si_arch == ARCHITECTURE, info->si_call_addr != NULL);
}

static char status_line[64];
static const char *status_of(const char *key) {
  char text[4096] = "";
  int fd = open("/proc/self/status", O_RDONLY);
  MUST(read(fd, text, sizeof text - 1));
  close(fd);
  const char *at = strstr(text, key);
  snprintf(status_line, sizeof status_line, "%.*s", at ? (int)strcspn(at, "\n") : 4, at ? at : "none");
  return status_line;
}

static void rejected(const char *what, struct sock_filter *filter, unsigned length) {
  show(what, install(filter, length, 0));
}

static void rejected_programs(void) {
  struct sock_filter allow[] = {RETURN(SECCOMP_RET_ALLOW)};
  rejected("no instructions", allow, 0);
  rejected("too many", allow, 4097);
  struct sock_filter no_end[] = {LOAD(nr)};
  rejected("no return", no_end, 1);
  struct sock_filter odd[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RETURN(0)};
  rejected("load at 2", odd, 2);
  struct sock_filter beyond[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data)), RETURN(0)};
  rejected("load beyond", beyond, 2);
  struct sock_filter byte[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RETURN(0)};
  rejected("load of a byte", byte, 2);
  struct sock_filter modulo[] = {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RETURN(0)};
  rejected("modulo", modulo, 2);
  struct sock_filter zero[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN(0)};
  rejected("division by 0", zero, 2);
  struct sock_filter shift[] = {BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RETURN(0)};
  rejected("shift by 32", shift, 2);
  struct sock_filter away[] = {BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN(0)};
  rejected("jump out", away, 2);
  struct sock_filter unwritten[] = {BPF_STMT(BPF_LD | BPF_MEM, 3), RETURN(0)};
  rejected("load before store", unwritten, 2);
  struct sock_filter memory[] = {BPF_STMT(BPF_ST, 16), RETURN(0)};
  rejected("store at 16", memory, 2);
  struct sock_filter x[] = {BPF_STMT(BPF_RET | BPF_X, 0)};
  rejected("return of X", x, 1);
}

// Arithmetic on the first argument of getpriority; the errno tells the result.
static void arithmetic(void) {
  struct sock_filter filter[] = {
      LOAD(nr), UNLESS(SYS_getpriority, 20), LOAD(args[0]),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 7), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_STX, 2),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 4),
      BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 30), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 28),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), BPF_STMT(BPF_LDX | BPF_MEM, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1), BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 63),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0), RETURN(0), RETURN(0),
      RETURN(SECCOMP_RET_ALLOW)};
  CALL(install(filter, COUNT(filter), 0));
  for (int i = 0; i < 6; i++) {
    errno = 0;
    syscall(SYS_getpriority, i, 0);
    say("  result for %d: %d", i, errno);
  }
  struct sock_filter division[] = {LOAD(nr), UNLESS(SYS_getpriority, 3), BPF_STMT(BPF_LDX | BPF_IMM, 0),
                                   BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                                   RETURN(SECCOMP_RET_ALLOW)};
  CALL(install(division, COUNT(division), 0));
  CALL(getppid() > 0);
  syscall(SYS_getpriority, 0, 0); // a division by X = 0 returns 0: the thread ends
}

static void *waits(void *argument) {
  MUST(read(*(int *)argument, &(char){0}, 1));
  show("  other thread: getuid", syscall(SYS_getuid));
  say("  other thread: %s", status_of("NoNewPrivs"));
  return NULL;
}

static void *dies(void *argument) {
  refuse(SYS_getuid, SECCOMP_RET_KILL_THREAD, 0);
  syscall(SYS_getuid);
  say("not reached");
  return argument;
}

static void threads(void) {
  int ends[2];
  MUST(pipe(ends));
  pthread_t thread;
  pthread_create(&thread, NULL, waits, &ends[0]);
  show("to all threads", refuse(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC));
  MUST(write(ends[1], "", 1));
  pthread_join(thread, NULL);
  pthread_create(&thread, NULL, dies, NULL);
  pthread_join(thread, NULL);
  say("the other thread is gone");
}

static void strict(void) {
  CALL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
  CALL(write(1, "strict\n", 7));
  syscall(SYS_getpid);
  say("not reached");
}

static void child(const char *what, void (*run)(void)) {
  say("%s", what);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    run();
    syscall(SYS_exit, 7); // the one that strict mode allows
  }
  show_wait("  child", pid);
}

static void killed(void) {
  signal(SIGSYS, SIG_IGN);
  refuse(SYS_getuid, SECCOMP_RET_KILL_PROCESS, 0);
  syscall(SYS_getuid);
}

static void killed_thread(void) {
  refuse(SYS_getuid, SECCOMP_RET_KILL, 0);
  syscall(SYS_getuid);
}

static void unknown_action(void) {
  refuse(SYS_getuid, 0x12340000, 0);
  syscall(SYS_getuid);
}

static void trapped(void) {
  struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, NULL);
  CALL(refuse(SYS_getuid, SECCOMP_RET_TRAP | 33, 0));
  syscall(SYS_getuid);
  say("  went on");
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGSYS);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  syscall(SYS_getuid); // blocked: it kills
}

static void several(void) {
  CALL(refuse(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV, 0));
  CALL(refuse(SYS_getuid, SECCOMP_RET_ERRNO | EMFILE, SECCOMP_FILTER_FLAG_LOG));
  CALL(refuse(SYS_getgid, SECCOMP_RET_TRACE, 0));
  CALL(refuse(SYS_geteuid, SECCOMP_RET_LOG, 0));
  CALL(refuse(SYS_getegid, SECCOMP_RET_ERRNO | 5000, 0));
  CALL(syscall(SYS_getuid));
  CALL(syscall(SYS_getgid));
  CALL(syscall(SYS_geteuid) >= 0);
  errno = 0;
  long result = syscall(SYS_getegid);
  say("getegid: %ld, errno %d", result, errno);
  say("%s", status_of("Seccomp:"));
  say("%s", status_of("Seccomp_filters:"));
  CALL(prctl(PR_GET_SECCOMP));
  CALL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
  pid_t pid = MUST(fork());
  if (pid == 0) _exit(syscall(SYS_getuid) == -1 ? errno : 0);
  show_wait("a child of it", pid);
}

static void without_privileges(void) {
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(refuse(SYS_getuid, SECCOMP_RET_ERRNO, 0));
}

int main(void) {
  unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                        SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 0x12340000};
  for (size_t i = 0; i < COUNT(actions); i++) {
    say("action %#x", actions[i]);
    show("available", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
  }
  CALL(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, actions));
  CALL(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL));
  CALL(syscall(SYS_seccomp, 99, 0, NULL));
  CALL(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
  CALL(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, actions));
  CALL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
  CALL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x80, NULL));
  CALL(prctl(PR_GET_SECCOMP));
  CALL(prctl(PR_SET_SECCOMP, 0));
  CALL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL));
  rejected_programs();
  child("strict", strict);
  child("kill", killed);
  child("kill the thread, the only one", killed_thread);
  child("unknown action", unknown_action);
  child("trap", trapped);
  child("several filters", several);
  child("threads", threads);
  child("arithmetic", arithmetic);
  if (fork() == 0) {
    MUST(setuid(1000));
    without_privileges();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    without_privileges();
    _exit(0);
  }
  show_wait("user", -1);
  return 0;
}
