// Thirteen kernels of computation: prints "name best-ns ns checksum" for each (argv: repetitions, kernel name).
// bench
// skip-native: a benchmark, its output is a measurement
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__((noinline))
/* keeps the compiler from turning loops into libc calls or vector code */
#define BARRIER() __asm__ volatile("" ::: "memory")

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static inline double square_root(double value) {
  double root;
#if defined(__riscv)
  __asm__("fsqrt.d %0,%1" : "=f"(root) : "f"(value));
#elif defined(__x86_64__)
  __asm__("sqrtsd %1,%0" : "=x"(root) : "x"(value));
#else
  root = __builtin_sqrt(value);
#endif
  return root;
}

static uint32_t next_random(uint32_t x) { return x * 1664525 + 1013904223; }

#define SIEVE_SIZE 1000000
static uint8_t flags[SIEVE_SIZE + 1];

NOINLINE static uint64_t sieve(void) {
  uint64_t primes = 0;
  memset(flags, 1, SIEVE_SIZE + 1);
  for (uint32_t i = 2; i <= SIEVE_SIZE; i++) {
    if (!flags[i]) continue;
    primes++;
    for (uint64_t k = (uint64_t)i * 2; k <= SIEVE_SIZE; k += i) flags[k] = 0;
  }
  return primes;
}

#define MIB (1 << 20)
static uint8_t buffer_a[MIB] __attribute__((aligned(16))), buffer_b[MIB] __attribute__((aligned(16)));

NOINLINE static void copy_bytes(uint8_t *to, const uint8_t *from, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    to[i] = from[i];
    BARRIER();
  }
}

NOINLINE static void copy_words(uint64_t *to, const uint64_t *from, uint64_t count) {
  uint64_t *end = to + count;
  while (to < end) {
    uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    from += 4;
    to += 4;
    BARRIER();
  }
}

NOINLINE static uint64_t length(const uint8_t *text) {
  const uint8_t *p = text;
  while (*p) {
    p++;
    __asm__ volatile("");
  }
  return p - text;
}

NOINLINE static uint64_t byte_copy(void) {
  uint64_t sum = 0;
  for (int k = 0; k < 4; k++) {
    memset(buffer_a, 'a' + k, MIB - 1);
    buffer_a[MIB - 1] = 0;
    copy_bytes(buffer_b, buffer_a, MIB);
    sum += length(buffer_b);
  }
  return sum;
}

NOINLINE static uint64_t word_copy(void) {
  uint64_t sum = 0;
  for (int k = 0; k < 16; k++) {
    buffer_a[5] = k;
    copy_words((uint64_t *)buffer_b, (uint64_t *)buffer_a, MIB / 8);
    sum += buffer_b[5];
  }
  return sum;
}

NOINLINE static uint64_t libc_memory(void) {
  uint64_t sum = 0;
  memset(buffer_a, 'x', MIB);
  for (int k = 0; k < 16; k++) {
    memcpy(buffer_b, buffer_a, MIB - 1);
    buffer_b[MIB - 1] = 0;
    sum += strlen((char *)buffer_b);
  }
  return sum;
}

struct node {
  struct node *next;
  uint64_t value;
  uint64_t padding[2];
};
#define NODES 4096
static struct node nodes[NODES];

static void link_nodes(void) {
  uint32_t order[NODES], x = 1;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    x = next_random(x);
    uint32_t j = (x >> 8) % (i + 1), swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  for (uint32_t i = 0; i < NODES; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
    nodes[order[i]].value = i;
  }
}

NOINLINE static uint64_t chase(void) {
  uint64_t sum = 0;
  struct node *p = &nodes[0];
  for (int i = 0; i < 4000000; i++) {
    sum += p->value;
    p = p->next;
  }
  return sum;
}

static int numbers[200000];

static void fill_numbers(int count) {
  uint32_t x = 12345;
  for (int i = 0; i < count; i++) {
    x = next_random(x);
    numbers[i] = (int)(x >> 1);
  }
}

static uint64_t hash_numbers(int count) {
  uint64_t hash = 0;
  for (int i = 0; i < count; i += 997) hash = hash * 31 + numbers[i];
  return hash;
}

NOINLINE static void sort_range(int *a, long low, long high) {
  while (low < high) {
    int pivot = a[(low + high) >> 1];
    long i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i > j) break;
      int swap = a[i];
      a[i++] = a[j];
      a[j--] = swap;
    }
    if (j - low < high - i) {
      sort_range(a, low, j);
      low = i;
    } else {
      sort_range(a, i, high);
      high = j;
    }
  }
}

NOINLINE static uint64_t quick_sort(void) {
  fill_numbers(200000);
  sort_range(numbers, 0, 199999);
  return hash_numbers(200000);
}

static int compare_ints(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return x < y ? -1 : x > y;
}

NOINLINE static uint64_t libc_sort(void) {
  fill_numbers(50000);
  qsort(numbers, 50000, sizeof numbers[0], compare_ints);
  return hash_numbers(50000);
}

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
#define ROR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

