// ptrace(2) and job control: group stops, PTRACE_SEIZE, INTERRUPT and LISTEN, attaching, detaching, ends of tracers.
#include "../lib/trace.h"

static pid_t tracee;

static pid_t start(void (*body)(void)) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    body();
    _exit(0);
  }
  return pid;
}

static void sleeps(void) {
  for (;;) pause();
}

static void go_on(int signo) {
  MUST(ask(PTRACE_CONT, tracee, 0, signo));
}

static void show_nothing(const char *label) {
  int status = 0;
  long got = waitpid(tracee, &status, WNOHANG | WUNTRACED | __WALL);
  if (got == 0) say("%s: nothing", label);
  else if (got == -1) show(label, -1);
  else show_stop(label, status);
}

static void finish(void) {
  kill(tracee, SIGKILL);
  for (;;) {
    int status = next_stop(tracee);
    if (status == -1 || !WIFSTOPPED(status)) {
      show_stop("end", status);
      return;
    }
  }
}

static void attached(void) {
  say("attached:");
  tracee = start(sleeps);
  await_state(tracee, "S");
  show("attach", ask(PTRACE_ATTACH, tracee, 0, 0));
  show_next("stops", tracee);
  show_siginfo("by", tracee, tracee);
  show("interrupt", ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show("listen", ask(PTRACE_LISTEN, tracee, 0, 0));
  go_on(SIGSTOP);
  show_next("group stop", tracee);
  show_siginfo("its siginfo", tracee, tracee);
  say("%s", status_field(tracee, "State:"));
  kill(tracee, SIGCONT);
  show_nothing("after SIGCONT");
  go_on(0);
  show_next("then", tracee);
  go_on(0);
  kill(tracee, SIGTSTP);
  show_next("SIGTSTP", tracee);
  kill(tracee, SIGCONT);
  go_on(SIGTSTP);
  show_next("no stop, since SIGCONT came", tracee);
  go_on(SIGCONT);
  await_state(tracee, "S");
  show("attach twice", ask(PTRACE_ATTACH, tracee, 0, 0));
  show("a request while it runs", ask(PTRACE_CONT, tracee, 0, 0));
  kill(tracee, SIGUSR1);
  show_next("SIGUSR1", tracee);
  show("detach", ask(PTRACE_DETACH, tracee, 0, 0));
  await_state(tracee, "S");
  say("TracerPid: %d", atoi(status_field(tracee, "TracerPid:") + 10));
  show("again", ask(PTRACE_ATTACH, tracee, 0, 0));
  show_next("stops", tracee);
  show("detach with a signal", ask(PTRACE_DETACH, tracee, 0, SIGTERM));
  show_next("end", tracee);
}

static void seized(void) {
  say("seized:");
  tracee = start(sleeps);
  await_state(tracee, "S");
  show("seize at an address", ask(PTRACE_SEIZE, tracee, 8, 0));
  show("seize with unknown options", ask(PTRACE_SEIZE, tracee, 0, 1 << 19));
  show("seize", ask(PTRACE_SEIZE, tracee, 0, PTRACE_O_EXITKILL));
  show_nothing("which does not stop it");
  show("interrupt", ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show_next("stops", tracee);
  show_siginfo("by", tracee, tracee);
  show("interrupt again", ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show("unknown options", ask(PTRACE_SETOPTIONS, tracee, 0, 1 << 19));
  go_on(0);
  show_next("for it traps once more", tracee);
  go_on(0);
  kill(tracee, SIGSTOP);
  show_next("SIGSTOP", tracee);
  show("listen before the group stop", ask(PTRACE_LISTEN, tracee, 0, 0));
  go_on(SIGSTOP);
  show_next("group stop", tracee);
  show("listen", ask(PTRACE_LISTEN, tracee, 0, 0));
  show_nothing("then");
  show("no requests while it listens", ask(PTRACE_CONT, tracee, 0, 0));
  say("%s", status_field(tracee, "State:"));
  show("interrupt", ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show_next("stops", tracee);
  show("listen", ask(PTRACE_LISTEN, tracee, 0, 0));
  kill(tracee, SIGCONT);
  show_next("SIGCONT", tracee);
  go_on(0);
  show_next("which is delivered", tracee);
  go_on(SIGCONT);
  await_state(tracee, "S");
  finish();
}

static void stopped_before(bool seizes) {
  say("stopped before, %s:", seizes ? "seized" : "attached");
  tracee = start(sleeps);
  kill(tracee, SIGSTOP);
  int status;
  MUST(waitpid(tracee, &status, WUNTRACED));
  show_stop("untraced", status);
  show("trace", ask(seizes ? PTRACE_SEIZE : PTRACE_ATTACH, tracee, 0, 0));
  show_next("stops", tracee);
  show_siginfo("by", tracee, tracee);
  show("detach", ask(PTRACE_DETACH, tracee, 0, 0));
  sleep_ms(10);
  await_state(tracee, "TS");
  say("%s", status_field(tracee, "State:"));
  finish();
}

static void waits(void) {
  say("wait:");
  tracee = start(sleeps);
  MUST(ask(PTRACE_SEIZE, tracee, 0, 0));
  MUST(ask(PTRACE_INTERRUPT, tracee, 0, 0));
  siginfo_t info = {0};
  show("waitid", waitid(P_PID, tracee, &info, WEXITED | WSTOPPED | WNOWAIT));
  say("code %d, status %#x, it: %d", info.si_code, info.si_status, info.si_pid == tracee);
  memset(&info, 0, sizeof info);
  show("for ends alone", waitid(P_PID, tracee, &info, WEXITED | WNOHANG | WNOWAIT));
  say("code %d", info.si_code);
  memset(&info, 0, sizeof info);
  show("once more", waitid(P_PID, tracee, &info, WSTOPPED));
  say("code %d, status %#x", info.si_code, info.si_status);
  memset(&info, 0, sizeof info);
  show("nothing is left", waitid(P_PID, tracee, &info, WSTOPPED | WNOHANG));
  say("code %d", info.si_code);
  show("kill", ask(PTRACE_KILL, tracee, 0, 0));
  show("for stops alone", waitid(P_PID, tracee, &info, WSTOPPED));
  memset(&info, 0, sizeof info);
  show("end", waitid(P_PID, tracee, &info, WEXITED));
  say("code %d, status %d", info.si_code, info.si_status);
}

// The tracer is another child of the parent.
static int told[2], asked[2];
static void tracer(void) {
  MUST(ask(PTRACE_SEIZE, tracee, 0, 0));
  MUST(ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show_next("  tracer", tracee);
  hand_over(told[1]);
  await_turn(asked[0]);
  go_on(0);
  show_next("  tracer", tracee);
  go_on(SIGSTOP);
  show_next("  tracer", tracee);
  hand_over(told[1]);
  await_turn(asked[0]);
  ask(PTRACE_CONT, tracee, 0, 0); // unless it is killed by now
  siginfo_t info = {0};
  MUST(waitid(P_PID, tracee, &info, WEXITED | WNOWAIT));
  hand_over(told[1]);
  await_turn(asked[0]);
  next_stop(tracee);
}

static void strangers(void) {
  say("traced by a stranger:");
  MUST(pipe(told));
  MUST(pipe(asked));
  tracee = start(sleeps);
  pid_t other = start(tracer);
  await_turn(told[0]);
  show_nothing("the parent sees nothing of the trap");
  kill(tracee, SIGSTOP);
  hand_over(asked[1]);
  await_turn(told[0]);
  show_nothing("but the group stop");
  show_nothing("once");
  show("may not trace it too", ask(PTRACE_ATTACH, tracee, 0, 0));
  hand_over(asked[1]);
  kill(tracee, SIGKILL);
  await_turn(told[0]);
  show_nothing("a zombie is the tracer's first");
  hand_over(asked[1]);
  show_next("then the parent's", tracee);
  show_next("tracer", other);
}

static void gone_tracer(void) {
  MUST(ask(PTRACE_SEIZE, tracee, 0, 0));
  hand_over(told[1]);
  await_turn(asked[0]);
}
static void gone_killer(void) {
  MUST(ask(PTRACE_SEIZE, tracee, 0, PTRACE_O_EXITKILL));
  MUST(ask(PTRACE_INTERRUPT, tracee, 0, 0));
  show_next("  tracer", tracee);
}
static void gone_stopper(void) {
  MUST(ask(PTRACE_ATTACH, tracee, 0, 0));
  show_next("  tracer", tracee);
}

static void ends(void) {
  say("the tracer ends:");
  tracee = start(sleeps);
  pid_t other = start(gone_tracer);
  await_turn(told[0]);
  say("traced by it: %d", atoi(status_field(tracee, "TracerPid:") + 10) == other);
  hand_over(asked[1]);
  show_next("tracer", other);
  say("traced by %d", atoi(status_field(tracee, "TracerPid:") + 10));
  other = start(gone_stopper);
  show_next("tracer", other);
  await_state(tracee, "S");
  say("%s", status_field(tracee, "State:"));
  other = start(gone_killer);
  show_next("tracer", other);
  show_next("tracee", tracee);
}

int main(void) {
  attached();
  seized();
  stopped_before(false);
  stopped_before(true);
  waits();
  strangers();
  ends();
  return 0;
}
