// The C library's files: fopen modes, seeking, pushing back, temporary files, line buffering, scanning, directories.
#include "../lib/observe.h"
#include <ftw.h>
#include <glob.h>

static int visits;
static int visit(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)path, (void)status, (void)kind, (void)where;
  visits++;
  return 0;
}

int main(void) {
  FILE *file = fopen("text", "w+");
  fprintf(file, "%d %s %.3f\n%c%5d|\n", 42, "words", 3.14159, 'x', 7);
  rewind(file);
  int number;
  char word[16];
  double real;
  say("scanned: %d", fscanf(file, "%d %15s %lf", &number, word, &real));
  say("%d %s %.3f", number, word, real);
  fseek(file, -4, SEEK_END);
  int c = fgetc(file);
  ungetc('Q', file);
  int pushed = fgetc(file);
  say("%c %c %ld", c, pushed, ftell(file));
  fclose(file);
  file = fopen("text", "a");
  fputs("appended\n", file);
  say("position: %ld", ftell(file));
  fclose(file);
  show("exclusive", fopen("text", "wx") ? 0 : -1);
  show("missing", fopen("missing", "r") ? 0 : -1);
  char name[] = "temp-XXXXXX";
  int fd = mkstemp(name);
  show_ok("mkstemp", fd);
  say("its name is new: %d", strcmp(name, "temp-XXXXXX") != 0);
  char directory[] = "dir-XXXXXX";
  show("mkdtemp", mkdtemp(directory) ? 0 : -1);
  FILE *unnamed = tmpfile();
  show("tmpfile", unnamed ? fprintf(unnamed, "gone later") : -1);
  char *line = NULL;
  size_t room = 0;
  file = fopen("text", "r");
  while (getline(&line, &room, file) > 0) say("line: %s", quoted(line, strlen(line)));
  say("end of file: %d, error: %d", feof(file) != 0, ferror(file) != 0);
  glob_t matches;
  int found = glob("te*", 0, NULL, &matches);
  say("glob: %d, %zu", found, matches.gl_pathc);
  nftw(".", visit, 8, FTW_PHYS);
  say("visited: %d", visits);
  show("remove a directory", remove(directory));
  show("remove a file", remove("text"));
  char *resolved = realpath("./././", NULL), cwd[512];
  say("realpath: %d", resolved && strcmp(resolved, getcwd(cwd, sizeof cwd)) == 0);
  return 0;
}
