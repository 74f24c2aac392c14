// Sizes and offsets of the structures that system calls read and write, where x86_64 and riscv64 agree.
#include "../lib/observe.h"
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <netinet/in.h>

#define SIZE(type) say("%s: %zu", #type, sizeof(type))
#define FIELD(type, field) say("%s.%s: %zu", #type, #field, offsetof(type, field))

int main(void) {
  SIZE(struct timespec);
  SIZE(struct timeval);
  SIZE(struct itimerspec);
  SIZE(struct iovec);
  SIZE(struct sockaddr_un);
  FIELD(struct sockaddr_un, sun_path);
  SIZE(struct sockaddr_in);
  SIZE(struct sockaddr_in6);
  FIELD(struct sockaddr_in6, sin6_addr);
  SIZE(struct msghdr);
  FIELD(struct msghdr, msg_iov);
  FIELD(struct msghdr, msg_iovlen);
  FIELD(struct msghdr, msg_control);
  FIELD(struct msghdr, msg_controllen);
  FIELD(struct msghdr, msg_flags);
  SIZE(struct mmsghdr);
  SIZE(struct cmsghdr);
  FIELD(struct cmsghdr, cmsg_level);
  FIELD(struct cmsghdr, cmsg_type);
  SIZE(struct ucred);
  SIZE(struct linger);
  SIZE(struct pollfd);
  FIELD(struct pollfd, revents);
  SIZE(siginfo_t);
  FIELD(siginfo_t, si_code);
  FIELD(siginfo_t, si_pid);
  FIELD(siginfo_t, si_status);
  FIELD(siginfo_t, si_addr);
  FIELD(siginfo_t, si_value);
  SIZE(stack_t);
  SIZE(struct signalfd_siginfo);
  SIZE(struct rusage);
  FIELD(struct rusage, ru_maxrss);
  SIZE(struct rlimit);
  SIZE(struct sysinfo);
  FIELD(struct sysinfo, procs);
  FIELD(struct sysinfo, mem_unit);
  SIZE(struct utsname);
  SIZE(struct winsize);
  SIZE(struct flock);
  FIELD(struct flock, l_start);
  FIELD(struct flock, l_pid);
  SIZE(struct statx);
  FIELD(struct statx, stx_mode);
  FIELD(struct statx, stx_ino);
  FIELD(struct statx, stx_size);
  FIELD(struct statx, stx_mtime);
  SIZE(struct statfs);
  FIELD(struct statfs, f_namelen);
  SIZE(struct tms);
  return 0;
}
