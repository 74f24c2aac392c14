// The options of `explore` besides those of `run`, and its help.
// main.ts declares them without loading what they are for; explore.ts reads them.
import type { Command } from 'commander';

/** Declares the options on `command`. */
export function addExploreOptions(command: Command): Command {
  return command
    .option('--seeds <n>', 'schedules to try (1000)')
    .option('--first-seed <n>', 'the first of them (1)')
    .option('--timers', 'also hold threads until a timer fires: does anything rely on sleeping long enough?')
    .option('--record <dir>', 'keep a recording of each end, or bad fault, there: for replay --debug')
    .option('--until-different', 'stop at the first end that is not the usual one')
    .option('--output <how>', 'compare outputs exact, as lines in any order, or none (exact)')
    .option('--limit <seconds>', 'guest time after which a run has no end (60)')
    .option('--shorten <runs>', 'runs that shortening one schedule may take (500)')
    .option('--fault <list>', 'instead: make each of these system calls fail in turn (all, names, %classes)')
    .option('--max-runs <n>', 'faults to try (2000)')
    .option('--json', 'as one JSON object');
}

export const EXPLORE_HELP = `
Every run has virtual time, seed 0 (or --seed) and pipes for its output; its input is the file that stdin is
redirected from, or empty. A schedule is a list of delays: 3@5 makes thread 3 give way before its 5th system call,
3@5+12 gives way 12 ticks after that call, 3@5.1 when it is woken in it. run, trace and debug take it as --schedule.

With --fault the schedule stays the usual one, and each call fails once with each error that it could plausibly meet.

Status: 0 when every end is the same and good (exit status 0, nobody asleep for ever), else 1; with --fault, 0 when
the program noticed every fault or went on as before.

Examples:
  rivulet explore ./server-test                     1000 schedules
  rivulet explore --seeds 20000 --output lines ./queue
  rivulet explore --until-different --json ./pair
  rivulet explore --record found ./pair             then: rivulet replay --debug found/2-deadlock.rec
  rivulet explore --fault all ./job                 does it crash, hang or leak when a call fails?
  rivulet explore --fault openat,%network ./server`;
