// Mounts in scripts of fuzz/call-script.c: those that scripts made, as /proc tells them. Included by script-calls.h.
#pragma once
#include <linux/mount.h>

enum { MOUNTS_MAX = 400, GROUPS_MAX = 100 };
static long mount_ids[MOUNTS_MAX], group_ids[GROUPS_MAX];

static int place_of(long id, long *ids, int *count, int most) {
  for (int i = 0; i < *count; i++)
    if (ids[i] == id) return i;
  if (*count < most) ids[(*count)++] = id;
  return *count - 1;
}

// What a name is below the script's own directory.
static const char *own_name(const char *path) {
  static char top[128];
  if (!top[0]) snprintf(top, sizeof top, "/dev/shm/%s/s%d/w", prefix, script);
  return strncmp(path, top, strlen(top)) == 0 ? path + strlen(top) : path;
}

// Mounts whose source is t and a digit; mounts and groups are numbered as they come.
static void say_mounts(void) {
  char path[32], text[16384], *rest = text, *save;
  int mounts = 0, groups = 0;
  size_t length = 0;
  snprintf(path, sizeof path, "%d/mountinfo", (int)getpid());
  int file = openat(proc, path, O_RDONLY);
  for (ssize_t got; (got = read(file, text + length, sizeof text - 1 - length)) > 0;) length += (size_t)got;
  close(file);
  text[length] = 0;
  for (char *entry; (entry = strsep(&rest, "\n")) && *entry;) {
    long id, parent;
    char root[256], place[256], flags[128], *tail = strstr(entry, " - "), kind[32], source[64], options[128];
    if (!tail || sscanf(tail, " - %31s %63s %127s", kind, source, options) < 3) continue;
    if (source[0] != 't' || source[1] < '0' || source[1] > '9') continue;
    int at = 0;
    if (sscanf(entry, "%ld %ld %*s %255s %255s %127s %n", &id, &parent, root, place, flags, &at) < 5) continue;
    int number = place_of(id, mount_ids, &mounts, MOUNTS_MAX), known = mounts;
    int above = place_of(parent, mount_ids, &known, MOUNTS_MAX);
    say(" <%d", number);
    if (above < mounts) say("/%d", above);
    say(" %s %s %s", root, own_name(place), flags);
    *tail = 0;
    for (char *word = strtok_r(entry + at, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
      char *colon = strchr(word, ':');
      if (!colon) say(" %s", word);
      else say(" %.*s%d", (int)(colon - word), word, place_of(atol(colon + 1), group_ids, &groups, GROUPS_MAX));
    }
    say(" %s %s>", source, options);
  }
}

// True when the call is one of these.
static int act_on_mounts(const char *call) {
  if (!is(call, "mounts")) return 0;
  say_mounts();
  return 1;
}
