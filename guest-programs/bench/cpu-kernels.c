// Thirteen processor kernels, timed: prints "name nanoseconds checksum", the best of several runs.
// With --checksums as the only argument it runs each once and prints what must be the same everywhere.
// args: --checksums
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__((noinline))
// Keeps the compiler from turning a loop into a library call.
#define KEEP_LOOP() __asm__ volatile("" ::: "memory")

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

#define SIEVE_SIZE 1000000
static uint8_t is_prime[SIEVE_SIZE + 1];

NOINLINE static uint64_t sieve(void) {
  uint64_t count = 0;
  memset(is_prime, 1, sizeof is_prime);
  for (uint32_t i = 2; i <= SIEVE_SIZE; i++) {
    if (!is_prime[i]) continue;
    count++;
    for (uint64_t k = (uint64_t)i * 2; k <= SIEVE_SIZE; k += i) is_prime[k] = 0;
  }
  return count;
}

static uint8_t source[1 << 20] __attribute__((aligned(8))), target[1 << 20] __attribute__((aligned(8)));

NOINLINE static void copy_bytes(uint8_t *to, const uint8_t *from, uint64_t size) {
  for (uint64_t i = 0; i < size; i++) {
    to[i] = from[i];
    KEEP_LOOP();
  }
}

NOINLINE static uint64_t length_of(const uint8_t *text) {
  const uint8_t *end = text;
  while (*end) {
    end++;
    __asm__ volatile("");
  }
  return end - text;
}

NOINLINE static uint64_t byte_copy(void) {
  uint64_t result = 0;
  for (int round = 0; round < 4; round++) {
    memset(source, 'a' + round, sizeof source - 1);
    source[sizeof source - 1] = 0;
    copy_bytes(target, source, sizeof source);
    result += length_of(target);
  }
  return result;
}

NOINLINE static void copy_words(uint64_t *to, const uint64_t *from, uint64_t count) {
  for (uint64_t *end = to + count; to < end; from += 4, to += 4) {
    uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    KEEP_LOOP();
  }
}

NOINLINE static uint64_t word_copy(void) {
  uint64_t result = 0;
  for (int round = 0; round < 16; round++) {
    source[5] = round;
    copy_words((uint64_t *)target, (const uint64_t *)source, sizeof source / 8);
    result += target[5];
  }
  return result;
}

NOINLINE static uint64_t library_memory(void) {
  uint64_t result = 0;
  for (int round = 0; round < 16; round++) {
    memcpy(target, source, sizeof source - 1);
    target[sizeof target - 1] = 0;
    result += strlen((char *)target);
  }
  return result;
}

static uint32_t random_state;
static uint32_t next_random(void) { return random_state = random_state * 1664525 + 1013904223; }

struct node {
  struct node *next;
  uint64_t value, padding[2];
};
static struct node nodes[4096];

static void link_nodes(void) {
  uint32_t order[4096];
  for (uint32_t i = 0; i < 4096; i++) order[i] = i;
  random_state = 1;
  for (uint32_t i = 4095; i > 0; i--) {
    uint32_t j = (next_random() >> 8) % (i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  for (uint32_t i = 0; i < 4096; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) & 4095]];
    nodes[order[i]].value = i;
  }
}

NOINLINE static uint64_t pointer_chase(void) {
  uint64_t sum = 0;
  struct node *node = &nodes[0];
  for (int i = 0; i < 4000000; i++) {
    sum += node->value;
    node = node->next;
  }
  return sum;
}

static int numbers[200000];

NOINLINE static void sort(int *a, long low, long high) {
  while (low < high) {
    int pivot = a[(low + high) >> 1];
    long i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i > j) break;
      int kept = a[i];
      a[i++] = a[j];
      a[j--] = kept;
    }
    if (j - low < high - i) {
      sort(a, low, j);
      low = i;
    } else {
      sort(a, i, high);
      high = j;
    }
  }
}

static uint64_t fill_and_sort(int count, int use_library);

NOINLINE static uint64_t quick_sort(void) { return fill_and_sort(200000, 0); }
NOINLINE static uint64_t library_sort(void) { return fill_and_sort(50000, 1); }

static int compare(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return x < y ? -1 : x > y;
}

static uint64_t fill_and_sort(int count, int use_library) {
  random_state = 12345;
  for (int i = 0; i < count; i++) numbers[i] = (int)(next_random() >> 1);
  if (use_library) qsort(numbers, count, sizeof numbers[0], compare);
  else sort(numbers, 0, count - 1);
  uint64_t hash = 0;
  for (int i = 0; i < count; i += 997) hash = hash * 31 + numbers[i];
  return hash;
}

// FIPS 180-4, section 4.2.2.
static const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

