// adjtimex and clock_adjtime: what is set about the clock is kept, clamped and shown; who may set it.
// needs: root
#include "../lib/observe.h"
#include <sys/timex.h>
#include <time.h>

static struct timex timex;

static void adjust(const char *label, unsigned modes) {
  timex.modes = modes;
  int state = adjtimex(&timex);
  if (state < 0) show(label, -1);
  else
    say("%s: %s, status %#x, frequency %ld, constant %ld, tick %ld, errors %d %d, tai %d", label,
        state == TIME_ERROR ? "error" : "fine", timex.status, timex.freq, timex.constant, timex.tick, timex.maxerror <= 16000000,
        timex.esterror <= 16000000, timex.tai);
}

int main(void) {
  timex = (struct timex){.modes = ADJ_MICRO | ADJ_TIMECONST | ADJ_TICK | ADJ_FREQUENCY | ADJ_TAI, .tick = 10000};
  MUST(adjtimex(&timex));
  timex.status = STA_UNSYNC, adjust("unsynchronized", ADJ_STATUS);
  timex.freq = 1000, adjust("frequency", ADJ_FREQUENCY);
  timex.freq = 1l << 30, adjust("high frequency", ADJ_FREQUENCY);
  timex.freq = -(1l << 30), adjust("low frequency", ADJ_FREQUENCY);
  timex.freq = 1l << 40, adjust("no such frequency", ADJ_FREQUENCY);
  timex.freq = 0, adjust("no frequency", ADJ_FREQUENCY);
  timex.tick = 10001, adjust("tick", ADJ_TICK);
  timex.tick = 20000, adjust("long tick", ADJ_TICK);
  timex.tick = 8999, adjust("short tick", ADJ_TICK);
  timex.tick = 10000, adjust("tick", ADJ_TICK);
  timex.constant = 3, adjust("constant", ADJ_TIMECONST);
  timex.constant = 20, adjust("high constant", ADJ_TIMECONST);
  timex.constant = -5, adjust("low constant", ADJ_TIMECONST);
  timex.constant = 37, adjust("tai", ADJ_TAI);
  timex.constant = 100001, adjust("high tai", ADJ_TAI);
  timex.constant = -1, adjust("low tai", ADJ_TAI);
  timex.constant = 0, adjust("no tai", ADJ_TAI);
  adjust("nanoseconds", ADJ_NANO);
  timex.constant = 3, adjust("constant", ADJ_TIMECONST);
  adjust("microseconds", ADJ_MICRO);
  timex.status = 0xffff & ~STA_UNSYNC & ~STA_PLL & ~STA_FLL & ~STA_PPSFREQ & ~STA_PPSTIME & ~STA_INS & ~STA_DEL & ~STA_FREQHOLD;
  adjust("bits of the kernel's", ADJ_STATUS);
  timex.status = STA_UNSYNC, adjust("unsynchronized", ADJ_STATUS);
  timex.maxerror = 5, timex.esterror = 6, adjust("errors", ADJ_MAXERROR | ADJ_ESTERROR);
  timex.maxerror = -5, timex.esterror = 1l << 30, adjust("wrong errors", ADJ_MAXERROR | ADJ_ESTERROR);
  timex.time.tv_sec = 0, timex.time.tv_usec = 0, adjust("no offset", ADJ_SETOFFSET);
  timex.time.tv_usec = 1000000, adjust("a second of microseconds", ADJ_SETOFFSET);
  timex.time.tv_usec = -1, adjust("negative microseconds", ADJ_SETOFFSET);
  timex.offset = 0, adjust("single shot", ADJ_OFFSET_SINGLESHOT);
  adjust("what is left of it", ADJ_OFFSET_SS_READ);
  adjust("single shot without offset", 0x8000);
  CALL(adjtimex((void *)8));
  timex.modes = 0;
  CALL(clock_adjtime(CLOCK_REALTIME, &timex));
  CALL(clock_adjtime(CLOCK_MONOTONIC, &timex));
  CALL(clock_adjtime(99, &timex));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    timex.modes = 0;
    CALL(adjtimex(&timex));
    adjust("frequency of others", ADJ_FREQUENCY);
    adjust("reading of others", ADJ_OFFSET_SS_READ);
    timex.tick = 20000, adjust("long tick of others", ADJ_TICK);
    _exit(0);
  }
  show_wait("child", child);
}
