// C++ for the debugger: a recursion without end, in the first thread or, with an argument, in another.
#include <pthread.h>

static int deep(int n) {
  volatile char frame[4096];
  frame[n & 4095] = (char)n;
  return deep(n + 1) + frame[0];
}

static void *start(void *) {
  deep(0);
  return nullptr;
}

int main(int argc, char **) {
  if (argc == 1) return deep(0);
  pthread_t thread;
  pthread_create(&thread, nullptr, start, nullptr);
  return pthread_join(thread, nullptr);
}
