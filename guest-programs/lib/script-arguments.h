// Arguments in the lines of fuzz/call-script.c, read into registers and memory, and what is shown of that memory afterwards.
// Included by script-calls.h. A value is a number, fN (slot), pN (process), gN (its group: the number negated), vN (variable), mN (byte N of the area that memory
// scripts map), nN (a name of N letters), "text" or [ITEMS], a pointer to memory with these items one behind the other:
// W:VALUE of W bytes; W!VALUE shown afterwards as a number, W#VALUE in hex, W?VALUE as a process, W@VALUE as an address,
// W~VALUE as a time, W^VALUE whether it is 0; zN zeros, dN data, xN room whose bytes are shown, tN room for a text. VALUE+N adds.
#pragma once

enum { ROOM = 1 << 17, AREA_SIZE = 1 << 22, SHOWN_MAX = 64 };
#define AREA 0x8000000L

struct shown {
  char kind, *at;
  long width;
};
static struct shown shown[SHOWN_MAX];
static int shown_count;
static _Alignas(4096) char room[ROOM];
static size_t taken, kept; // of room; kept stays from line to line
static long variables[10];

static char *take(size_t size) {
  char *at = room + taken;
  taken += (size + 31) & ~(size_t)15;
  if (taken > ROOM) say(" no room"), taken = ROOM, at = room;
  return at;
}

static void show_later(char kind, char *at, long width) {
  if (shown_count < SHOWN_MAX) shown[shown_count++] = (struct shown){kind, at, width};
}

// The bytes of the items up to the closing bracket.
static size_t measure(const char *at) {
  size_t size = 0;
  int depth = 0, is_start = 1, is_text = 0;
  for (; *at && (depth > 0 || *at != ']'); at++) {
    if (*at == '"') is_text = !is_text;
    if (is_text) continue;
    if (is_start && depth == 0) size += (size_t)strtol(strchr("zxdt", *at) ? at + 1 : at, NULL, 10);
    is_start = *at == ',' && depth == 0;
    if (*at == '[') depth++;
    if (*at == ']') depth--;
  }
  return size;
}

static long value(const char **at);

static long items(const char **at) {
  char *start = take(measure(*at)), *to = start;
  while (**at && **at != ']') {
    char kind = **at, *end;
    if (strchr("zxdt", kind)) ++*at;
    long width = strtol(*at, &end, 10);
    *at = end;
    if (strchr("zxdt", kind)) {
      if (kind == 'd') for (long i = 0; i < width; i++) to[i] = (char)('a' + i % 26);
      else memset(to, kind == 'x' ? 0xaa : 0, width);
      if (kind == 'x' || kind == 't') show_later(kind, to, width);
    } else {
      kind = **at;
      if (kind) ++*at;
      long number = value(at);
      memcpy(to, &number, width <= 8 ? width : 8);
      if (kind != ':') show_later(kind, to, width);
    }
    to += width;
    if (**at == ',') ++*at;
  }
  if (**at) ++*at;
  return (long)start;
}

static long text(const char **at) {
  const char *end = strchr(*at, '"');
  size_t length = end ? (size_t)(end - *at) : strlen(*at);
  char *to = take(length + 1);
  memcpy(to, *at, length);
  to[length] = 0;
  *at += length + (end != NULL);
  return (long)to;
}

static long value(const char **at) {
  long found;
  char *end;
  while (**at == ' ') ++*at;
  char kind = **at;
  if (kind && strchr("\"[fpgvmn", kind)) ++*at;
  if (kind == '"') found = text(at);
  else if (kind == '[') found = items(at);
  else {
    found = (long)strtoull(*at, &end, 0);
    if (end == *at) say(" bad argument");
    *at = end;
  }
  if (kind == 'f') found = slot(found);
  else if (kind == 'p' || kind == 'g') {
    found = found < PROCESSES && pids[found] ? pids[found] : 0x3fffff;
    if (kind == 'g') found = -found;
  }
  else if (kind == 'v') found = variables[(unsigned long)found % 10];
  else if (kind == 'm') found += AREA;
  else if (kind == 'n') {
    char *name = take((size_t)found + 1);
    memset(name, 'n', (size_t)found);
    name[found] = 0;
    found = (long)name;
  }
  if (**at != '+') return found;
  ++*at;
  return found + value(at);
}

static void say_place(long address) {
  if (address >= AREA && address < AREA + AREA_SIZE) say(" m%#lx", address - AREA);
  else if (address >= -4096 && address < 4096) say(" %ld", address);
  else say(" elsewhere");
}

// Times before 2001 were set by a script.
static void say_time(long seconds) {
  if (seconds > 1000000000) say(" now");
  else say(" %ld", seconds);
}

static void say_bytes(const char *at, long length) {
  say(" '");
  for (long i = 0; i < length && i < 24; i++)
    if ((at[i] >= ' ' && at[i] < 127)) say("%c", at[i]);
    else if (at[i] == (char)0xaa) say("_");
    else say("\\%x", (unsigned char)at[i]);
  say("'");
  if (length > 24) say_data(at, length);
}

static void say_shown(void) {
  for (int i = 0; i < shown_count; i++) {
    long number = 0, width = shown[i].width <= 8 ? shown[i].width : 8;
    if (shown[i].kind == 'x') say_bytes(shown[i].at, shown[i].width);
    else if (shown[i].kind == 't') say(" \"%.*s\"", (int)strnlen(shown[i].at, shown[i].width), shown[i].at);
    else {
      memcpy(&number, shown[i].at, width);
      int unused = 64 - 8 * (int)width;
      if (shown[i].kind == '!') say(" %ld", (long)((unsigned long)number << unused) >> unused);
      else if (shown[i].kind == '#') say(" %#lx", number);
      else if (shown[i].kind == '?') say(" %s", who((pid_t)number));
      else if (shown[i].kind == '@') say_place(number);
      else if (shown[i].kind == '^') say(number ? " some" : " 0");
      else say_time(number);
    }
  }
}
