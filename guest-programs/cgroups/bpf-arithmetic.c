// What instructions of eBPF compute, bit by bit: a device program returns the bit of the result that the minor number names, and mknod tells it.
// needs: root
#include "bpf.h"

static int group;

// The 64 bits of R6 behind `body`, which begins with R6 and R7 set to two numbers that the verifier does not know.
static void show_result(const char *label, uint64_t left, uint64_t right, const insn *body, size_t length) {
  insn program[40] = {WIDE(6, left), WIDE(7, right), STORE(BPF_DW, 10, 6, -8), STORE(BPF_DW, 10, 7, -16),
      MOV_REG(8, 1), LOAD(BPF_DW, 6, 10, -8), LOAD(BPF_DW, 7, 10, -16)};
  const insn tail[] = {LOAD(BPF_W, 2, 8, MINOR), ALU_REG(BPF_RSH, 6, 2), ALU_IMM(BPF_AND, 6, 1), MOV_REG(0, 6), RETURN()};
  memcpy(program + 9, body, length * sizeof *body);
  memcpy(program + 9 + length, tail, sizeof tail);
  int fd = load_program(program, 9 + length + COUNT(tail));
  if (fd < 0) {
    say("%s: %s", label, errno_name(errno));
    return;
  }
  MUST(attach_program(group, fd, 0, 0));
  uint64_t result = 0;
  for (unsigned bit = 0; bit < 64; bit++) {
    if (mknod("node", S_IFCHR | 0600, makedev(200, bit)) == 0) {
      result |= 1ull << bit;
      unlink("node");
    } else if (errno != EPERM) say("mknod: %s", errno_name(errno));
  }
  MUST(detach_program(group, fd));
  close(fd);
  say("%s of %llx, %llx: %llx", label, (long long)left, (long long)right, (long long)result);
}

#define SHOW(label, left, right, ...) show_result(label, left, right, (insn[]){__VA_ARGS__}, COUNT(((insn[]){__VA_ARGS__})))

static const uint64_t NUMBERS[][2] = {
    {0, 0},
    {7, 3},
    {0xfedcba9876543210, 0x0123456789abcdef},
    {0xffffffffffffffff, 2},
    {0x8000000000000000, 0xffffffffffffffff},
    {0x80000000, 0xffffffff},
    {0x7fffffff00000001, 33},
};

