// lsm_list_modules, lsm_get_self_attr, lsm_set_self_attr: sizes, errors, and what a kernel without labels says.
#include "../lib/observe.h"

enum { GET = 459, SET = 460, LIST = 461, CURRENT = 100, SINGLE = 1, CAPABILITY = 100 };

struct context {
  uint64_t id, flags, length, context_length;
};

int main(void) {
  uint64_t ids[64] = {0};
  uint32_t size = sizeof ids;
  long count = syscall(LIST, ids, &size, 0);
  say("modules: some %d, their size fits %d", count > 0, size == count * sizeof *ids);
  bool has = false;
  for (long i = 0; i < count; i++) has |= ids[i] == CAPABILITY;
  say("capabilities are one: %d", has);
  uint32_t needed = size;
  size = (uint32_t)(needed - 1);
  CALL(syscall(LIST, ids, &size, 0));
  say("what is needed is told: %d", size == needed);
  size = 0;
  CALL(syscall(LIST, NULL, &size, 0));
  say("and without room: %d", size == needed);
  size = needed;
  CALL(syscall(LIST, NULL, &size, 0));
  CALL(syscall(LIST, ids, &size, 1));
  CALL(syscall(LIST, ids, NULL, 0));

  char room[4096];
  size = sizeof room;
  CALL(syscall(GET, CURRENT, room, &size, 0));
  say("size %u", size);
  size = sizeof room;
  CALL(syscall(GET, 0, room, &size, 0));
  CALL(syscall(GET, 9999, room, &size, 0));
  say("size %u", size);
  size = sizeof room;
  CALL(syscall(GET, CURRENT, NULL, &size, 0));
  CALL(syscall(GET, CURRENT, room, NULL, 0));
  CALL(syscall(GET, CURRENT, room, 8, 0));
  CALL(syscall(GET, CURRENT, room, &size, 2));
  CALL(syscall(GET, CURRENT, NULL, &size, SINGLE));
  size = sizeof room;
  memset(room, 0, sizeof room);
  CALL(syscall(GET, CURRENT, room, &size, SINGLE)); // a module without a number
  struct context context = {.id = CAPABILITY, .length = sizeof context};
  memcpy(room, &context, sizeof context);
  CALL(syscall(GET, CURRENT, room, &size, SINGLE));
  CALL(syscall(GET, CURRENT, 8, &size, SINGLE));

  CALL(syscall(SET, CURRENT, &context, sizeof context, 0));
  CALL(syscall(SET, CURRENT, &context, sizeof context - 1, 0));
  CALL(syscall(SET, CURRENT, &context, sizeof context, 1));
  CALL(syscall(SET, CURRENT, room, 4097, 0));
  CALL(syscall(SET, CURRENT, NULL, sizeof context, 0));
  context.length = sizeof context + 8;
  CALL(syscall(SET, CURRENT, &context, sizeof context, 0));
  context.length = sizeof context, context.context_length = 8;
  CALL(syscall(SET, CURRENT, &context, sizeof context, 0));
  context.id = 0, context.context_length = 0;
  CALL(syscall(SET, CURRENT, &context, sizeof context, 0));
  CALL(syscall(SET, 0, &context, sizeof context, 0));
  CALL(syscall(SET, CURRENT | 1, &context, sizeof context, 0));
  return 0;
}
