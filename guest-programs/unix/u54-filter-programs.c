// What programs of classic BPF compute, and which are refused: every instruction, offset and extension.
// rows: U54
#include "../lib/unix-messages.h"
#include <linux/filter.h>

#ifndef SKF_AD_VLAN_TPID
#define SKF_AD_VLAN_TPID 60
#endif
#define S BPF_STMT
#define J BPF_JUMP
static int fds[2];
static unsigned char data[65600];

static int attach(const struct sock_filter *filter, int length) {
  struct sock_fprog program = {length, (struct sock_filter *)filter};
  return setsockopt(fds[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// What A holds when the program is through, found by cutting a long message to one half of it at a time.
static void compute(const char *label, const struct sock_filter *filter, int length, int size) {
  unsigned half[2];
  for (int i = 0; i < 2; i++) {
    struct sock_filter whole[80];
    memcpy(whole, filter, length * sizeof *filter);
    whole[length] = (struct sock_filter)S(BPF_ALU | BPF_RSH | BPF_K, 16 * i);
    whole[length + 1] = (struct sock_filter)S(BPF_ALU | BPF_AND | BPF_K, 0xffff);
    whole[length + 2] = (struct sock_filter)S(BPF_ALU | BPF_ADD | BPF_K, 1);
    whole[length + 3] = (struct sock_filter)S(BPF_RET | BPF_A, 0);
    if (attach(whole, length + 4) == -1) {
      show(label, -1);
      return;
    }
    if (size == 0) size = 65536;
    MUST(send(fds[0], data, size, 0));
    long got = recv(fds[1], data + sizeof data - 1, 1, MSG_DONTWAIT | MSG_TRUNC);
    if (got == -1) {
      say("%s: dropped", label);
      return;
    }
    half[i] = (unsigned)got - 1;
  }
  say("%s: %#x", label, half[1] << 16 | half[0]);
}
#define COMPUTE(label, ...)                                                   \
  do {                                                                        \
    const struct sock_filter filter[] = {__VA_ARGS__};                        \
    compute(label, filter, COUNT(filter), 0);                                 \
  } while (0)

static void arithmetic(void) {
  static const struct { int code; const char *name; } OPERATIONS[] = {
      {BPF_ADD, "add"}, {BPF_SUB, "sub"}, {BPF_MUL, "mul"}, {BPF_DIV, "div"}, {BPF_MOD, "mod"}, {BPF_OR, "or"},
      {BPF_AND, "and"}, {BPF_XOR, "xor"}, {BPF_LSH, "lsh"}, {BPF_RSH, "rsh"}};
  static const unsigned VALUES[] = {0, 1, 7, 31, 32, 33, 0x7fffffff, 0x80000000, 0xfffffffb, 0x12345678};
  for (size_t i = 0; i < COUNT(OPERATIONS); i++)
    for (size_t a = 0; a < COUNT(VALUES); a++)
      for (size_t b = 0; b < COUNT(VALUES); b++) {
        COMPUTE(words("%#x %s K %#x", VALUES[a], OPERATIONS[i].name, VALUES[b]), S(BPF_LD | BPF_IMM, VALUES[a]),
                S(BPF_ALU | OPERATIONS[i].code | BPF_K, VALUES[b]));
        COMPUTE(words("%#x %s X %#x", VALUES[a], OPERATIONS[i].name, VALUES[b]), S(BPF_LDX | BPF_IMM, VALUES[b]),
                S(BPF_LD | BPF_IMM, VALUES[a]), S(BPF_ALU | OPERATIONS[i].code | BPF_X, 0));
      }
  for (size_t a = 0; a < COUNT(VALUES); a++)
    COMPUTE(words("neg %#x", VALUES[a]), S(BPF_LD | BPF_IMM, VALUES[a]), S(BPF_ALU | BPF_NEG, 0));
}

static void jumps(void) {
  static const struct { int code; const char *name; } CONDITIONS[] = {
      {BPF_JEQ, "jeq"}, {BPF_JGT, "jgt"}, {BPF_JGE, "jge"}, {BPF_JSET, "jset"}};
  static const unsigned VALUES[] = {0, 5, 6, 0x7fffffff, 0x80000000, 0xffffffff};
  for (size_t i = 0; i < COUNT(CONDITIONS); i++)
    for (size_t a = 0; a < COUNT(VALUES); a++)
      for (size_t b = 0; b < COUNT(VALUES); b++) {
        COMPUTE(words("%#x %s K %#x", VALUES[a], CONDITIONS[i].name, VALUES[b]), S(BPF_LD | BPF_IMM, VALUES[a]),
                J(BPF_JMP | CONDITIONS[i].code | BPF_K, VALUES[b], 1, 0), S(BPF_LD | BPF_IMM, 100), S(BPF_ALU | BPF_ADD | BPF_K, 3));
        COMPUTE(words("%#x %s X %#x", VALUES[a], CONDITIONS[i].name, VALUES[b]), S(BPF_LDX | BPF_IMM, VALUES[b]),
                S(BPF_LD | BPF_IMM, VALUES[a]), J(BPF_JMP | CONDITIONS[i].code | BPF_X, 0, 0, 1), S(BPF_LD | BPF_IMM, 100),
                S(BPF_ALU | BPF_ADD | BPF_K, 3));
      }
  COMPUTE("ja", S(BPF_LD | BPF_IMM, 1), S(BPF_JMP | BPF_JA, 2), S(BPF_LD | BPF_IMM, 2), S(BPF_LD | BPF_IMM, 3),
          S(BPF_ALU | BPF_ADD | BPF_K, 0x70));
}

static void memory(void) {
  COMPUTE("nothing", S(BPF_ALU | BPF_ADD | BPF_K, 0));
  COMPUTE("X at first", S(BPF_MISC | BPF_TXA, 0));
  COMPUTE("st and ld", S(BPF_LD | BPF_IMM, 0xabcdef01), S(BPF_ST, 15), S(BPF_LD | BPF_IMM, 0), S(BPF_LD | BPF_MEM, 15));
  COMPUTE("stx and ldx", S(BPF_LDX | BPF_IMM, 0xabcdef02), S(BPF_STX, 0), S(BPF_LDX | BPF_IMM, 0), S(BPF_LDX | BPF_MEM, 0),
          S(BPF_MISC | BPF_TXA, 0));
  COMPUTE("tax", S(BPF_LD | BPF_IMM, 12), S(BPF_MISC | BPF_TAX, 0), S(BPF_LD | BPF_IMM, 0), S(BPF_MISC | BPF_TXA, 0));
  COMPUTE("ld len", S(BPF_LD | BPF_W | BPF_LEN, 0));
  COMPUTE("ldx len", S(BPF_LDX | BPF_W | BPF_LEN, 77), S(BPF_MISC | BPF_TXA, 0));
  COMPUTE("ldx len after a store", S(BPF_LD | BPF_IMM, 4), S(BPF_ST, 3), S(BPF_LDX | BPF_W | BPF_LEN, 0), S(BPF_LD | BPF_MEM, 3),
          S(BPF_ALU | BPF_ADD | BPF_X, 0));
}

static void loads(void) {
  static const struct { int size; const char *name; } SIZES[] = {{BPF_W, "word"}, {BPF_H, "half"}, {BPF_B, "byte"}};
  static const unsigned OFFSETS[] = {0, 1, 2, 3, 65532, 65533, 65534, 65535, 65536, 0x7fffffff, 0x80000000, (unsigned)SKF_LL_OFF,
                                     SKF_LL_OFF - 1, SKF_LL_OFF + 7, (unsigned)SKF_NET_OFF, SKF_NET_OFF + 3,
                                     SKF_NET_OFF + 65534, SKF_AD_OFF - 1, SKF_AD_OFF - 4, SKF_NET_OFF - 1};
  for (size_t i = 0; i < COUNT(SIZES); i++)
    for (size_t k = 0; k < COUNT(OFFSETS); k++) {
      COMPUTE(words("%s at %#x", SIZES[i].name, OFFSETS[k]), S(BPF_LD | SIZES[i].size | BPF_ABS, OFFSETS[k]));
      COMPUTE(words("%s at X %#x + 1", SIZES[i].name, OFFSETS[k]), S(BPF_LDX | BPF_IMM, OFFSETS[k]),
              S(BPF_LD | SIZES[i].size | BPF_IND, 1));
      COMPUTE(words("%s at X -1 + %#x", SIZES[i].name, OFFSETS[k]), S(BPF_LDX | BPF_IMM, -1),
              S(BPF_LD | SIZES[i].size | BPF_IND, OFFSETS[k]));
    }
  for (size_t k = 0; k < COUNT(OFFSETS); k++)
    COMPUTE(words("length of a header at %#x", OFFSETS[k]), S(BPF_LD | BPF_IMM, 9), S(BPF_LDX | BPF_B | BPF_MSH, OFFSETS[k]),
            S(BPF_ST, 0), S(BPF_MISC | BPF_TXA, 0));
  const struct sock_filter word[] = {S(BPF_LD | BPF_W | BPF_ABS, 0)}, len[] = {S(BPF_LD | BPF_W | BPF_LEN, 0)};
  compute("word of a message of 3", word, 1, 3);
  compute("length of a message of 3", len, 1, 3);
}

static void extensions(void) {
  for (int number = 0; number <= 68; number++) {
    if (number == SKF_AD_CPU || number == SKF_AD_RANDOM) continue;
    COMPUTE(words("extension %d", number), S(BPF_LDX | BPF_IMM, 0x30f), S(BPF_LD | BPF_IMM, 4),
            S(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + number));
    COMPUTE(words("extension %d as a byte", number), S(BPF_LDX | BPF_IMM, 0x30f), S(BPF_LD | BPF_IMM, 4),
            S(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_AD_OFF + number));
    COMPUTE(words("extension %d indirect", number), S(BPF_LDX | BPF_IMM, 0), S(BPF_LD | BPF_W | BPF_IND, (unsigned)SKF_AD_OFF + number));
  }
  // no device: the program ends with A
  const struct sock_filter interface[] = {S(BPF_LD | BPF_IMM, 6), S(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_IFINDEX),
                                          S(BPF_RET | BPF_K, 1)};
  MUST(attach(interface, 3));
  MUST(send(fds[0], data, 20, 0));
  show("SKF_AD_IFINDEX keeps", recv(fds[1], data + 1000, 100, MSG_DONTWAIT));
  // attributes: length 6 type 1, length 12 type 2 with one of length 5 type 9 inside, length 4 type 3, length 3
  static const unsigned char attributes[] = {6, 0, 1, 0, 'a', 'b', 0, 0, 12, 0, 2, 0, 5, 0, 9, 0, 'c', 0, 0, 0,
                                             4, 0, 3, 0, 3, 0, 4, 0, 4, 0, 5, 0};
  memcpy(data, attributes, sizeof attributes);
  for (unsigned type = 0; type < 11; type++)
    for (unsigned at = 0; at <= 32; at += 4) {
      const struct sock_filter flat[] = {S(BPF_LDX | BPF_IMM, type), S(BPF_LD | BPF_IMM, at),
                                         S(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_NLATTR),
                                         S(BPF_ALU | BPF_ADD | BPF_K, 1), S(BPF_RET | BPF_A, 0)};
      struct sock_filter nested[5];
      memcpy(nested, flat, sizeof nested);
      nested[2].k = (unsigned)SKF_AD_OFF + SKF_AD_NLATTR_NEST;
      long found[2];
      for (int i = 0; i < 2; i++) {
        MUST(attach(i ? nested : flat, 5));
        MUST(send(fds[0], data, sizeof attributes, 0));
        found[i] = recv(fds[1], data + 1000, 100, MSG_DONTWAIT) - 1;
      }
      say("attribute %u from %u: %ld, nested %ld", type, at, found[0], found[1]);
    }
}

static void refused(void) {
  int codes = 0;
  char list[4000];
  size_t used = 0;
  for (unsigned code = 0; code <= 0x1ff; code++) {
    const struct sock_filter filter[] = {S(BPF_ST, 1), S(code, 1), S(BPF_RET | BPF_K, 0), S(BPF_RET | BPF_K, 0)};
    if (attach(filter, 4) == -1) continue;
    codes++;
    used += snprintf(list + used, sizeof list - used, " %x", code);
  }
  say("known codes: %d:%s", codes, list);
  const struct sock_filter high[] = {S(0x8006, 1)};
  show("a code of 16 bits", attach(high, 1));
#define REFUSED(...)                                         \
  do {                                                       \
    const struct sock_filter filter[] = {__VA_ARGS__};       \
    show(#__VA_ARGS__, attach(filter, COUNT(filter)));       \
  } while (0)
  REFUSED(S(BPF_LD | BPF_IMM, 1));
  REFUSED(S(BPF_RET | BPF_X, 1));
  REFUSED(S(BPF_RET | BPF_A, 1));
  REFUSED(S(BPF_ALU | BPF_DIV | BPF_K, 0), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_ALU | BPF_MOD | BPF_K, 0), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_ALU | BPF_LSH | BPF_K, 31), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_ALU | BPF_LSH | BPF_K, 32), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_ALU | BPF_RSH | BPF_K, 32), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_ST, 16), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_STX, 15), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_LD | BPF_MEM, 2), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_JMP | BPF_JA, 0), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_JMP | BPF_JA, 1), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_JMP | BPF_JA, -1), S(BPF_RET | BPF_K, 0));
  REFUSED(J(BPF_JMP | BPF_JEQ, 0, 0, 1), S(BPF_RET | BPF_K, 0));
  REFUSED(J(BPF_JMP | BPF_JEQ, 0, 1, 0), S(BPF_RET | BPF_K, 0));
  REFUSED(S(BPF_JMP | BPF_JA, 0));
  REFUSED(J(BPF_JMP | BPF_JEQ, 0, 0, 1), S(BPF_ST, 1), S(BPF_LD | BPF_MEM, 1), S(BPF_RET | BPF_K, 0));
  REFUSED(J(BPF_JMP | BPF_JEQ, 0, 1, 0), S(BPF_ST, 1), S(BPF_STX, 1), S(BPF_LDX | BPF_MEM, 1), S(BPF_RET | BPF_K, 0));
}

int main(void) {
  for (size_t i = 0; i < sizeof data; i++) data[i] = (unsigned char)(i * 7 + i / 256 + 0x41);
  pair_of(SOCK_DGRAM, fds);
  refused();
  arithmetic();
  jumps();
  memory();
  loads();
  extensions();
  return 0;
}
