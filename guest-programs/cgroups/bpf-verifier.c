// Which device programs bpf(2) loads, and what is wrong with the others.
// needs: root
#include "bpf.h"

static void show_load(const char *label, const insn *program, size_t length) {
  int fd = load_program(program, length);
  say("%s: %s", label, fd < 0 ? errno_name(errno) : "ok");
  if (fd >= 0) close(fd);
}

#define TRY(label, ...) show_load(label, (insn[]){__VA_ARGS__}, COUNT(((insn[]){__VA_ARGS__})))

static void attributes(void) {
  insn program[] = {MOV_IMM(0, 1), RETURN()};
  union bpf_attr good = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, .insn_cnt = 2}, attr;
  good.insns = (uintptr_t)program;
  good.license = (uintptr_t) "MIT";
  char log[512];
  char room[5000] = "";
#define WITH(label, ...) \
  do { \
    attr = good; \
    __VA_ARGS__; \
    int fd = bpf(BPF_PROG_LOAD, &attr); \
    say("%s: %s", label, fd < 0 ? errno_name(errno) : "ok"); \
    if (fd >= 0) say("close on exec: %d, %s", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & O_RDWR ? "O_RDWR" : "other"), close(fd); \
  } while (0)
  WITH("good");
  WITH("no instructions", attr.insn_cnt = 0);
  WITH("too many", attr.insn_cnt = 1000001);
  WITH("no license", attr.license = 0);
  WITH("no memory", attr.insns = 8);
  WITH("flags", attr.prog_flags = 1u << 30);
  WITH("name", strcpy(attr.prog_name, "a_b.C9"));
  WITH("bad name", strcpy(attr.prog_name, "a-b"));
  WITH("long name", memset(attr.prog_name, 'a', 16));
  WITH("behind the name", strcpy(attr.prog_name, "a"); attr.prog_name[3] = 'b');
  WITH("about packets", attr.prog_type = BPF_PROG_TYPE_CGROUP_SKB);
  WITH("unknown type", attr.prog_type = 1000);
  WITH("log without level", attr.log_buf = (uintptr_t)log; attr.log_size = sizeof log);
  WITH("log without room", attr.log_buf = (uintptr_t)log; attr.log_level = 1);
  WITH("room without log", attr.log_size = sizeof log; attr.log_level = 1);
  WITH("level", attr.log_buf = (uintptr_t)log; attr.log_size = sizeof log; attr.log_level = 16);
  WITH("log", attr.log_buf = (uintptr_t)log; attr.log_size = sizeof log; attr.log_level = 1);
  say("processed: %d", strncmp(log, "processed 2 insns", 17) == 0);
  WITH("small log", attr.log_buf = (uintptr_t)log; attr.log_size = 5; attr.log_level = 1);
  say("end: %d", log[4]);
  memcpy(room, &good, sizeof good);
  CALL(close(syscall(SYS_bpf, BPF_PROG_LOAD, room, 400)));
  CALL(close(syscall(SYS_bpf, BPF_PROG_LOAD, room, 48)));
  CALL(syscall(SYS_bpf, BPF_PROG_LOAD, room, 12));
  CALL(syscall(SYS_bpf, BPF_PROG_LOAD, room, 4097));
  room[399] = 1;
  CALL(syscall(SYS_bpf, BPF_PROG_LOAD, room, 400));
  CALL(syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 48));
  CALL(syscall(SYS_bpf, 1000, room, 48));
}

