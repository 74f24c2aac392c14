// copy_file_range(2): positions, overlapping ranges, and every kind of file it refuses.
#include "../lib/observe.h"

int main(void) {
  int from = MUST(open("from", O_RDWR | O_CREAT | O_TRUNC, 0644));
  int to = MUST(open("to", O_RDWR | O_CREAT | O_TRUNC, 0644));
  int directory = MUST(open(".", O_RDONLY));
  int pipe_fds[2];
  char bytes[32];
  MUST(pipe(pipe_fds));
  MUST(write(from, "0123456789", 10));
  off_t a = 2, b = 5;
  show("at offsets", copy_file_range(from, &a, to, &b, 5, 0));
  say("offsets: %ld %ld, positions: %ld %ld", (long)a, (long)b, (long)lseek(from, 0, SEEK_CUR), (long)lseek(to, 0, SEEK_CUR));
  ssize_t length = pread(to, bytes, sizeof bytes, 0);
  say("copied: %s", quoted(bytes, length));
  CALL(copy_file_range(from, NULL, to, NULL, 5, 0));
  MUST(lseek(from, 8, SEEK_SET));
  CALL(copy_file_range(from, NULL, to, NULL, 5, 0));
  say("positions: %ld %ld", (long)lseek(from, 0, SEEK_CUR), (long)lseek(to, 0, SEEK_CUR));
  CALL(copy_file_range(from, NULL, to, NULL, 5, 1));
  a = 0, b = 5;
  show("apart in one file", copy_file_range(from, &a, from, &b, 3, 0));
  a = 0, b = 1;
  show("overlapping", copy_file_range(from, &a, from, &b, 3, 0));
  a = -1;
  show("a negative offset", copy_file_range(from, &a, to, NULL, 3, 0));
  a = 100;
  show("past the end", copy_file_range(from, &a, to, NULL, 3, 0));
  CALL(copy_file_range(from, NULL, to, NULL, 0, 0));
  CALL(copy_file_range(from, NULL, open("to", O_WRONLY | O_APPEND), NULL, 3, 0));
  CALL(copy_file_range(from, NULL, open("to", O_RDONLY), NULL, 3, 0));
  CALL(copy_file_range(open("from", O_WRONLY), NULL, to, NULL, 3, 0));
  CALL(copy_file_range(directory, NULL, to, NULL, 3, 0));
  CALL(copy_file_range(from, NULL, directory, NULL, 3, 0));
  CALL(copy_file_range(pipe_fds[0], NULL, to, NULL, 3, 0));
  CALL(copy_file_range(from, NULL, pipe_fds[1], NULL, 3, 0));
  CALL(copy_file_range(99, NULL, to, NULL, 3, 0));
  return 0;
}
