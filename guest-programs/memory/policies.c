// NUMA memory policies on a machine with one node: set_mempolicy, get_mempolicy, mbind, migrate_pages, move_pages.
// needs: root
#include "../lib/observe.h"

enum { DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL, PREFERRED_MANY, WEIGHTED };
enum { NODE = 1, ADDR = 2, MEMS_ALLOWED = 4 };
enum { STRICT = 1, MOVE = 2, MOVE_ALL = 4 };

static unsigned long mask[64];
static int policy;

static long get(int *mode, unsigned long *nodes, unsigned long most, const void *address, unsigned long flags) {
  return syscall(SYS_get_mempolicy, mode, nodes, most, address, flags);
}

static long set(int mode, const unsigned long *nodes, unsigned long most) { return syscall(SYS_set_mempolicy, mode, nodes, most); }

static long bind_to(const void *start, unsigned long length, int mode, unsigned long nodes, int flags) {
  mask[0] = nodes;
  return syscall(SYS_mbind, start, length, mode, nodes ? mask : NULL, nodes ? 64 : 0, flags);
}

static void try(int mode, unsigned long nodes, unsigned long most) {
  mask[0] = nodes;
  const char *result = set(mode, mask, most) < 0 ? errno_name(errno) : "ok";
  unsigned long now = 77;
  MUST(get(&policy, &now, 64, NULL, 0));
  say("policy %#x of %lx in %lu: %s, %#x of %lx", mode, nodes, most, result, policy, now);
  MUST(set(DEFAULT, NULL, 0));
}

static void modes(void) {
  for (int mode = DEFAULT; mode <= WEIGHTED + 2; mode++)
    for (unsigned long nodes = 0; nodes < 4; nodes++) try(mode, nodes, 64);
  for (int flag = 13; flag < 17; flag++)
    for (int mode = DEFAULT; mode <= WEIGHTED; mode++)
      for (unsigned long nodes = 0; nodes < 3; nodes++) try(mode | 1 << flag, nodes, 64);
  try(BIND | 3 << 14, 1, 64), try(-1, 1, 64);
  for (unsigned long most = 0; most < 4; most++) try(BIND, 1, most);
  try(BIND, 1, 65), try(BIND, 1, 1025), try(BIND, 1, 4096 * 8 + 2);
  mask[20] = 1, try(BIND, 1, 21 * 64 + 1), mask[20] = 0;
  CALL(set(BIND, (void *)8, 64));
  CALL(set(BIND, NULL, 64));
  CALL(set(DEFAULT, (void *)8, 64));
}

static void questions(const char *memory) {
  mask[0] = 1;
  for (int mode = BIND; mode <= WEIGHTED; mode++) {
    if (mode == LOCAL) continue;
    MUST(set(mode, mask, 64));
    say("the next node of %d", mode);
    CALL(get(&policy, NULL, 0, NULL, NODE));
  }
  MUST(set(DEFAULT, NULL, 0));
  CALL(get(&policy, NULL, 0, NULL, NODE));
  CALL(get(NULL, NULL, 0, NULL, 0));
  CALL(get(NULL, NULL, 0, NULL, 99));
  CALL(get(&policy, mask, 0, NULL, 0));
  CALL(get(&policy, mask, 1, NULL, 0));
  memset(mask, 0xff, sizeof mask);
  CALL(get(&policy, mask, 1025, NULL, MEMS_ALLOWED));
  say("nodes: %lx %lx %lx %lx", mask[0], mask[1], mask[15], mask[16]);
  memset(mask, 0xff, sizeof mask);
  CALL(get(&policy, mask, 10, NULL, MEMS_ALLOWED));
  say("nodes: %lx %lx", mask[0], mask[1]);
  memset(mask, 0, sizeof mask);
  CALL(get(&policy, mask, 4096 * 8 + 2, NULL, MEMS_ALLOWED));
  CALL(get((void *)8, NULL, 0, NULL, 0));
  CALL(get(NULL, (void *)8, 64, NULL, MEMS_ALLOWED));
  CALL(get(&policy, NULL, 0, memory, 0));
  CALL(get(&policy, NULL, 0, memory, NODE));
  CALL(get(&policy, NULL, 0, NULL, MEMS_ALLOWED | NODE));
  CALL(get(&policy, NULL, 0, NULL, ADDR));
  CALL(get(&policy, NULL, 0, memory + 1, ADDR | NODE));
  unsigned processor = 9, node = 9;
  CALL(syscall(SYS_getcpu, &processor, &node, NULL));
  say("node %u", node);
}

static void policy_at(const char *label, const char *address) {
  MUST(get(&policy, NULL, 0, address, ADDR));
  say("%s: %d", label, policy);
}

