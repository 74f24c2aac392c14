// Keeps the scripts of fuzz/call-script.c from the machine that they run on natively, as root: they have namespaces of their
// own, with an empty root on tmpfs that nothing leads out of. The guest is such a place already. Included by call-script.c.
#pragma once
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

// What passes limits, and what reaches past the namespaces.
static const int given_up[] = {CAP_SYS_RESOURCE, CAP_SYS_TIME, CAP_SYS_BOOT, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_ADMIN, CAP_SYSLOG,
                               CAP_WAKE_ALARM,   CAP_BLOCK_SUSPEND, CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON, CAP_MAC_ADMIN, CAP_AUDIT_CONTROL};

static void give_up_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  if (syscall(SYS_capget, &header, sets) < 0) exit(1);
  for (size_t i = 0; i < sizeof given_up / sizeof *given_up; i++) {
    if ((is_jobs || is_mounts) && given_up[i] == CAP_SYS_ADMIN) continue; // hangs terminals up, and takes them from others; mounts
    unsigned bit = 1u << given_up[i] % 32, word = given_up[i] / 32;
    prctl(PR_CAPBSET_DROP, given_up[i]);
    sets[word].effective &= ~bit, sets[word].permitted &= ~bit, sets[word].inheritable &= ~bit;
  }
  if (syscall(SYS_capset, &header, sets) < 0) exit(1);
}

#ifdef __riscv
static void enter_jail(void) {}
static int is_jailed(void) { return 1; }
#else
// Process 1 of the jail, which is the only one there that outlives a script.
static int is_jailed(void) { return getpid() == 1; }

static void must(const char *what, long status) {
  if (status >= 0) return;
  printf("no jail: %s: %s\n", what, strerror(errno));
  exit(2);
}

static void make_device(const char *path, unsigned major, unsigned minor) {
  must(path, mknod(path, S_IFCHR, makedev(major, minor)));
  must(path, chmod(path, 0666));
}

static void enter_jail(void) {
  int status;
  must("unshare", unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET));
  pid_t first = fork();
  must("fork", first);
  if (first > 0) {
    waitpid(first, &status, 0);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
  }
  must("nice value", setpriority(PRIO_PROCESS, 0, 0)); // as the guest has it, whoever started this
  must("private mounts", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  must("root", mount("jail", "/dev/shm", "tmpfs", 0, "size=256m,mode=755"));
  must("root", chdir("/dev/shm"));
  must("dev", mkdir("dev", 0755) | mkdir("dev/shm", 0755) | mkdir("dev/pts", 0755) | mkdir("proc", 0755) | mkdir("old", 0755));
  make_device("dev/null", 1, 3);
  make_device("dev/zero", 1, 5);
  make_device("dev/tty", 5, 0);
  must("shm", mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=1777"));
  must("pts", mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620,gid=5"));
  must("ptmx", symlink("pts/ptmx", "dev/ptmx"));
  must("proc", mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid"));
  must("pivot_root", syscall(SYS_pivot_root, ".", "old"));
  must("root", chdir("/"));
  must("old root", umount2("old", MNT_DETACH));
  must("old root", rmdir("old"));
}
#endif
