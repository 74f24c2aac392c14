// Device programs of control groups: what they see, what they forbid, and which groups' programs count.
// needs: root
#include "bpf.h"

static void try_all(const char *label) {
  say("-- %s", label);
  CALL(close(open("null", O_RDONLY)));
  CALL(close(open("null", O_WRONLY | O_TRUNC)));
  CALL(close(open("null", O_PATH)));
  CALL(close(open("zero", O_RDWR)));
  CALL(access("null", F_OK));
  CALL(access("null", R_OK));
  CALL(access("null", R_OK | W_OK));
  CALL(mknod("made", S_IFCHR | 0600, makedev(1, 3)));
  unlink("made");
  CALL(mknod("made", S_IFBLK | 0600, makedev(7, 0)));
  unlink("made");
  CALL(mknod("made", S_IFCHR | 0600, makedev(0, 0)));
  unlink("made");
  CALL(mknod("made", S_IFIFO | 0600, 0));
  CALL(close(open("made", O_RDWR)));
  unlink("made");
}

static void show_programs(const char *label, int group, unsigned flags) {
  unsigned ids[70];
  union bpf_attr attr = {.query = {.target_fd = group, .attach_type = BPF_CGROUP_DEVICE, .query_flags = flags}};
  attr.query.prog_ids = (uintptr_t)ids;
  attr.query.prog_cnt = COUNT(ids);
  int result = bpf(BPF_PROG_QUERY, &attr);
  say("%s: %s, %u with flags %u", label, result < 0 ? errno_name(errno) : "ok", attr.query.prog_cnt, attr.query.attach_flags);
}

static int group_of(const char *path) {
  return MUST(open(path, O_RDONLY | O_DIRECTORY));
}

// A program that forbids one major number.
static int forbids(int major) {
  return MUST(PROGRAM(LOAD(BPF_W, 2, 1, MAJOR), MOV_IMM(0, 1), JUMP_IMM(BPF_JNE, 2, major, 1), MOV_IMM(0, 0), RETURN()));
}

static void rules(int group) {
  int none = MUST(PROGRAM(MOV_IMM(0, 0), RETURN()));
  MUST(attach_program(group, none, 0, 0));
  try_all("nothing");
  // c 1:3 r, c 1:5 rw, b 7:* m, as a container's runtime writes them
  int some = MUST(PROGRAM(LOAD(BPF_W, 2, 1, ACCESS_TYPE), ALU32_IMM(BPF_AND, 2, 0xffff), LOAD(BPF_W, 3, 1, ACCESS_TYPE),
      ALU32_IMM(BPF_RSH, 3, 16), LOAD(BPF_W, 4, 1, MAJOR), LOAD(BPF_W, 5, 1, MINOR),
      JUMP_IMM(BPF_JNE, 2, BPF_DEVCG_DEV_CHAR, 7), INSN(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0),
      ALU32_IMM(BPF_AND, 1, BPF_DEVCG_ACC_READ), JUMP_REG(BPF_JNE, 1, 3, 4), JUMP_IMM(BPF_JNE, 4, 1, 3), JUMP_IMM(BPF_JNE, 5, 3, 2),
      MOV_IMM(0, 1), RETURN(),
      JUMP_IMM(BPF_JNE, 2, BPF_DEVCG_DEV_CHAR, 7), INSN(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0),
      ALU32_IMM(BPF_AND, 1, BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE), JUMP_REG(BPF_JNE, 1, 3, 4), JUMP_IMM(BPF_JNE, 4, 1, 3),
      JUMP_IMM(BPF_JNE, 5, 5, 2), MOV_IMM(0, 1), RETURN(),
      JUMP_IMM(BPF_JNE, 2, BPF_DEVCG_DEV_BLOCK, 4), JUMP_IMM(BPF_JNE, 3, BPF_DEVCG_ACC_MKNOD, 3), JUMP_IMM(BPF_JNE, 4, 7, 2),
      MOV_IMM(0, 1), RETURN(), MOV_IMM(0, 0), RETURN()));
  MUST(attach_program(group, some, 0, 0));
  try_all("some");
  MUST(detach_program(group, some));
  CALL(close(open("null", O_RDWR)));
  close(none), close(some);
}

