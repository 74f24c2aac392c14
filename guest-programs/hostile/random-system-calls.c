// Random system calls, mostly with arguments of the right sort: none may hurt the machine, or make a trace of them fail.
// Usage: random-system-calls [FIRST-SEED [ROUNDS [CALLS]]]; with TELL in the environment each call is told before it is made.
// skip-native: nonsense calls as root could harm the host
#include "../lib/observe.h"
#include "../lib/random.h"
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <linux/io_uring.h>

// number:sorts of arguments. f descriptor, g signal, i process, l length, m flags, n number, p pointer, s string.
static const char CALLS[] =
    "5:snplm 6:snplm 7:fnplm 8:snpl 9:snpl 10:fnpl 11:spl 12:spl 13:fpl 14:sn 15:sn 16:fn 17:pl 19:lm 20:m 21:fnfp "
    "22:fplppl 23:f 24:ffm 25:fnp 26:m 27:fsn 28:fn 29:fnp 30:nin 31:ni 32:fn 33:fsmn 34:fsm 35:fsm 36:sfs 37:fsfsm "
    "39:nm 40:ssnmp 43:sp 44:fp 45:sl 46:fl 47:fmnl 48:fsm 49:s 50:f 51:s 52:fm 53:fsm 54:fspnm 55:fpn 56:fsmm 57:f "
    "58: 59:pm 61:fpl 62:fnn 63:fpl 64:fpl 65:fpl 66:fpl 67:fpln 68:fpln 69:fpln 70:fpln 71:ffnl 72:lppppp 73:plppl "
    "74:fnlm 75:fplm 76:fpfplm 77:fflm 78:fspl 79:fspm 80:fp 81: 82:f 83:f 84:fnlm 85:nm 86:fmpp 87:fp 88:fspm "
    "90:pp 91:pp 92:n 95:nnpmp 96:p 97:m 98:pnnppn 99:pl 100:ipp 101:pp 102:np 103:npp 107:npn 108:np 109:n "
    "110:nmpp 111:n 112:np 113:np 114:np 115:nmnp 116:npl 117:nipp 118:ip 119:imp 120:i 121:ip 122:iln 123:iln 124: "
    "125:m 126:m 127:ip 128: 129:ig 130:ig 131:iig 132:pp 133:nl 134:gppl 135:pppl 136:pl 137:pppl 138:igp 140:nin "
    "141:ni 143:nn 144:n 145:pp 146:n 147:ppp 148:ppp 149:nnn 150:nnn 151:n 152:n 153:p 154:ii 155:i 156:i 157: "
    "158:lp 159:lp 160:p 161:nl 162:nl 163:np 164:np 165:ip 166:n 167:nnnnn 168:ppn 169:pp 170:pp 171:p 172: 173: "
    "174: 175: 176: 177: 178: 179:p 180:nmmp 181:n 182:fplnp 183:fplnp 184:fp 185:fpp 186:nm 187:nnp 188:nplnm "
    "189:nplm 190:nnm 191:nnnp 192:nplp 193:npl 194:nlm 195:nnp 196:nnm 197:n 198:nnn 199:nnnp 200:fpl 201:fn "
    "202:fpl 203:fpl 204:fpl 205:fpl 206:fplmpl 207:fplmpl 208:fnnpl 209:fnnpl 210:fp 211:fpm 212:fpm 213:fnl 214:p "
    "215:pl 216:pnnmp 220:mpppp 221:spp 222:plmmfn 223:fnln 226:plm 227:plm 228:pl 229:pl 230:m 231: 232:plp "
    "233:pln 240:iigp 242:fplm 243:fplmp 258:pnlpm 259:llm 260:ipmp 261:inpp 264:fnppn 265:fpm 266:np 267:f 268:fn "
    "269:fplm 270:iplplm 271:iplplm 272:iinnn 274:ipm 275:iplm 276:fsfsm 277:nmp 278:plm 279:nm 281:fsppm 283:nmn "
    "284:plm 285:fpfplm 286:fplnnm 287:fplnnm 288:plmn 289:mn 290:n 291:fsmnp 293:plmg 424:fgpm 425:np 426:fnnmpl "
    "427:fnpn 434:im 435:pl 436:nnm 437:fspl 438:ffm 439:fsmm 440:fplnm 441:fplppl 448:fm 449:pnmpn 452:fsmm "
    "454:pnnm 455:pnnmpn 456:pmnn 462:plm 463:fsmnpl 464:fsmnpl 465:fsmpl 466:fsmn ";

enum { ROOM = 1024 };
static long *room; // what calls read and write; a page that nobody may touch follows
static pid_t parent;
static char paths[24][40];
static struct {
  int fd;
  unsigned *tail, *array;
  struct io_uring_sqe *entries;
} ring; // of 8 entries

static long argument(char sort);

