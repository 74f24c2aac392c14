// Helpers of the programs about bpf(2): instructions by name, and the calls that load and attach device programs.
#pragma once
#include "cgroup.h"
#include <linux/bpf.h>
#include <sys/sysmacros.h>

typedef struct bpf_insn insn;
#define INSN(c, d, s, o, i) ((insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOV_IMM(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOV_REG(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ALU_IMM(op, d, i) INSN(BPF_ALU64 | BPF_K | (op), d, 0, 0, i)
#define ALU_REG(op, d, s) INSN(BPF_ALU64 | BPF_X | (op), d, s, 0, 0)
#define ALU32_IMM(op, d, i) INSN(BPF_ALU | BPF_K | (op), d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, s, o) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define STORE_IMM(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define JUMP_IMM(op, d, i, o) INSN(BPF_JMP | BPF_K | (op), d, 0, o, i)
#define JUMP_REG(op, d, s, o) INSN(BPF_JMP | BPF_X | (op), d, s, o, 0)
#define GOTO(o) INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define CALL_HELPER(i) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, i)
#define RETURN() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define WIDE(d, v) INSN(BPF_LD | BPF_IMM | BPF_DW, d, 0, 0, (int)(v)), INSN(0, 0, 0, 0, (int)((uint64_t)(v) >> 32))

// Fields of struct bpf_cgroup_dev_ctx.
enum { ACCESS_TYPE = 0, MAJOR = 4, MINOR = 8 };

MAYBE_UNUSED static int bpf(int command, union bpf_attr *attr) {
  return syscall(SYS_bpf, command, attr, sizeof *attr);
}

MAYBE_UNUSED static int load_program(const insn *program, size_t length) {
  union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, .insn_cnt = length};
  attr.insns = (uintptr_t)program;
  attr.license = (uintptr_t) "GPL";
  strcpy(attr.prog_name, "rv_device");
  return bpf(BPF_PROG_LOAD, &attr);
}

#define PROGRAM(...) load_program((insn[]){__VA_ARGS__}, COUNT(((insn[]){__VA_ARGS__})))

MAYBE_UNUSED static int attach_program(int group, int program, unsigned flags, int replaced) {
  union bpf_attr attr = {.target_fd = group};
  attr.attach_bpf_fd = program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = flags;
  attr.replace_bpf_fd = replaced;
  return bpf(BPF_PROG_ATTACH, &attr);
}

MAYBE_UNUSED static int detach_program(int group, int program) {
  union bpf_attr attr = {.target_fd = group};
  attr.attach_bpf_fd = program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  return bpf(BPF_PROG_DETACH, &attr);
}
