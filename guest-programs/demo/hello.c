// The smallest useful program.
#include <stdio.h>

int main(int argc, char **argv) {
  printf("hello from %s\n", argc > 1 ? argv[1] : "a riscv64 program");
  return 0;
}