static void areas(char *memory) {
  CALL(bind_to(memory, 3 * 4096, BIND, 1, 0));
  policy_at("last page", memory + 2 * 4096);
  policy_at("behind", memory + 3 * 4096);
  CALL(bind_to(memory + 4096, 4096, INTERLEAVE, 1, STRICT));
  policy_at("second page", memory + 4096);
  policy_at("first page", memory);
  CALL(bind_to(memory, 4096, DEFAULT, 0, 0));
  policy_at("first page", memory);
  CALL(bind_to(memory, 4096, DEFAULT, 1, 0));
  CALL(bind_to(memory, 0, BIND, 1, 0));
  CALL(bind_to(memory, -4096ul, BIND, 1, 0));
  CALL(bind_to(memory, -1ul, BIND, 1, 0));
  CALL(bind_to((void *)0x1000, 4096, BIND, 1, 0));
  CALL(bind_to(memory, 4096, BIND, 1, 8));
  CALL(bind_to(memory, 4096, BIND, 1, STRICT | MOVE | MOVE_ALL));
  CALL(bind_to(memory, 4096, 9, 1, 0));
  CALL(bind_to(memory + 1, 4096, BIND, 1, 0));
  CALL(bind_to(memory, 4096, BIND, 0, 0));
  CALL(bind_to(memory, 4096, LOCAL, 0, MOVE));
  MUST(munmap(memory + 8 * 4096, 4096));
  CALL(bind_to(memory + 7 * 4096, 3 * 4096, BIND, 1, 0));
  policy_at("before a hole", memory + 7 * 4096);
  CALL(bind_to(memory + 7 * 4096, 3 * 4096, DEFAULT, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory, 4096, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory + 4096, 4096, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory + 2 * 4096, 4096, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory + 10 * 4096, 4096, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory + 1, 4096, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory, 0, 0, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory, 4096, 1, 0));
  CALL(syscall(SYS_set_mempolicy_home_node, memory, 4096, 0, 1));
}

static void moves(char *memory) {
  unsigned long none = 0, one = 1, two = 2;
  CALL(syscall(SYS_migrate_pages, 0, 64, &one, &one));
  CALL(syscall(SYS_migrate_pages, 0, 64, &one, &two));
  CALL(syscall(SYS_migrate_pages, 0, 64, &none, &one));
  CALL(syscall(SYS_migrate_pages, 0, 64, &one, &none));
  CALL(syscall(SYS_migrate_pages, 0, 64, 8, &one));
  CALL(syscall(SYS_migrate_pages, 0, 0, &one, &one));
  CALL(syscall(SYS_migrate_pages, getpid(), 64, &two, &one));
  CALL(syscall(SYS_migrate_pages, -1, 64, &one, &one));
  void *pages[4] = {memory, memory + 4096, (void *)0x1000, memory + 1};
  int status[4] = {9, 9, 9, 9}, nodes[4] = {0};
  memory[1] = 1;
  CALL(syscall(SYS_move_pages, 0, 4, pages, NULL, status, 0));
  say("pages: %d %d %d %d", status[0], status[1], status[2], status[3]);
  CALL(syscall(SYS_move_pages, getpid(), 4, pages, nodes, status, MOVE));
  say("pages: %d %d %d %d", status[0], status[1], status[2], status[3]);
  nodes[2] = 1;
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, MOVE));
  nodes[2] = -1;
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, MOVE));
  nodes[2] = 0;
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, NULL, MOVE));
  CALL(syscall(SYS_move_pages, 0, 4, 8, nodes, status, MOVE));
  CALL(syscall(SYS_move_pages, 0, 4, pages, 8, status, MOVE));
  CALL(syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0));
  CALL(syscall(SYS_move_pages, -1, 4, pages, nodes, status, MOVE));
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, 8));
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, STRICT));
  CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, MOVE_ALL));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(get(&policy, NULL, 0, memory + 2 * 4096, ADDR));
    say("inherited: %d", policy);
    MUST(setresuid(1000, 1000, 1000));
    CALL(syscall(SYS_move_pages, 0, 4, pages, nodes, status, MOVE_ALL));
    CALL(syscall(SYS_migrate_pages, 0, 64, &one, &two));
    CALL(bind_to(memory, 4096, BIND, 1, MOVE_ALL));
    _exit(0);
  }
  show_wait("child", child);
}

int main(void) {
  char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  modes();
  questions(memory);
  areas(memory);
  moves(memory);
  mask[0] = 1;
  MUST(set(BIND, mask, 64));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(get(&policy, NULL, 0, NULL, 0));
    say("a child's: %d", policy);
    _exit(0);
  }
  show_wait("child", child);
}