int main(void) {
  attributes();
  TRY("returns 0", MOV_IMM(0, 0), RETURN());
  TRY("returns 2", MOV_IMM(0, 2), RETURN());
  TRY("returns -1", MOV_IMM(0, -1), RETURN());
  TRY("returns nothing", RETURN());
  TRY("returns its context", MOV_REG(0, 1), RETURN());
  TRY("returns anything", LOAD(BPF_W, 0, 1, MAJOR), RETURN());
  TRY("returns a bit", LOAD(BPF_W, 0, 1, MAJOR), ALU_IMM(BPF_AND, 0, 1), RETURN());
  TRY("returns what was compared", LOAD(BPF_W, 0, 1, MAJOR), JUMP_IMM(BPF_JLE, 0, 1, 1), MOV_IMM(0, 1), RETURN());
  TRY("no end", MOV_IMM(0, 1));
  TRY("jump behind the end", MOV_IMM(0, 1), GOTO(1), RETURN());
  TRY("jump before the begin", MOV_IMM(0, 1), GOTO(-3), RETURN());
  TRY("never reached", MOV_IMM(0, 1), RETURN(), MOV_IMM(0, 0), RETURN());
  TRY("never taken", MOV_IMM(0, 1), JUMP_IMM(BPF_JEQ, 0, 1, 1), MOV_REG(0, 5), RETURN());
  TRY("endless", MOV_IMM(0, 1), GOTO(-1), RETURN());
  TRY("unknown code", INSN(0xff, 0, 0, 0, 0), MOV_IMM(0, 1), RETURN());
  TRY("no register", MOV_IMM(11, 1), MOV_IMM(0, 1), RETURN());
  TRY("unwritten register", MOV_REG(0, 3), RETURN());
  TRY("unwritten on one way", LOAD(BPF_W, 2, 1, MAJOR), JUMP_IMM(BPF_JEQ, 2, 1, 1), MOV_IMM(3, 1), MOV_IMM(0, 1),
      ALU_REG(BPF_ADD, 3, 0), RETURN());
  TRY("writes the frame pointer", MOV_IMM(10, 1), MOV_IMM(0, 1), RETURN());
  TRY("division by 0", MOV_IMM(0, 1), ALU_IMM(BPF_DIV, 0, 0), RETURN());
  TRY("shift by 64", MOV_IMM(0, 1), ALU_IMM(BPF_LSH, 0, 64), RETURN());
  TRY("shift by 32 of 32", MOV_IMM(0, 1), ALU32_IMM(BPF_LSH, 0, 32), RETURN());
  TRY("reserved fields of a move", INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 1, 0, 1), RETURN());
  TRY("reserved fields of an addition", MOV_IMM(0, 1), INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 1, 0), RETURN());
  TRY("reserved fields of a negation", MOV_IMM(0, 0), INSN(BPF_ALU64 | BPF_NEG, 0, 0, 0, 1), RETURN());
  TRY("reserved fields of a load", INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 1), MOV_IMM(0, 1), RETURN());
  TRY("reserved fields of a jump", MOV_IMM(0, 1), INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0, 0), RETURN());
  TRY("reserved fields of an exit", MOV_IMM(0, 1), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 1));
  TRY("swap of 8 bits", MOV_IMM(0, 0), INSN(BPF_ALU | BPF_END, 0, 0, 0, 8), RETURN());
  TRY("signed move of 7 bits", MOV_IMM(0, 0), INSN(BPF_ALU64 | BPF_MOV | BPF_X, 0, 0, 7, 0), RETURN());
  TRY("half of a wide load", MOV_IMM(0, 1), INSN(BPF_LD | BPF_IMM | BPF_DW, 2, 0, 0, 1), RETURN());
  TRY("wide load at the end", MOV_IMM(0, 1), RETURN(), INSN(BPF_LD | BPF_IMM | BPF_DW, 2, 0, 0, 1));
  TRY("into a wide load", MOV_IMM(0, 1), JUMP_IMM(BPF_JEQ, 0, 1, 1), WIDE(2, 7), RETURN());
  TRY("wide load", WIDE(2, 1ull << 40), MOV_IMM(0, 1), RETURN());
  TRY("context: all of it", LOAD(BPF_W, 2, 1, 0), LOAD(BPF_W, 3, 1, 4), LOAD(BPF_W, 4, 1, 8), MOV_IMM(0, 1), RETURN());
  TRY("context: behind it", LOAD(BPF_W, 2, 1, 12), MOV_IMM(0, 1), RETURN());
  TRY("context: before it", LOAD(BPF_W, 2, 1, -4), MOV_IMM(0, 1), RETURN());
  TRY("context: 8 bytes", LOAD(BPF_DW, 2, 1, 0), MOV_IMM(0, 1), RETURN());
  TRY("context: half of the type", LOAD(BPF_H, 2, 1, 2), MOV_IMM(0, 1), RETURN());
  TRY("context: byte of the type", LOAD(BPF_B, 2, 1, 3), MOV_IMM(0, 1), RETURN());
  TRY("context: half of the major", LOAD(BPF_H, 2, 1, 4), MOV_IMM(0, 1), RETURN());
  TRY("context: misaligned", LOAD(BPF_W, 2, 1, 2), MOV_IMM(0, 1), RETURN());
  TRY("context: written", MOV_IMM(0, 1), STORE(BPF_W, 1, 0, 0), RETURN());
  TRY("context: written with a constant", MOV_IMM(0, 1), STORE_IMM(BPF_W, 1, 0, 0), RETURN());
  TRY("context: moved", ALU_IMM(BPF_ADD, 1, 4), LOAD(BPF_W, 2, 1, 4), MOV_IMM(0, 1), RETURN());
  TRY("context: lost", MOV_IMM(1, 4), LOAD(BPF_W, 2, 1, 4), MOV_IMM(0, 1), RETURN());
  TRY("context: in 32 bits", ALU32_IMM(BPF_ADD, 1, 4), MOV_IMM(0, 1), RETURN());
  TRY("context: shifted", ALU_IMM(BPF_LSH, 1, 4), MOV_IMM(0, 1), RETURN());
  TRY("context: moved by an unknown number", LOAD(BPF_W, 2, 1, 0), ALU_REG(BPF_ADD, 1, 2), LOAD(BPF_W, 3, 1, 0),
      MOV_IMM(0, 1), RETURN());
  TRY("stack", MOV_IMM(0, 1), STORE(BPF_DW, 10, 0, -8), LOAD(BPF_DW, 0, 10, -8), RETURN());
  TRY("stack: a bit of it", MOV_IMM(0, 1), STORE(BPF_DW, 10, 0, -8), LOAD(BPF_W, 0, 10, -4), ALU_IMM(BPF_AND, 0, 1), RETURN());
  TRY("stack: its end", MOV_IMM(0, 1), STORE(BPF_DW, 10, 0, 0), RETURN());
  TRY("stack: its begin", MOV_IMM(0, 1), STORE(BPF_DW, 10, 0, -512), RETURN());
  TRY("stack: before it", MOV_IMM(0, 1), STORE(BPF_DW, 10, 0, -520), RETURN());
  TRY("stack: misaligned", MOV_IMM(0, 1), STORE(BPF_W, 10, 0, -6), RETURN());
  TRY("stack: by another register", MOV_REG(2, 10), ALU_IMM(BPF_ADD, 2, -16), MOV_IMM(0, 1), STORE(BPF_W, 2, 0, 4), RETURN());
  TRY("stack: keeps the context", STORE(BPF_DW, 10, 1, -8), MOV_IMM(1, 0), LOAD(BPF_DW, 1, 10, -8), LOAD(BPF_W, 2, 1, 0),
      MOV_IMM(0, 1), RETURN());
  TRY("stack: spoils the context", STORE(BPF_DW, 10, 1, -8), STORE_IMM(BPF_B, 10, -5, 1), LOAD(BPF_DW, 1, 10, -8),
      LOAD(BPF_W, 2, 1, 0), MOV_IMM(0, 1), RETURN());
  TRY("stack: half a pointer", STORE(BPF_W, 10, 1, -8), MOV_IMM(0, 1), RETURN());
  TRY("helper", CALL_HELPER(BPF_FUNC_ktime_get_ns), MOV_IMM(0, 1), RETURN());
  TRY("helper: arguments are gone", CALL_HELPER(BPF_FUNC_ktime_get_ns), LOAD(BPF_W, 2, 1, 0), MOV_IMM(0, 1), RETURN());
  TRY("helper: others stay", MOV_REG(6, 1), CALL_HELPER(BPF_FUNC_get_current_uid_gid), LOAD(BPF_W, 2, 6, 0), MOV_IMM(0, 1),
      RETURN());
  TRY("helper: for other types of attachment", MOV_IMM(1, -1), CALL_HELPER(BPF_FUNC_set_retval), MOV_IMM(0, 1), RETURN());
  TRY("helper: of another type", CALL_HELPER(BPF_FUNC_redirect), MOV_IMM(0, 1), RETURN());
  TRY("helper: none", CALL_HELPER(100000), MOV_IMM(0, 1), RETURN());
  return 0;
}
