// Extended attributes in the user namespace.
#include "../lib/observe.h"
#include <sys/xattr.h>

int main(void) {
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  char data[64];
  CALL(setxattr("f", "user.one", "first", 5, 0));
  CALL(fsetxattr(fd, "user.two", "second", 6, XATTR_CREATE));
  CALL(setxattr("f", "user.one", "x", 1, XATTR_CREATE));
  CALL(setxattr("f", "user.three", "x", 1, XATTR_REPLACE));
  CALL(getxattr("f", "user.one", data, sizeof data));
  say("%s", quoted(data, 5));
  CALL(getxattr("f", "user.one", NULL, 0));
  CALL(getxattr("f", "user.one", data, 2));
  CALL(fgetxattr(fd, "user.none", data, 2));
  CALL(listxattr("f", data, sizeof data));
  CALL(listxattr("f", NULL, 0));
  CALL(listxattr("f", data, 3));
  CALL(removexattr("f", "user.one"));
  CALL(removexattr("f", "user.one"));
  CALL(listxattr("f", data, sizeof data));
  say("%s", quoted(data, 9));
  CALL(setxattr("f", "nonsense", "x", 1, 0));
  CALL(setxattr("f", "user.", "x", 1, 0));
  MUST(symlink("f", "s"));
  CALL(lsetxattr("s", "user.x", "x", 1, 0));
  CALL(getxattr("s", "user.two", data, sizeof data));
  return 0;
}