// An entry of the ring, and where it stands in the queue.
static void fill_entry(void) {
  unsigned at = below(8);
  struct io_uring_sqe *entry = &ring.entries[at];
  memset(entry, 0, sizeof *entry);
  entry->opcode = below(60);
  entry->flags = below(3) ? 0 : below(64);
  entry->ioprio = below(8) ? 0 : below(16);
  entry->fd = (int)argument('f');
  entry->off = (unsigned long)(below(3) == 0 ? argument('p') : below(2) ? -1 : (long)below(100));
  entry->addr = (unsigned long)argument("pps"[below(3)]);
  entry->len = (unsigned)argument("ln"[below(2)]);
  entry->rw_flags = below(3) ? 0 : (int)argument('m');
  entry->user_data = below(10);
  entry->buf_index = below(8) ? 0 : below(4);
  entry->file_index = below(8) ? 0 : below(40);
  ring.array[*ring.tail & 7] = at;
  ++*ring.tail;
}

static void scramble(void) {
  if (ring.fd > 0 && below(4) == 0) {
    fill_entry();
    if (below(2)) syscall(SYS_io_uring_enter, ring.fd, below(9), below(8) ? 0 : below(3), below(2) * IORING_ENTER_GETEVENTS, NULL, 0);
  }
  size_t at = below(ROOM - 8);
  switch (below(8)) {
    case 0: // a list of buffers
      for (int i = 0; i < 8; i += 2) room[at + i] = argument('p'), room[at + i + 1] = below(600);
      break;
    case 1: // an address of a socket
      memset(room + at, 0, 16);
      ((struct sockaddr_un *)(room + at))->sun_family = below(5) ? AF_UNIX : below(20);
      strcpy((char *)(room + at) + 2 + below(2), paths[below(COUNT(paths))]);
      break;
    case 2: // a time
      room[at] = below(3) ? 0 : (long)below(4), room[at + 1] = below(3) ? below(1000000) : random_number();
      break;
    case 3: // a message
      room[at] = argument('p'), room[at + 1] = below(120), room[at + 2] = argument('p'), room[at + 3] = below(4);
      room[at + 4] = argument('p'), room[at + 5] = below(200), room[at + 6] = 0;
      break;
    case 4: // a control message
      room[at] = 16 + below(3) * 4, room[at + 1] = SOL_SOCKET | (1 + below(4)) << 32, room[at + 2] = below(20) | below(20) << 32;
      break;
    case 5: // descriptors with events
      for (int i = 0; i < 6; i++) room[at + i] = below(40) | below(64) << 32;
      break;
    case 6:
      for (int i = 0; i < 4; i++) ((int *)(room + at))[i] = (int)argument("fgimnl"[below(6)]);
      break;
    default: room[at] = argument("fgilmnps"[below(8)]);
  }
}

static long argument(char sort) {
  if (below(40) == 0) return (const long[]){-1, 0x7fffffffffffffff, -4096, 0x1000000000, 0x80000000, (long)0x8000000000000000}[below(6)];
  if (below(40) == 0) sort = "fgilmnps"[below(8)];
  switch (sort) {
    case 'f': return below(12) == 0 ? -100 : (long)below(48);
    case 'g': {
      long signo = below(66);
      return (signo == SIGKILL || signo == SIGSTOP) && below(20) ? SIGUSR1 : signo;
    }
    case 'i': {
      long pid = below(3) == 0 ? 0 : getpid() + (long)below(6) - 1;
      return pid == parent ? 0 : pid;
    }
    case 'l': return below(3) == 0 ? (long)below(65536) : (const long[]){0, 1, 2, 3, 4, 8, 16, 24, 32, 64, 100, 110, 128, 4096, 8192}[below(15)];
    case 'm': return below(3) == 0 ? 0 : below(2) ? 1l << below(32) : (1l << below(20)) | (1l << below(20)) | (long)below(4);
    case 'n':
      switch (below(6)) {
        case 0: return 1024 + below(40);
        case 1: return 0x5400 + below(0x62);
        case 2: return 0x8900 + below(0x60);
        default: return below(70);
      }
    case 'p': return below(12) == 0 ? 0 : below(20) == 0 ? (long)(room + ROOM) - (long)below(40) : (long)(room + below(ROOM)) + (below(16) == 0);
    default: return (long)paths[below(COUNT(paths))];
  }
}

