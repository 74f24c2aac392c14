// A mixed load: builds, sorts, hashes and searches strings; recursion, function pointers, switch tables, varargs.
#include "../lib/observe.h"

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static unsigned long hash(const char *text) {
  unsigned long value = 5381;
  while (*text) value = value * 33 ^ (unsigned char)*text++;
  return value;
}

static long ackermann(long m, long n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }

static int decode(int code, int value) {
  switch (code) {
    case 0: return value + 1;
    case 1: return value * 3;
    case 2: return value ^ 0x55;
    case 3: return value - 7;
    case 4: return ~value;
    case 5: return value << 2;
    case 6: return value >> 1;
    case 7: return value % 1000;
    default: return 0;
  }
}

int main(void) {
  enum { N = 2000 };
  static char *words[N];
  unsigned seed = 42;
  for (int i = 0; i < N; i++) {
    char text[32];
    seed = seed * 1103515245 + 12345;
    snprintf(text, sizeof text, "%c%05u-%x", 'a' + seed / 65536 % 26, seed / 256 % 100000, i);
    words[i] = strdup(text);
  }
  qsort(words, N, sizeof words[0], compare);
  unsigned long total = 0;
  for (int i = 0; i < N; i++) total = total * 31 + hash(words[i]);
  say("first %s, middle %s, last %s, hash %lx", words[0], words[N / 2], words[N - 1], total);
  char **found = bsearch(&words[77], words, N, sizeof words[0], compare);
  say("found at %ld", (long)(found - words));
  say("ackermann(2, 300) = %ld", ackermann(2, 300));
  int value = 1;
  for (int i = 0; i < 100000; i++) value = decode((i * 7 + value) & 7, value) & 0xffffff;
  say("decoded %d", value);
  int (*functions[])(const char *, const char *) = {strcmp, strcasecmp, strcoll};
  int sum = 0;
  for (int i = 0; i < 300; i++) sum += functions[i % 3](words[i], words[i + 1]) < 0;
  say("calls through pointers: %d", sum);
  return 0;
}
