// A plain `rivulet run PROG` and nothing else: bundled alone, it starts in half the time of the whole command line.
// launch.cjs loads it first when the command is `run`, and the bundle of main.ts when `isTaken` is false.
import { report } from './failure.ts';
import { type PlainRun, parsePlainRun } from './plain-run.ts';
import { runGuest } from './run-guest.ts';
import { readRunOptions } from './run-options.ts';

async function run({ program, args, options }: PlainRun): Promise<void> {
  let status: number;
  try {
    status = await runGuest(program, args, readRunOptions(options));
  } catch (error) {
    status = report(error, 'run');
  }
  // Output is written synchronously, so nothing is lost; open handles (stdin, timers) must not keep us here.
  process.exit(status);
}

const plain = parsePlainRun(process.argv.slice(3));
if (plain !== undefined) {
  process.on('uncaughtException', (error) => process.exit(report(error)));
  void run(plain);
}

/** false: nothing was done. */
export const isTaken = plain !== undefined;
