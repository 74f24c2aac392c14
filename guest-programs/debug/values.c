// Values of many types, for debuggers to print, change and describe.
// flags: -g -O0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum colour { RED, GREEN = 5, BLUE };
enum flags { READ = 1, WRITE = 2, EXEC = 4 };
typedef unsigned int uint;
typedef struct node Node;
typedef int (*operation)(int, int);

struct node {
  int value;
  const char *name;
  Node *next;
};

struct bits {
  unsigned low : 3, high : 5;
  signed tiny : 4;
  enum colour colour : 4;
};

union number {
  int whole;
  float real;
  unsigned char bytes[4];
};

struct outer {
  struct node inner;
  union number number;
  struct bits bits;
  struct {
    short x, y;
  } point;
  union {
    long wide;
    char narrow;
  };
  operation operate;
  void *data;
  double ratios[3];
};

int counter = 41;
long big = -5000000000;
unsigned char letter = 'A';
signed char minus = -3;
bool truth = true;
float third = 1.0f / 3;
double tenth = 0.1;
uint total = 4000000000u;
enum colour colour = GREEN;
enum colour odd_colour = 17;
enum flags flags = READ | EXEC;
enum flags odd_flags = 12;
int table[5] = {1, 2, 3, 4, 5};
int zeros[40];
int matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
char text[16] = "hello";
char tail[40] = "tail\n\t\001\"quoted\" 7";
char full[4] = {'f', 'u', 'l', 'l'};
const char *message = "a message";
char *nothing;
void *anywhere = &counter;
int *pointer = &table[2];
int **twice = &pointer;
int (*row)[3] = &matrix[1];
const char *names[] = {"one", "two", "three"};
Node last = {3, "last", NULL};
Node middle = {2, "middle", &last};
Node first = {1, "first", &middle};
static long hidden = 7;

static int add(int a, int b) { return a + b; }
static int subtract(int a, int b) { return a - b; }

operation operations[2] = {add, subtract};
struct outer outer = {.inner = {9, "inner", &first},
                      .number = {.whole = 1065353216},
                      .bits = {5, 17, -3, BLUE},
                      .point = {-1, 2},
                      .wide = 97,
                      .operate = add,
                      .data = table,
                      .ratios = {1.5, -2.25, 1e100}};

static struct outer *find(struct outer *where, const char *what, int depth) {
  return strcmp(where->inner.name, what) == 0 ? where : depth > 0 ? find(where, what, depth - 1) : NULL;
}

static Node copy_of(Node *node) {
  Node copy = *node;
  copy.value *= 10;
  return copy;
}

static double mean(const double *values, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++)
    sum += values[i]; // values: sum
  return sum / count;
}

int main(int argc, char **argv) {
  struct outer *found = find(&outer, "inner", 1);
  Node copy = copy_of(&first);
  int sum = 0;
  for (Node *node = &first; node != NULL; node = node->next)
    sum += operations[0](node->value, counter); // values: loop
  double average = mean(outer.ratios, 2);
  printf("%d %ld %d %g %s\n", sum, hidden + big, copy.value, average, found->inner.name); // values: print
  return argc > 1 && argv[1][0] == 'x';
}