NOINLINE static void sha256_block(uint32_t *hash, const uint8_t *data) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    w[i] = (uint32_t)data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + w[i - 7] + (ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
  }
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int i = 0; i < 64; i++) {
    uint32_t first = h + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
    uint32_t second = (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d, hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

NOINLINE static uint64_t sha256(void) {
  uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < 1 << 20; i++) source[i] = i * 7;
  for (int i = 0; i < 16384; i++) sha256_block(hash, source + i * 64);
  return hash[0];
}

static uint32_t crc_table[256];

NOINLINE static uint64_t crc32(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
    crc_table[i] = c;
  }
  uint32_t c = ~0u;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 1 << 20; i++) c = crc_table[(c ^ source[i]) & 255] ^ c >> 8;
  }
  return ~c;
}

#define MATRIX 160
static double left[MATRIX][MATRIX], right[MATRIX][MATRIX], product[MATRIX][MATRIX];

NOINLINE static uint64_t matrix_product(void) {
  for (int i = 0; i < MATRIX; i++) {
    for (int j = 0; j < MATRIX; j++) {
      left[i][j] = i * 0.1 + j;
      right[i][j] = i - j * 0.3;
    }
  }
  for (int i = 0; i < MATRIX; i++) {
    for (int j = 0; j < MATRIX; j++) {
      double sum = 0;
      for (int k = 0; k < MATRIX; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
    }
  }
  uint64_t bits;
  memcpy(&bits, &product[7][9], 8);
  return bits;
}

static inline double square_root(double x) {
  double result;
#ifdef __riscv
  __asm__("fsqrt.d %0,%1" : "=f"(result) : "f"(x));
#else
  __asm__("sqrtsd %1,%0" : "=x"(result) : "x"(x));
#endif
  return result;
}

NOINLINE static uint64_t bodies(void) {
  double x[5], y[5], z[5], vx[5], vy[5], vz[5], mass[5];
  for (int i = 0; i < 5; i++) {
    x[i] = i * 1.1, y[i] = i * i * 0.7 + 1, z[i] = 3 - i;
    vx[i] = 0.01 * i, vy[i] = 0.02, vz[i] = -0.01 * i, mass[i] = 1 + 0.1 * i;
  }
  for (int step = 0; step < 60000; step++) {
    for (int i = 0; i < 5; i++) {
      for (int j = i + 1; j < 5; j++) {
        double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j], d = dx * dx + dy * dy + dz * dz + 0.01;
        double magnitude = 0.001 / (d * square_root(d));
        vx[i] -= dx * mass[j] * magnitude, vy[i] -= dy * mass[j] * magnitude, vz[i] -= dz * mass[j] * magnitude;
        vx[j] += dx * mass[i] * magnitude, vy[j] += dy * mass[i] * magnitude, vz[j] += dz * mass[i] * magnitude;
      }
    }
    for (int i = 0; i < 5; i++) x[i] += 0.001 * vx[i], y[i] += 0.001 * vy[i], z[i] += 0.001 * vz[i];
  }
  uint64_t bits;
  memcpy(&bits, &x[0], 8);
  return bits;
}

NOINLINE static uint64_t fibonacci_of(uint64_t n) { return n < 2 ? n : fibonacci_of(n - 1) + fibonacci_of(n - 2); }
NOINLINE static uint64_t fibonacci(void) { return fibonacci_of(30); }

// A small byte-code interpreter: indirect jumps.
NOINLINE static uint64_t byte_code(void) {
  static uint8_t program[] = {0, 1, 2, 3, 4, 5, 1, 2, 6, 3, 0, 7};
  uint64_t a = 1, b = 2, sum = 0;
  int pc = 0;
  for (uint32_t n = 6000000; n; n--) {
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
  int is_rounded; // fused multiply-add, where the processor has it, changes the last bits
} kernels[] = {
    {"sieve", sieve, 0},        {"bytecpy", byte_copy, 0},      {"wordcpy", word_copy, 0},  {"libcmem", library_memory, 0},
    {"chase", pointer_chase, 0}, {"qsort", quick_sort, 0},       {"libqsort", library_sort, 0}, {"sha256", sha256, 0},
    {"crc32", crc32, 0},        {"matmul", matrix_product, 1},  {"nbody", bodies, 1},       {"fib", fibonacci, 0},
    {"vm", byte_code, 0},
};

// cpu-kernels [RUNS [KERNEL]]
int main(int argc, char **argv) {
  int only_checksums = argc > 1 && strcmp(argv[1], "--checksums") == 0;
  int runs = argc > 1 && !only_checksums ? atoi(argv[1]) : only_checksums ? 1 : 5;
  link_nodes();
  for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
    if (argc > 2 && strcmp(argv[2], kernels[i].name)) continue;
    uint64_t best = UINT64_MAX, checksum = 0;
    for (int run = 0; run < runs; run++) {
      uint64_t started = now();
      checksum = kernels[i].run();
      uint64_t took = now() - started;
      if (took < best) best = took;
    }
    if (!only_checksums) printf("%s %llu %llx\n", kernels[i].name, (unsigned long long)best, (unsigned long long)checksum);
    else if (!kernels[i].is_rounded) printf("%s %llx\n", kernels[i].name, (unsigned long long)checksum);
  }
  return 0;
}