static void make_descriptors(void) {
  int pair[2];
  open("/tmp", O_RDONLY);
  open("/tmp/random-file", O_RDWR | O_CREAT, 0666);
  open("/proc/self/maps", O_RDONLY);
  open("/proc/self/status", O_RDONLY);
  open("/proc/self/mem", O_RDWR);
  open("/proc/self/fd", O_RDONLY);
  open("/dev/zero", O_RDWR);
  open("/dev/full", O_RDWR);
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), number = 0, unlock = 0;
  ioctl(master, TIOCSPTLCK, &unlock);
  ioctl(master, TIOCGPTN, &number);
  char name[32];
  sprintf(name, "/dev/pts/%d", number);
  open(name, O_RDWR);
  if (pipe(pair)) _exit(2);
  for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type += type == SOCK_DGRAM ? 3 : 1) socketpair(AF_UNIX, type | SOCK_NONBLOCK * below(2), 0, pair);
  socket(AF_UNIX, SOCK_STREAM, 0);
  socket(AF_UNIX, SOCK_DGRAM, 0);
  socket(AF_INET, SOCK_STREAM, 0);
  socket(AF_INET6, SOCK_DGRAM, 0);
  socket(AF_NETLINK, SOCK_RAW, below(20));
  epoll_create1(0);
  eventfd(3, EFD_NONBLOCK * below(2));
  timerfd_create(CLOCK_MONOTONIC, 0);
  sigset_t set;
  sigfillset(&set);
  signalfd(-1, &set, 0);
  inotify_init();
  syscall(SYS_pidfd_open, getpid(), 0);
  memfd_create("m", MFD_ALLOW_SEALING);
  mkfifo("/tmp/random-fifo", 0666);
  open("/tmp/random-fifo", O_RDWR);
  struct io_uring_params params = {.flags = below(3) ? 0 : 1u << below(18)};
  ring.fd = (int)syscall(SYS_io_uring_setup, 8, &params);
  if (ring.fd < 0) return;
  char *queue = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
  ring.entries = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQES);
  if (queue == MAP_FAILED || ring.entries == MAP_FAILED) _exit(3);
  ring.tail = (unsigned *)(queue + params.sq_off.tail);
  ring.array = (unsigned *)(queue + params.sq_off.array);
}

static void on_signal(int signo) {
  (void)signo;
}

static void live(int calls) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  room = mmap(NULL, ROOM * sizeof *room + 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  mprotect((char *)room + ROOM * sizeof *room, 4096, PROT_NONE);
  if (getenv("TELL")) dup2(2, 99);
  for (int i = 0; i < 3; i++) close(i), open("/dev/null", O_RDWR);
  make_descriptors();
  for (int signo = 1; signo < 65; signo++) {
    bool is_fault = signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE;
    signal(signo, signo == SIGALRM || (below(20) && !is_fault) ? on_signal : SIG_DFL);
  }
  static const char *const some[] = {
    "/tmp", "/tmp/random-file", "/tmp/random-fifo", "//tmp/../tmp/d", "random-link", ".", "..", "", "/", "x/", "/dev/null", "/dev/shm", "/sys",
    "/proc/self/fd/5", "/proc/self/exe", "/proc/1/status", "/proc/sys/kernel/hostname", "user.x",
  };
  for (size_t i = 0; i < COUNT(paths); i++) {
    if (i < COUNT(some)) strcpy(paths[i], some[i]);
    else snprintf(paths[i], sizeof paths[i], "/tmp/r%lu%s", below(10), below(3) ? "" : "/f");
  }
  for (int i = 0; i < 300; i++) scramble();
  const char *starts[400];
  size_t count = 0;
  for (const char *p = CALLS; *p; p++) {
    starts[count++] = p;
    p = strchr(p, ' ');
  }
  struct itimerval often = {{0, 500}, {0, 500}};
  for (int i = 0; i < calls; i++) {
    if (i % 8 == 0) setitimer(ITIMER_REAL, &often, NULL);
    scramble();
    char *sorts;
    long number = strtol(starts[below(count)], &sorts, 10), a[6] = {0};
    sorts++;
    for (int k = 0; k < 6 && sorts[k] >= 'a'; k++) a[k] = argument(sorts[k]);
    switch (number) { // what would soon end the process or what it works with is rarer
      case SYS_clone:
        if ((a[0] & CLONE_VM) || below(10)) continue; // both would run on one stack
        break;
      case SYS_clone3:
      case SYS_vhangup:
      case SYS_execve:
      case SYS_execveat:
      case SYS_close_range:
        if (below(10)) continue;
        break;
      case SYS_close:
        if (below(4)) a[0] += 48;
        break;
      case SYS_mmap:
        if (below(2)) a[0] = 0;
        break;
      case SYS_munmap:
      case SYS_mprotect:
      case SYS_mremap:
        if (below(5)) a[0] = (long)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (getenv("TELL")) dprintf(99, "%d %ld(%lx %lx %lx %lx %lx %lx)\n", getpid(), number, a[0], a[1], a[2], a[3], a[4], a[5]);
    syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  }
  _exit(0);
}

int main(int argc, char **argv) {
  long first = argc > 1 ? atol(argv[1]) : 1, rounds = argc > 2 ? atol(argv[2]) : 20, calls = argc > 3 ? atol(argv[3]) : 200;
  parent = getpid();
  sigset_t child_ended, all;
  sigfillset(&all);
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &all, NULL);
  long done = 0;
  for (; done < rounds; done++) {
    seed = (first + done) * 7919;
    pid_t child = fork();
    if (child == 0) live(calls);
    struct timespec limit = {0, 200000000};
    while (waitpid(child, NULL, WNOHANG) == 0)
      if (sigtimedwait(&child_ended, NULL, &limit) < 0) break;
    for (int i = 0; i < 5; i++) {
      kill(-1, SIGKILL);
      while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
    }
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, __WALL) > 0) continue;
  }
  say("rounds: %ld", done);
  return 0;
}
