// Core files: who leaves one, what is in it, what keeps it away (core(5)).
// skip-native: machines differ in what they do with cores
// flags: -pthread
#include "../lib/core.h"
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char global_text[64] = "a global";
static char *heap, *shared_memory, *left_out, *untouched, *shared_file;
static pid_t child;
static int round_number;

static void limit_core(rlim_t soft) {
  struct rlimit limit = {soft, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_CORE, &limit));
}

static void filter(const char *text) {
  int fd = MUST(open("/proc/self/coredump_filter", O_WRONLY));
  MUST(write(fd, text, strlen(text)));
  close(fd);
}

static volatile int *volatile nowhere = (int *)0x10;
static void crash(void) { *nowhere = 1; }
static void quit(void) { raise(SIGQUIT); }
static void terminate(void) { raise(SIGTERM); }
static void give_up(void) { abort(); }

static void say_presence(const struct core *core, const char *name, const void *address) {
  char *found = memory_in(core, address);
  say("  %s: %s", name, found ? "there" : segment_at(core, address) ? "only its place" : "no");
}

static int threads;

static void look_at_note(const Elf64_Nhdr *note, const char *owner, const char *content) {
  if (strcmp(owner, "CORE") != 0) return; // what only this processor has
  switch (note->n_type) {
    case NT_PRSTATUS: {
      const struct elf_prstatus *status = (const void *)content;
      threads++;
      if (threads > 1) return;
      say("  status: signal %d, size %s, pid %s, parent %s, group %s, session %s, held %lx", status->pr_cursig,
          note->n_descsz == sizeof *status ? "right" : "wrong", status->pr_pid == child ? "right" : "wrong",
          status->pr_ppid == getpid() ? "right" : "wrong", status->pr_pgrp == getpgrp() ? "right" : "wrong",
          status->pr_sid == getsid(0) ? "right" : "wrong", status->pr_sighold);
      return;
    }
    case NT_PRPSINFO: {
      const struct elf_prpsinfo *info = (const void *)content;
      say("  process: %s, arguments %s, state %d %c, nice %d, uid %u, size %s", info->pr_fname,
          strstr(info->pr_psargs, "core-files") ? "right" : "wrong", info->pr_state, info->pr_sname, info->pr_nice,
          info->pr_uid, note->n_descsz == sizeof *info ? "right" : "wrong");
      return;
    }
    case NT_SIGINFO: {
      const siginfo_t *info = (const void *)content;
      say("  siginfo: %s, code %d, size %u", signal_name(info->si_signo), info->si_code, note->n_descsz);
      if (info->si_signo == SIGSEGV) say("  address: %p", info->si_addr);
      return;
    }
    case NT_AUXV: {
      const Elf64_auxv_t *entry = (const void *)content;
      while (entry->a_type != AT_NULL && entry->a_type != AT_PAGESZ) entry++;
      say("  auxv: page size %lu", (unsigned long)entry->a_un.a_val);
      return;
    }
    case NT_FILE: {
      const uint64_t *words = (const void *)content;
      const char *name = (const char *)(words + 2 + 3 * words[0]);
      say("  files: %s, unit %lu, first at page %lu, named as the program: %s", words[0] > 0 ? "some" : "none",
          (unsigned long)words[1], (unsigned long)words[4], strstr(name, "core-files") ? "yes" : "no");
      return;
    }
    case NT_FPREGSET:
      if (threads == 1) say("  floating point registers");
      return;
    default:
      say("  note %x", note->n_type);
  }
}

static void look_at(const char *path) {
  struct stat is;
  if (lstat(path, &is) != 0) {
    say("  %s: %s", path, errno_name(errno));
    return;
  }
  struct core core = read_core(path);
  Elf64_Ehdr *header = (Elf64_Ehdr *)core.bytes;
  say("  %s: mode %o, uid %d, links %lu, %s", path, is.st_mode, is.st_uid, (unsigned long)is.st_nlink,
      core.size > sizeof *header && memcmp(core.bytes, ELFMAG, SELFMAG) == 0 ? "an ELF file" : "no ELF file");
  if (core.size < end_of(&core)) {
    say("  cut off, size: %s", core.size <= 16384 ? "at most 16384" : "more than 16384");
    return;
  }
  say("  type %d, entry %lu, sections %d", header->e_type, (unsigned long)header->e_entry, header->e_shnum);
  threads = 0;
  for_each_note(&core, look_at_note);
  say("  threads: %d", threads);
  char *text = memory_in(&core, global_text);
  say("  a global: %s", text ? text : "no");
  say_presence(&core, "heap", heap);
  say_presence(&core, "memory that was never touched", untouched);
  say_presence(&core, "shared memory", shared_memory);
  say_presence(&core, "a shared file", shared_file);
  say_presence(&core, "memory not to be dumped", left_out);
  say_presence(&core, "code", (void *)(uintptr_t)qsort);
  say_presence(&core, "stack", __builtin_frame_address(0));
  free_core(&core);
}

