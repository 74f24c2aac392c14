// Keys and keyrings (keyrings(7)): add_key, request_key, keyctl, who may do what with a key, and what children have of them.
// needs: root
#include "../lib/observe.h"
#include <linux/keyctl.h>

static long keyctl(int operation, long a, long b, long c, long d) {
  return syscall(SYS_keyctl, operation, a, b, c, d);
}
#define S(text) ((long)(uintptr_t)(text))

static long add(const char *type, const char *description, const void *payload, size_t length, long ring) {
  return syscall(SYS_add_key, type, description, payload, length, ring);
}

static void describe(const char *label, long key) {
  char text[128] = "";
  long length = keyctl(KEYCTL_DESCRIBE, key, S(text), sizeof text, 0);
  if (length < 0) show(label, -1);
  else say("%s: %s (%ld bytes)", label, text, length);
}

static void content(const char *label, long key) {
  char text[64] = "";
  long length = keyctl(KEYCTL_READ, key, S(text), sizeof text, 0);
  if (length < 0) show(label, -1);
  else say("%s: %ld bytes: %s", label, length, text);
}

int main(void) {
  long session = keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0);
  show("a session keyring", session > 0);
  describe("session", session);
  say("the same: %d", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0) == session);
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0, 0, 0));
  show("a thread keyring", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1, 0, 0) > 0);
  describe("thread", KEY_SPEC_THREAD_KEYRING);
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0));
  show("a process keyring", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1, 0, 0) > 0);
  describe("process", KEY_SPEC_PROCESS_KEYRING);
  describe("user", KEY_SPEC_USER_KEYRING);
  describe("user session", KEY_SPEC_USER_SESSION_KEYRING);
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_GROUP_KEYRING, 0, 0, 0));
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_REQKEY_AUTH_KEY, 0, 0, 0));
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, -99, 0, 0, 0));
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, 0, 0, 0, 0));
  CALL(keyctl(KEYCTL_GET_KEYRING_ID, 0x7ffffff0, 0, 0, 0));
  CALL(keyctl(999, 0, 0, 0, 0));

  say("# keys");
  long key = add("user", "guest:one", "secret", 6, KEY_SPEC_SESSION_KEYRING);
  show("added", key > 0);
  describe("one", key);
  content("one", key);
  char small[3] = "..";
  CALL(keyctl(KEYCTL_READ, key, S(small), 2, 0));
  say("left alone: %s", small);
  CALL(keyctl(KEYCTL_READ, key, 0, 0, 0));
  CALL(keyctl(KEYCTL_READ, key, 8, 100, 0));
  say("updated, the same key: %d", add("user", "guest:one", "other", 5, KEY_SPEC_SESSION_KEYRING) == key);
  content("one", key);
  CALL(keyctl(KEYCTL_UPDATE, key, S("third time"), 10, 0));
  content("one", key);
  CALL(add("user", "guest:empty", "", 0, KEY_SPEC_SESSION_KEYRING));
  CALL(add("user", "guest:large", small, 1 << 20, KEY_SPEC_SESSION_KEYRING));
  CALL(add("no such type", "x", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add(".type", "x", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("", "x", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("user", "", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("user", NULL, "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add(NULL, "x", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("user", "x", NULL, 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("keyring", ".x", NULL, 0, KEY_SPEC_SESSION_KEYRING));
  CALL(add("keyring", "x", "x", 1, KEY_SPEC_SESSION_KEYRING));
  CALL(add("user", "x", "x", 1, key));
  CALL(add("user", "x", "x", 1, 0x7ffffff0));
  CALL(add("logon", "no prefix", "x", 1, KEY_SPEC_SESSION_KEYRING));
  long logon = add("logon", "guest:logon", "x", 1, KEY_SPEC_SESSION_KEYRING);
  describe("logon", logon);
  content("logon", logon);

  say("# keyrings");
  long ring = add("keyring", "guest:ring", NULL, 0, KEY_SPEC_SESSION_KEYRING);
  describe("ring", ring);
  long inner = add("user", "guest:inner", "deep", 4, ring);
  int serials[8] = {0};
  CALL(keyctl(KEYCTL_READ, ring, S(serials), sizeof serials, 0));
  say("holds it: %d", serials[0] == inner);
  CALL(keyctl(KEYCTL_READ, session, 0, 0, 0));
  say("found: %d", keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, S("user"), S("guest:inner"), 0) == inner);
  CALL(keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, S("user"), S("guest:none"), 0));
  CALL(keyctl(KEYCTL_SEARCH, key, S("user"), S("guest:none"), 0));
  say("requested: %d", syscall(SYS_request_key, "user", "guest:inner", NULL, 0) == inner);
  CALL(syscall(SYS_request_key, "user", "guest:none", NULL, 0));
  CALL(syscall(SYS_request_key, "no such type", "guest:none", NULL, 0));
  static char long_info[4097];
  memset(long_info, 'x', 4096);
  CALL(syscall(SYS_request_key, "no such type", "guest:none", (char *)8, 0));
  CALL(syscall(SYS_request_key, "no such type", "guest:none", long_info, 0));
  CALL(syscall(SYS_request_key, "no such type", "guest:none", long_info + 1, 0));
  CALL(syscall(SYS_request_key, "user", "guest:inner", (char *)8, 0));
  say("requested: %d", syscall(SYS_request_key, "user", "guest:inner", "nobody is asked", 0) == inner);
  CALL(keyctl(KEYCTL_LINK, key, ring, 0, 0));
  CALL(keyctl(KEYCTL_LINK, key, ring, 0, 0));
  CALL(keyctl(KEYCTL_READ, ring, 0, 0, 0));
  CALL(keyctl(KEYCTL_LINK, ring, ring, 0, 0));
  CALL(keyctl(KEYCTL_LINK, session, ring, 0, 0));
  CALL(keyctl(KEYCTL_LINK, ring, key, 0, 0));
  CALL(keyctl(KEYCTL_UNLINK, key, ring, 0, 0));
  CALL(keyctl(KEYCTL_UNLINK, key, ring, 0, 0));
  CALL(keyctl(KEYCTL_UNLINK, ring, key, 0, 0));
  CALL(keyctl(KEYCTL_CLEAR, ring, 0, 0, 0));
  CALL(keyctl(KEYCTL_CLEAR, key, 0, 0, 0));
  CALL(keyctl(KEYCTL_READ, ring, 0, 0, 0));
  say("gone with its last link: %d", keyctl(KEYCTL_READ, inner, 0, 0, 0) == -1);
  CALL(keyctl(KEYCTL_UPDATE, ring, 0, 0, 0));

  say("# permissions");
  CALL(keyctl(KEYCTL_SETPERM, key, 0x3f000000, 0, 0));
  describe("one", key);
  CALL(keyctl(KEYCTL_SETPERM, key, 0x40000000, 0, 0));
  CALL(keyctl(KEYCTL_CHOWN, key, 1000, -1, 0));
  describe("one", key);
  char label[8];
  CALL(keyctl(KEYCTL_SETPERM, key, 0x3e000000, 0, 0));
  CALL(keyctl(KEYCTL_GET_SECURITY, key, S(label), sizeof label, 0));
  describe("not to be seen", key);
  CALL(keyctl(KEYCTL_SETPERM, key, 0x3f000000, 0, 0));
  CALL(keyctl(KEYCTL_CHOWN, key, 0, -1, 0));
  CALL(keyctl(KEYCTL_SETPERM, key, 0x01010000, 0, 0));
  content("not readable", key);
  CALL(keyctl(KEYCTL_UPDATE, key, S("x"), 1, 0));
  CALL(keyctl(KEYCTL_SETPERM, key, 0x3f010000, 0, 0));
  content("not ours to set any more", key);

  say("# ends");
  long other = add("user", "guest:other", "x", 1, KEY_SPEC_SESSION_KEYRING);
  CALL(keyctl(KEYCTL_REVOKE, other, 0, 0, 0));
  describe("revoked", other);
  content("revoked", other);
  CALL(keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, S("user"), S("guest:other"), 0));
  say("another: %d", add("user", "guest:other", "x", 1, KEY_SPEC_SESSION_KEYRING) != other);
  other = keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, S("user"), S("guest:other"), 0);
  CALL(keyctl(KEYCTL_SET_TIMEOUT, other, 1, 0, 0));
  content("not yet", other);
  sleep_ms(1200);
  content("expired", other);
  other = add("user", "guest:invalid", "x", 1, KEY_SPEC_SESSION_KEYRING);
  CALL(keyctl(KEYCTL_INVALIDATE, other, 0, 0, 0));
  say("invalidated: %d", keyctl(KEYCTL_READ, other, 0, 0, 0) == -1);

  say("# children");
  long shared = add("user", "guest:shared", "shared", 6, KEY_SPEC_SESSION_KEYRING);
  long own = add("user", "guest:own", "own", 3, KEY_SPEC_PROCESS_KEYRING);
  content("ours", own);
  pid_t child = MUST(fork());
  if (child == 0) {
    say("the same session: %d", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0) == session);
    content("shared", shared);
    content("the parent's own", own);
    CALL(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 0, 0, 0));
    say("another session: %d", keyctl(KEYCTL_JOIN_SESSION_KEYRING, S("guest-session"), 0, 0, 0) != session);
    describe("named", KEY_SPEC_SESSION_KEYRING);
    content("no longer possessed", shared);
    _exit(0);
  }
  show_wait("child", child);
  child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    content("as another user, possessed", shared);
    describe("its user keyring", KEY_SPEC_USER_KEYRING);
    CALL(keyctl(KEYCTL_CHOWN, shared, 1000, -1, 0));
    MUST(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) > 0 ? 0 : -1);
    content("no longer possessed", shared);
    describe("no longer possessed", shared);
    _exit(0);
  }
  show_wait("child", child);
  CALL(keyctl(KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, 0x34000000, 0, 0));
  CALL(keyctl(KEYCTL_READ, session, 0, 0, 0)); // whoever cannot search a keyring does not possess it by its number
  CALL(keyctl(KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, 0x3f000000, 0, 0));
  CALL(keyctl(KEYCTL_REVOKE, session, 0, 0, 0));
  say("gone with the session: %d", keyctl(KEYCTL_READ, shared, 0, 0, 0) == -1);
  return 0;
}
