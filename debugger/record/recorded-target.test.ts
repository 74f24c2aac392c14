// A session on a recording: the same calls as recorded, whether it is stepped from call to call or repeated after going back.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeHost } from '../../cli/node-host.ts';
import { Machine } from '../../machine/machine.ts';
import { Session } from '../session/session.ts';
import { Recorder } from './recorder.ts';
import type { Recording } from './recording.ts';
import { recordedTarget } from './replay.ts';

const BOTH = readFileSync(new URL('../../guest-programs/prebuilt/both', import.meta.url));
const PREBUILT = new URL('../../guest-programs/prebuilt/', import.meta.url);

/** A run with the clocks of this machine, so that another run would not be the same by chance. */
async function record(): Promise<{ recording: Recording; output: string }> {
  const recorder = new Recorder();
  const machine = new Machine({ host: nodeHost(), journal: recorder });
  recorder.attach(machine);
  for (const name of ['server', 'client']) {
    machine.writeFile(`/demo/${name}`, readFileSync(new URL(name, PREBUILT)), 0o755);
  }
  let output = '';
  const take = (piece: Uint8Array): void => {
    output += Buffer.from(piece).toString('latin1');
  };
  const guest = machine.spawn({ path: '/demo/both', bytes: BOTH, stdout: take, stderr: take });
  await machine.run();
  const settings = { root: undefined, memory: undefined, maxProcesses: undefined, seed: undefined };
  return {
    recording: recorder.finish(
      { ...settings, virtualTime: false, quantum: undefined },
      guest.exitStatus?.code,
    ),
    output,
  };
}

it('a session on a recording makes the recorded calls, also after going back', async () => {
  const { recording, output } = await record();
  let shown = '';
  const session = new Session(recordedTarget(recording, {}), (_stream, bytes) => {
    shown += Buffer.from(bytes).toString('latin1');
  });
  const places: Session['position'][] = [];
  for (;;) {
    const stop = session.resume({ kind: 'call' });
    if (stop.kind === 'finished' || stop.kind === 'idle') break;
    if (stop.kind === 'entry') places.push(session.position);
  }
  expect(shown).toBe(output);
  expect(session.machine.kernel.callHash).toMatchObject({
    count: recording.end.calls,
    value: recording.end.hash,
  });
  const middle = places[places.length >> 1];
  if (middle === undefined) throw new Error('the program made no calls');
  session.goTo(middle);
  expect(session.position).toEqual(middle);
  expect(session.resume({ kind: 'continue' }).kind).toBe('finished');
  expect(session.difference).toBeUndefined();
  expect(session.machine.kernel.callHash?.value).toBe(recording.end.hash);
  // What the program says after the place gone back to is shown a second time.
  expect(output.endsWith(shown.slice(output.length))).toBe(true);
});
