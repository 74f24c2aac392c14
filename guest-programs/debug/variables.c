// Variables of all types, in blocks and arguments, for debuggers to print.
// flags: -g -O0
#include <stdbool.h>
#include <stdio.h>

enum colour { RED, GREEN = 5 };

struct point {
  int x, y;
};

struct record {
  char name[16];
  struct point at[2];
  struct record *next;
  enum colour colour;
  unsigned low : 3, high : 5;
  int : 0;
  signed tiny : 4;
  union {
    int whole;
    unsigned char bytes[4];
  } both;
  double number;
  bool is_good;
  const char *text;
  int (*function)(int);
};

int table[4] = {1, 2, 3, 4};

static int twice(int n) { return n * 2; }

static long work(int count, const char *label, struct record *record, struct point p) {
  long sum = 0;
  int zeros[32] = {0};
  char buffer[8] = "abc";
  float ratio = 1.1f;
  unsigned char byte = 'x';
  int grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
  for (int i = 0; i < count; i++) {
    long sum_of_squares = sum + (long)i * i;
    sum = sum_of_squares;
    if (i == 2) {
      int sum = 77;
      byte += sum; // variables: inner
    }
  }
  return sum + zeros[0] + buffer[0] + (long)ratio + byte + grid[1][1] + record->at[0].x + p.y + label[0];
}

int main(void) {
  struct record record = {.name = "rivulet", .at = {{1, 2}, {3, -4}}, .colour = GREEN, .low = 5, .high = 17,
                          .tiny = -3, .both.whole = 7, .number = 2.25, .is_good = true, .text = "hi \"there\"",
                          .function = twice};
  printf("%ld\n", work(4, "label", &record, (struct point){10, 20}));
  return twice(table[0]) - 2;
}
