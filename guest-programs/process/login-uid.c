// /proc/PID/loginuid and sessionid: who may set them, what they take, and who inherits them.
// needs: root
#include "../lib/observe.h"

static void text_of(const char *path, char *out, size_t size) {
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, out, size - 1));
  out[length] = 0;
  close(fd);
}

static unsigned session(void) {
  char text[40];
  text_of("/proc/self/sessionid", text, sizeof text);
  return strtoul(text, NULL, 10);
}

static void show_login(const char *label) {
  char text[40];
  text_of("/proc/self/loginuid", text, sizeof text);
  say("%s: %s, session %s", label, text, session() == ~0u ? "none" : "set");
}

// As pam_loginuid(8) does it.
static void put_login(const char *path, const char *text) {
  int fd = MUST(open(path, O_NOFOLLOW | O_RDWR));
  MUST(ftruncate(fd, 0));
  ssize_t done = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  say("write %s: %s", text[0] ? text : "nothing", done < 0 ? errno_name(error) : done == (ssize_t)strlen(text) ? "ok" : "short");
}

int main(void) {
  put_login("/proc/self/loginuid", "4294967295");
  show_login("not set");
  put_login("/proc/self/loginuid", "1000");
  show_login("set");
  unsigned before = session();
  put_login("/proc/self/loginuid", "+1001");
  show_login("changed");
  say("another session: %d", session() > before);
  static const char *const wrong[] = {"x", "-1", " 5", "5 ", "4294967296", "0x5", "12345678901"};
  for (size_t i = 0; i < COUNT(wrong); i++) put_login("/proc/self/loginuid", wrong[i]);
  char path[40];
  sprintf(path, "/proc/%d/loginuid", getpid());
  put_login(path, "1002");
  pid_t child = MUST(fork());
  if (child == 0) {
    put_login(path, "7");
    show_login("child");
    say("same session: %d", session() == before + 2);
    MUST(setresuid(1000, 1000, 1000));
    show_login("another user");
    CALL(open("/proc/self/loginuid", O_RDWR));
    _exit(0);
  }
  waitpid(child, NULL, 0);
  child = MUST(fork());
  if (child == 0) {
    put_login("/proc/self/loginuid", "4294967295");
    show_login("unset");
    _exit(0);
  }
  waitpid(child, NULL, 0);
  show_login("parent");
  return 0;
}
