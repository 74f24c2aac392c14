// mount_setattr(2), statmount(2) and listmount(2): mounts changed and described one by one or as trees.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/mount.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define SYS_STATMOUNT 457
#define SYS_LISTMOUNT 458
#define ID_UNIQUE 0x4000

static char here[200];

struct request {
  uint32_t size, spare;
  uint64_t id, param, space;
};

struct attributes {
  uint64_t set, clear, propagation, space;
};

static uint64_t id_of(const char *path, unsigned mask) {
  char bytes[256];
  MUST(syscall(SYS_statx, AT_FDCWD, path, 0, mask, bytes));
  uint64_t id;
  memcpy(&id, bytes + 144, sizeof id);
  return id;
}

static void change(const char *label, const char *path, unsigned flags, struct attributes attributes) {
  show(label, syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attributes, sizeof attributes));
}

static uint64_t word(const unsigned char *bytes, int at) {
  uint64_t value;
  memcpy(&value, bytes + at, sizeof value);
  return value;
}

static uint32_t half(const unsigned char *bytes, int at) {
  uint32_t value;
  memcpy(&value, bytes + at, sizeof value);
  return value;
}

static void describe(const char *label, const char *path) {
  unsigned char bytes[2000];
  struct request request = {.size = 24, .id = id_of(path, ID_UNIQUE), .param = 0x23b};
  memset(bytes, 0xee, sizeof bytes);
  long result = syscall(SYS_STATMOUNT, &request, bytes, sizeof bytes, 0);
  if (result == -1) {
    show(label, -1);
    return;
  }
  const char *strings = (char *)bytes + 512, *point = strings + half(bytes, 108);
  say("%s: mask %#lx, magic %#lx, flags %d, attributes %#lx, propagation %#lx, group %d, master %d", label, (long)word(bytes, 8),
      (long)word(bytes, 24), half(bytes, 32), (long)word(bytes, 64), (long)word(bytes, 72), word(bytes, 80) != 0,
      word(bytes, 88) != 0);
  say("  ids: %d, parent of the parent's: %d, type %s, root %s, at %s, from %s", word(bytes, 40) == request.id,
      half(bytes, 56) == (uint32_t)id_of(path, 0x1000), strings + half(bytes, 36), strings + half(bytes, 104),
      strncmp(point, here, strlen(here)) ? "elsewhere" : point + strlen(here), strings + half(bytes, 124));
}

static void list(const char *label, uint64_t id, uint64_t after, unsigned flags, int most) {
  uint64_t ids[100];
  struct request request = {.size = 32, .id = id, .param = after};
  long count = syscall(SYS_LISTMOUNT, &request, ids, most, flags);
  if (count == -1) {
    show(label, -1);
    return;
  }
  char text[400] = "";
  const char *places[] = {"a", "a/x", "a/x/deep", "b"};
  for (int i = 0; i < count; i++)
    for (size_t place = 0; place < COUNT(places); place++)
      if (id_of(places[place], ID_UNIQUE) == ids[i]) strcat(strcat(text, " "), places[place]);
  say("%s:%s", label, text);
}