int main(void) {
  mount_cgroups();
  MUST(mkdir("cg/rv-arithmetic", 0755));
  group = MUST(open("cg/rv-arithmetic", O_RDONLY | O_DIRECTORY));
  put("cg/rv-arithmetic/cgroup.procs", "0");
  static const struct { const char *name; int op; } operations[] = {{"add", BPF_ADD}, {"sub", BPF_SUB}, {"mul", BPF_MUL},
      {"div", BPF_DIV}, {"or", BPF_OR}, {"and", BPF_AND}, {"lsh", BPF_LSH}, {"rsh", BPF_RSH}, {"mod", BPF_MOD},
      {"xor", BPF_XOR}, {"mov", BPF_MOV}, {"arsh", BPF_ARSH}};
  static const struct { const char *name; int op; } jumps[] = {{"eq", BPF_JEQ}, {"ne", BPF_JNE}, {"gt", BPF_JGT},
      {"ge", BPF_JGE}, {"lt", BPF_JLT}, {"le", BPF_JLE}, {"set", BPF_JSET}, {"sgt", BPF_JSGT}, {"sge", BPF_JSGE},
      {"slt", BPF_JSLT}, {"sle", BPF_JSLE}};
  for (size_t n = 0; n < COUNT(NUMBERS); n++) {
    uint64_t a = NUMBERS[n][0], b = NUMBERS[n][1];
    char label[40];
    for (size_t i = 0; i < COUNT(operations); i++) {
      bool shifts = operations[i].op == BPF_LSH || operations[i].op == BPF_RSH || operations[i].op == BPF_ARSH;
      for (int wide = 0; wide < 2; wide++) {
        sprintf(label, "%s%d", operations[i].name, wide ? 64 : 32);
        int width = wide ? BPF_ALU64 : BPF_ALU;
        if (shifts) SHOW(label, a, b, ALU_IMM(BPF_AND, 7, wide ? 63 : 31), INSN(width | operations[i].op | BPF_X, 6, 7, 0, 0));
        else SHOW(label, a, b, INSN(width | operations[i].op | BPF_X, 6, 7, 0, 0));
      }
    }
    SHOW("sdiv64", a, b, INSN(BPF_ALU64 | BPF_DIV | BPF_X, 6, 7, 1, 0));
    SHOW("sdiv32", a, b, INSN(BPF_ALU | BPF_DIV | BPF_X, 6, 7, 1, 0));
    SHOW("smod64", a, b, INSN(BPF_ALU64 | BPF_MOD | BPF_X, 6, 7, 1, 0));
    SHOW("smod32", a, b, INSN(BPF_ALU | BPF_MOD | BPF_X, 6, 7, 1, 0));
    SHOW("smod by -3", a, b, INSN(BPF_ALU64 | BPF_MOD | BPF_K, 6, 0, 1, -3));
    SHOW("add -5", a, b, ALU_IMM(BPF_ADD, 6, -5));
    SHOW("or32 -16", a, b, ALU32_IMM(BPF_OR, 6, -16));
    SHOW("neg64", a, b, INSN(BPF_ALU64 | BPF_NEG, 6, 0, 0, 0));
    SHOW("neg32", a, b, INSN(BPF_ALU | BPF_NEG, 6, 0, 0, 0));
    for (int bits = 16; bits <= 64; bits *= 2) {
      sprintf(label, "be%d", bits);
      SHOW(label, a, b, INSN(BPF_ALU | BPF_END | BPF_X, 6, 0, 0, bits));
      sprintf(label, "le%d", bits);
      SHOW(label, a, b, INSN(BPF_ALU | BPF_END, 6, 0, 0, bits));
      sprintf(label, "bswap%d", bits);
      SHOW(label, a, b, INSN(BPF_ALU64 | BPF_END, 6, 0, 0, bits));
    }
    for (int bits = 8; bits <= 32; bits *= 2) {
      sprintf(label, "movs%d to 64", bits);
      SHOW(label, a, b, INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 7, bits, 0));
      if (bits == 32) break;
      sprintf(label, "movs%d to 32", bits);
      SHOW(label, a, b, INSN(BPF_ALU | BPF_MOV | BPF_X, 6, 7, bits, 0));
    }
    SHOW("ldx b", a, b, LOAD(BPF_B, 6, 10, -15));
    SHOW("ldx h", a, b, LOAD(BPF_H, 6, 10, -14));
    SHOW("ldx w", a, b, LOAD(BPF_W, 6, 10, -12));
    SHOW("ldsx b", a, b, INSN(BPF_LDX | 0x80 | BPF_B, 6, 10, -8, 0));
    SHOW("ldsx h", a, b, INSN(BPF_LDX | 0x80 | BPF_H, 6, 10, -8, 0));
    SHOW("ldsx w", a, b, INSN(BPF_LDX | 0x80 | BPF_W, 6, 10, -8, 0));
    SHOW("st b", a, b, STORE_IMM(BPF_B, 10, -5, 0x1ff), LOAD(BPF_DW, 6, 10, -8));
    SHOW("st dw", a, b, STORE_IMM(BPF_DW, 10, -8, -2), LOAD(BPF_DW, 6, 10, -8));
    SHOW("stx h", a, b, STORE(BPF_H, 10, 7, -6), LOAD(BPF_DW, 6, 10, -8));
    for (size_t i = 0; i < COUNT(jumps); i++)
      for (int wide = 0; wide < 2; wide++) {
        int class = wide ? BPF_JMP : BPF_JMP32;
        sprintf(label, "j%s%d", jumps[i].name, wide ? 64 : 32);
        SHOW(label, a, b, MOV_IMM(0, 6), INSN(class | jumps[i].op | BPF_X, 6, 7, 1, 0), MOV_IMM(0, 3),
            ALU_IMM(BPF_ADD, 0, 8), INSN(class | jumps[i].op | BPF_K, 6, 0, 1, -1), ALU_IMM(BPF_ADD, 0, 64), MOV_REG(6, 0));
      }
  }
  SHOW("goto", 1, 2, JUMP_IMM(BPF_JEQ, 7, 5, 1), GOTO(1), MOV_IMM(6, 9));
  SHOW("gotol", 1, 2, JUMP_IMM(BPF_JEQ, 7, 5, 1), INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 1), MOV_IMM(6, 9));
  put("cg/cgroup.procs", "0");
  MUST(rmdir("cg/rv-arithmetic"));
  return 0;
}
