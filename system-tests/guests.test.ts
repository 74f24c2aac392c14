// Every guest program under Rivulet prints what it printed on a real Linux kernel, and ends with the same status.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listGuestPrograms } from '../scripts/guests/catalogue.ts';
import { goldenPath, readGolden } from '../scripts/guests/observation.ts';
import { runOurs, whyNotOurs } from '../scripts/guests/ours.ts';
import { persistentDifference } from '../scripts/guests/persistent-difference.ts';

const programs = listGuestPrograms().filter(
  (program) => !program.isPart && existsSync(goldenPath(program.name)),
);

describe.each([...new Set(programs.map((program) => program.area))])('%s', (area) => {
  for (const program of programs.filter((one) => one.area === area)) {
    const reason = whyNotOurs(program);
    const title = `${program.name}: ${program.summary}${reason ? ` [skipped: ${reason}]` : ''}`;
    test.skipIf(reason)(title, async () => {
      const golden = readGolden(program.name);
      let messages = '';
      // the host's other work makes waits longer, and some programs tell how long they were
      const run = async (): Promise<string> => {
        const { text, stderr } = await runOurs(program);
        messages = stderr;
        return text;
      };
      const difference = await persistentDifference(golden.text, run);
      expect(difference, `${messages}\nrecorded on ${golden.recorded}`).toEqual([]);
    });
  }
});