int main(void) {
  MUST(getcwd(here, sizeof here) ? 0 : -1);
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(mkdir("a", 0755)), MUST(mkdir("b", 0755));
  MUST(mount("one", "a", "tmpfs", MS_NOSUID, NULL));
  MUST(mkdir("a/x", 0755)), MUST(mkdir("a/dir", 0755));
  MUST(mount("two", "a/x", "tmpfs", 0, NULL));
  MUST(mkdir("a/x/deep", 0755));
  MUST(mount("three", "a/x/deep", "tmpfs", MS_NOATIME, NULL));
  MUST(mount("a/dir", "b", NULL, MS_BIND, NULL));
  describe("a", "a"), describe("a/x", "a/x"), describe("deep", "a/x/deep"), describe("b", "b");

  say("-- mount_setattr");
  change("nothing", "nowhere", 0, (struct attributes){0});
  change("unknown flags", "a", 1, (struct attributes){.set = 1});
  change("unknown bits", "a", 0, (struct attributes){.set = 0x400});
  change("two kinds", "a", 0, (struct attributes){.propagation = MS_SHARED | MS_SLAVE});
  change("no kind", "a", 0, (struct attributes){.propagation = 4});
  change("a time alone", "a", 0, (struct attributes){.set = 0x10});
  change("half of the times", "a", 0, (struct attributes){.set = 0x10, .clear = 0x10});
  change("two times", "a", 0, (struct attributes){.set = 0x30, .clear = 0x70});
  change("no mount", "a/dir", 0, (struct attributes){.set = 1});
  change("nobody", "nowhere", 0, (struct attributes){.set = 1});
  struct attributes set = {.set = 1};
  char large[64] = {1, [40] = 1};
  CALL(syscall(SYS_mount_setattr, AT_FDCWD, "a", 0, &set, 31));
  CALL(syscall(SYS_mount_setattr, AT_FDCWD, "a", 0, large, 64));
  CALL(syscall(SYS_mount_setattr, AT_FDCWD, "a", 0, large, 5000));
  change("noatime, no times for directories", "a", 0, (struct attributes){.set = 0x90, .clear = 0x70});
  change("read-only, recursively", "a", 0x8000, (struct attributes){.set = 1, .clear = 2});
  CALL(mkdir("a/x/new", 0755));
  change("strict times", "a/x/deep", 0, (struct attributes){.set = 0x20, .clear = 0x71});
  CALL(mkdir("a/x/deep/new", 0755));
  change("shared, recursively", "a", 0x8000, (struct attributes){.propagation = MS_SHARED});
  change("slave", "a/x", 0, (struct attributes){.propagation = MS_SLAVE});
  change("unbindable", "b", 0, (struct attributes){.propagation = MS_UNBINDABLE, .set = 4});
  describe("a", "a"), describe("a/x", "a/x"), describe("deep", "a/x/deep"), describe("b", "b");

  say("-- listmount");
  uint64_t a = id_of("a", ID_UNIQUE), x = id_of("a/x", ID_UNIQUE);
  list("below a", a, 0, 0, 100);
  list("below a/x", x, 0, 0, 100);
  list("all", ~0ull, 0, 0, 100);
  list("behind a", ~0ull, a, 0, 100);
  list("backwards", a, 0, 1, 100);
  list("one", a, 0, 0, 1);
  list("behind it", a, x, 0, 1);
  list("too many", a, 0, 0, 1000001);
  list("unknown flags", a, 0, 2, 100);
  list("nobody", a + 100000000, 0, 0, 100);
  list("an old number", 5, 0, 0, 100);
  list("behind an old number", a, 5, 0, 100);

  say("-- statmount");
  unsigned char bytes[600];
  struct request request = {.size = 24, .id = a, .param = 0x20};
  CALL(syscall(SYS_STATMOUNT, &request, bytes, sizeof bytes, 1));
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 512, 0));
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 515, 0));
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 519, 0));
  say("size %d, mask %#lx, %s", half(bytes, 0), (long)word(bytes, 8), bytes + 512 + half(bytes, 36));
  request.param = 2;
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 48, 0));
  say("size %d, mask %#lx, %d", half(bytes, 0), (long)word(bytes, 8), word(bytes, 40) == a);
  CALL(syscall(SYS_STATMOUNT, &request, NULL, 512, 0));
  request.size = 20;
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 512, 0));
  request.size = 24, request.id = 7;
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 512, 0));
  request.id = a + 100000000;
  CALL(syscall(SYS_STATMOUNT, &request, bytes, 512, 0));
  MUST(setresuid(1000, 1000, 1000));
  change("unprivileged", "a", 0, (struct attributes){.set = 1});
  return 0;
}