static void attaching(int group) {
  int one = forbids(1), two = forbids(2), three = forbids(3);
  say("-- attaching");
  show_programs("at first", group, 0);
  CALL(attach_program(group, one, BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI, 0));
  CALL(attach_program(group, one, BPF_F_REPLACE, 0));
  CALL(attach_program(group, one, 1 << 30, 0));
  CALL(attach_program(group, group, BPF_F_ALLOW_MULTI, 0));
  CALL(attach_program(one, one, BPF_F_ALLOW_MULTI, 0));
  CALL(attach_program(group, 99, BPF_F_ALLOW_MULTI, 0));
  insn nothing[] = {MOV_IMM(0, 1), RETURN()};
  union bpf_attr packets = {.prog_type = BPF_PROG_TYPE_CGROUP_SKB, .insn_cnt = 2};
  packets.insns = (uintptr_t)nothing;
  packets.license = (uintptr_t) "MIT";
  int other = MUST(bpf(BPF_PROG_LOAD, &packets));
  CALL(attach_program(group, other, BPF_F_ALLOW_MULTI, 0));
  close(other);
  CALL(detach_program(group, one));
  CALL(attach_program(group, one, BPF_F_ALLOW_MULTI, 0));
  CALL(attach_program(group, one, BPF_F_ALLOW_MULTI, 0));
  CALL(attach_program(group, two, 0, 0));
  CALL(attach_program(group, two, BPF_F_ALLOW_MULTI, 0));
  show_programs("two", group, 0);
  CALL(attach_program(group, three, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, two));
  CALL(attach_program(group, one, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, two));
  CALL(attach_program(group, two, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, two));
  CALL(attach_program(group, one, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, one));
  show_programs("replaced", group, 0);
  CALL(detach_program(group, 99));
  CALL(detach_program(group, two));
  CALL(detach_program(group, three));
  CALL(detach_program(group, one));
  show_programs("detached", group, 0);
  CALL(attach_program(group, one, BPF_F_ALLOW_OVERRIDE, 0));
  CALL(attach_program(group, two, BPF_F_ALLOW_OVERRIDE, 0));
  show_programs("overridden", group, 0);
  CALL(detach_program(group, 99));
  close(one), close(two), close(three);
  int many = 0;
  for (int i = 0; i < 65; i++) {
    int program = forbids(i);
    if (attach_program(group, program, BPF_F_ALLOW_MULTI, 0) == 0) many++;
    else say("attached %d: %s", many, errno_name(errno));
    close(program);
  }
  unsigned ids[3] = {0};
  union bpf_attr attr = {.query = {.target_fd = group, .attach_type = BPF_CGROUP_DEVICE, .prog_cnt = 2}};
  attr.query.prog_ids = (uintptr_t)ids;
  CALL(bpf(BPF_PROG_QUERY, &attr));
  say("%u of them: %d %d %d", attr.query.prog_cnt, ids[0] != 0, ids[1] > ids[0], ids[2]);
}