NOINLINE static void sha_block(uint32_t *state, const uint8_t *p) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (ROR(a, 7) ^ ROR(a, 18) ^ (a >> 3)) + w[i - 7] + (ROR(b, 17) ^ ROR(b, 19) ^ (b >> 10));
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = h + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
    uint32_t t2 = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

NOINLINE static uint64_t sha256(void) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < MIB; i++) buffer_a[i] = i * 7;
  for (int i = 0; i < MIB / 64; i++) sha_block(state, buffer_a + i * 64);
  return state[0];
}

NOINLINE static uint64_t crc32(void) {
  static uint32_t table[256];
  for (int i = 0; i < MIB; i++) buffer_a[i] = i * 7;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  uint32_t crc = ~0u;
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < MIB; i++) crc = table[(crc ^ buffer_a[i]) & 255] ^ (crc >> 8);
  return (uint32_t)~crc;
}

#define ORDER 160
static double left[ORDER][ORDER], right[ORDER][ORDER], product[ORDER][ORDER];

NOINLINE static uint64_t matrix_product(void) {
  for (int i = 0; i < ORDER; i++)
    for (int j = 0; j < ORDER; j++) {
      left[i][j] = i * 0.1 + j;
      right[i][j] = i - j * 0.3;
    }
  for (int i = 0; i < ORDER; i++)
    for (int j = 0; j < ORDER; j++) {
      double sum = 0;
      for (int k = 0; k < ORDER; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
    }
  uint64_t bits;
  memcpy(&bits, &product[7][9], 8);
  return bits;
}

NOINLINE static uint64_t n_body(void) {
  double x[5], y[5], z[5], vx[5], vy[5], vz[5], m[5];
  for (int i = 0; i < 5; i++) {
    x[i] = i * 1.1, y[i] = i * i * 0.7 + 1, z[i] = 3 - i;
    vx[i] = 0.01 * i, vy[i] = 0.02, vz[i] = -0.01 * i;
    m[i] = 1 + 0.1 * i;
  }
  for (int step = 0; step < 60000; step++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
        double distance = dx * dx + dy * dy + dz * dz + 0.01;
        double pull = 0.001 / (distance * square_root(distance));
        vx[i] -= dx * m[j] * pull, vy[i] -= dy * m[j] * pull, vz[i] -= dz * m[j] * pull;
        vx[j] += dx * m[i] * pull, vy[j] += dy * m[i] * pull, vz[j] += dz * m[i] * pull;
      }
    for (int i = 0; i < 5; i++) x[i] += 0.001 * vx[i], y[i] += 0.001 * vy[i], z[i] += 0.001 * vz[i];
  }
  uint64_t bits;
  memcpy(&bits, &x[0], 8);
  return bits;
}

NOINLINE static uint64_t fibonacci(uint64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

NOINLINE static uint64_t fib(void) { return fibonacci(30); }

/* a bytecode interpreter: indirect jumps through a table */
NOINLINE static uint64_t virtual_machine(void) {
  static uint8_t program[] = {0, 1, 2, 3, 4, 5, 1, 2, 6, 3, 0, 7};
  uint64_t a = 1, b = 2, sum = 0;
  int pc = 0;
  for (uint32_t n = 6000000; n > 0; n--) {
    switch (program[pc++]) {
      case 0: a += b; break;
      case 1: b ^= a >> 3; break;
      case 2: sum += a; break;
      case 3: a = a * 5 + 1; break;
      case 4: b += sum; break;
      case 5: sum ^= b << 1; break;
      case 6: a -= sum; break;
      case 7: pc = 0; break;
      case 8: sum *= 3; break;
      case 9: sum -= 7; break;
    }
  }
  return sum;
}

static const struct {
  const char *name;
  uint64_t (*run)(void);
  /* differs natively where the compiler contracts a*b+c: riscv64 has fused multiply-add, baseline x86-64 has not */
  int rounds;
} kernels[] = {{"sieve", sieve, 0},         {"bytecpy", byte_copy, 0},  {"wordcpy", word_copy, 0}, {"libcmem", libc_memory, 0}, {"chase", chase, 0},
               {"qsort", quick_sort, 0},    {"libqsort", libc_sort, 0}, {"sha256", sha256, 0},     {"crc32", crc32, 0},         {"matmul", matrix_product, 1},
               {"nbody", n_body, 1},        {"fib", fib, 0},            {"vm", virtual_machine, 0}};

int main(int argc, char **argv) {
  int repetitions = argc > 1 ? atoi(argv[1]) : 5;
  link_nodes();
  for (unsigned i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
    if (argc > 2 && strcmp(argv[2], kernels[i].name) != 0) continue;
    uint64_t best = UINT64_MAX, result = 0;
    for (int k = 0; k < repetitions; k++) {
      uint64_t start = now();
      result = kernels[i].run();
      uint64_t took = now() - start;
      if (took < best) best = took;
    }
    printf("%s %llu ns", kernels[i].name, (unsigned long long)best);
#ifdef __riscv
    printf(" %llx\n", (unsigned long long)result);
#else
    if (kernels[i].rounds) printf("\n");
    else printf(" %llx\n", (unsigned long long)result);
#endif
  }
  return 0;
}