// Ends a child by `die`, after `prepare` in a directory of its own, and says what it left there.
static void run(const char *label, void (*prepare)(void), void (*die)(void)) {
  char directory[32];
  snprintf(directory, sizeof directory, "round%d", ++round_number);
  MUST(mkdir(directory, 0755));
  say("%s", label);
  child = MUST(fork());
  if (child == 0) {
    MUST(chdir(directory));
    limit_core(RLIM_INFINITY);
    strcpy(global_text, "changed by the child");
    if (prepare) prepare();
    die();
    _exit(0);
  }
  siginfo_t info = {0};
  MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  int status;
  MUST(waitpid(child, &status, 0));
  say("  %s, %s, code %s", signal_name(WTERMSIG(status)), WCOREDUMP(status) ? "dumped" : "not dumped",
      info.si_code == CLD_DUMPED ? "CLD_DUMPED" : info.si_code == CLD_KILLED ? "CLD_KILLED" : "another");
  MUST(chdir(directory));
  look_at("core");
  MUST(chdir(".."));
}

static void no_core(void) { limit_core(0); }
static void less_than_a_page(void) { limit_core(4095); }
static void too_little(void) { limit_core(16384); }
static void undumpable(void) { MUST(prctl(PR_SET_DUMPABLE, 0)); }
static void files_too(void) { filter("0x37"); }
static void shared_files_too(void) { filter("0x3b"); }
static void nothing(void) { filter("0"); }
static void old_file(void) {
  close(MUST(open("core", O_CREAT | O_WRONLY, 0644)));
  MUST(link("core", "kept"));
}
static void a_link(void) { MUST(symlink("elsewhere", "core")); }
static void a_directory(void) { MUST(mkdir("core", 0700)); }
static void another_user(void) {
  MUST(chmod(".", 0777));
  MUST(setresuid(1234, 1234, 1234));
}
static void another_user_dumpable(void) {
  another_user();
  MUST(prctl(PR_SET_DUMPABLE, 1));
}
static void no_permission(void) {
  MUST(setresuid(1234, 1234, 1234));
  MUST(prctl(PR_SET_DUMPABLE, 1));
}
static void *wait_there(void *unused) {
  pause();
  return unused;
}
static void more_threads(void) {
  pthread_t thread;
  for (int i = 0; i < 2; i++) MUST(pthread_create(&thread, NULL, wait_there, NULL) == 0 ? 0 : -1);
}
static void blocked_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
}
static void small_file(void) {
  struct rlimit limit = {4096, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_FSIZE, &limit));
  signal(SIGXFSZ, SIG_IGN);
}

int main(void) {
  size_t size = 64 * 1024;
  heap = MUST(malloc(100));
  strcpy(heap, "on the heap");
  shared_memory = MUST(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  left_out = MUST(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  untouched = MUST(mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0644));
  MUST(ftruncate(fd, size));
  shared_file = MUST(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  strcpy(shared_memory, "shared");
  strcpy(shared_file, "shared");
  strcpy(left_out, "private");
  MUST(madvise(left_out, size, MADV_DONTDUMP));

  run("a fault", NULL, crash);
  run("abort", blocked_signals, give_up);
  run("SIGQUIT, three threads", more_threads, quit);
  run("SIGTERM", NULL, terminate);
  run("no core wanted", no_core, crash);
  run("a limit of less than a page", less_than_a_page, crash);
  run("a limit that it goes beyond", too_little, crash);
  run("a limit of files", small_file, crash);
  run("not dumpable", undumpable, crash);
  run("with private files", files_too, crash);
  run("with shared files", shared_files_too, crash);
  run("with nothing", nothing, crash);
  run("an old file", old_file, crash);
  struct stat is;
  MUST(stat("round13/kept", &is));
  say("what had the name: size %ld, links %lu", (long)is.st_size, (unsigned long)is.st_nlink);
  run("a symbolic link", a_link, crash);
  CALL(access("round14/elsewhere", F_OK));
  run("a directory", a_directory, crash);
  run("another user", another_user, crash);
  run("another user, dumpable", another_user_dumpable, crash);
  run("another user, in a directory of root's", no_permission, crash);
  return 0;
}