static void levels(void) {
  static const struct { const char *name; unsigned flags; } ways[] = {
      {"none", 0}, {"override", BPF_F_ALLOW_OVERRIDE}, {"multi", BPF_F_ALLOW_MULTI}};
  int one = forbids(1), other = forbids(200);
  for (size_t up = 0; up < COUNT(ways); up++)
    for (size_t down = 0; down < COUNT(ways); down++) {
      MUST(mkdir("cg/rv-up", 0755));
      MUST(mkdir("cg/rv-up/middle", 0755));
      MUST(mkdir("cg/rv-up/middle/down", 0755));
      int above = group_of("cg/rv-up"), below = group_of("cg/rv-up/middle/down");
      say("-- %s over %s", ways[up].name, ways[down].name);
      MUST(attach_program(above, one, ways[up].flags, 0));
      CALL(attach_program(below, other, ways[down].flags, 0));
      show_programs("own", below, 0);
      show_programs("effective", below, BPF_F_QUERY_EFFECTIVE);
      put("cg/rv-up/middle/down/cgroup.procs", "0");
      CALL(close(open("null", O_RDONLY)));
      CALL(mknod("made", S_IFCHR | 0600, makedev(200, 1)));
      unlink("made");
      put("cg/cgroup.procs", "0");
      CALL(close(open("null", O_RDONLY)));
      MUST(rmdir("cg/rv-up/middle/down"));
      CALL(attach_program(below, other, 0, 0));
      MUST(rmdir("cg/rv-up/middle"));
      MUST(rmdir("cg/rv-up"));
      close(above), close(below);
    }
  close(one), close(other);
}

static void telling(void) {
  say("-- telling");
  int program = forbids(4);
  insn copy[8] = {0};
  struct bpf_prog_info info = {.xlated_prog_len = sizeof copy, .xlated_prog_insns = (uintptr_t)copy};
  union bpf_attr attr = {.info = {.bpf_fd = program, .info_len = sizeof info, .info = (uintptr_t)&info}};
  CALL(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
  say("type %u, name %s, %u bytes, GPL %d, uid %u, maps %u, verified %d, length %u", info.type, info.name, info.xlated_prog_len,
      info.gpl_compatible, info.created_by_uid, info.nr_map_ids, info.verified_insns > 0, attr.info.info_len);
  say("tag %02x%02x%02x%02x%02x%02x%02x%02x, code %02x, %d after boot", info.tag[0], info.tag[1], info.tag[2], info.tag[3],
      info.tag[4], info.tag[5], info.tag[6], info.tag[7], copy[0].code, info.load_time > 0);
  union bpf_attr by_id = {.prog_id = info.id};
  int again = bpf(BPF_PROG_GET_FD_BY_ID, &by_id);
  say("by id: %d", again >= 0);
  bool found = false;
  union bpf_attr next = {.start_id = 0};
  while (bpf(BPF_PROG_GET_NEXT_ID, &next) == 0) {
    found |= next.next_id == info.id;
    next = (union bpf_attr){.start_id = next.next_id};
  }
  say("in the list: %d, then %s", found, errno_name(errno));
  close(program);
  by_id = (union bpf_attr){.prog_id = info.id};
  CALL(close(bpf(BPF_PROG_GET_FD_BY_ID, &by_id)));
  close(again);
  by_id = (union bpf_attr){.prog_id = 0x7ffffff0};
  CALL(bpf(BPF_PROG_GET_FD_BY_ID, &by_id));
  attr = (union bpf_attr){.info = {.bpf_fd = 0, .info_len = sizeof info, .info = (uintptr_t)&info}};
  CALL(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
  char byte;
  program = forbids(5);
  CALL(read(program, &byte, 1));
  CALL(write(program, &byte, 1));
  close(program);
  MUST(setresuid(1000, 1000, 1000));
  CALL(PROGRAM(MOV_IMM(0, 1), RETURN()));
  by_id = (union bpf_attr){.prog_id = 1};
  CALL(bpf(BPF_PROG_GET_FD_BY_ID, &by_id));
}

int main(void) {
  mount_cgroups();
  MUST(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  MUST(mknod("zero", S_IFCHR | 0666, makedev(1, 5)));
  MUST(mkdir("cg/rv-devices", 0755));
  int group = group_of("cg/rv-devices");
  put("cg/rv-devices/cgroup.procs", "0");
  rules(group);
  put("cg/cgroup.procs", "0");
  try_all("the root group");
  attaching(group);
  MUST(rmdir("cg/rv-devices"));
  CALL(attach_program(group, 99, 0, 0));
  levels();
  telling();
  return 0;
}
