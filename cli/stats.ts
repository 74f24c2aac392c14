// --stats: what a run took, on stderr at its end.
// session.ts attaches it; it counts as threads and processes come and go, so the guest runs at full speed.
import type { Machine } from '../machine/machine.ts';
import { writeAll } from './node-host.ts';

/** Only sockets that nothing but messages in flight refers to make the collector work. */
function collectorLine(machine: Machine): string[] {
  const { searches, visited, collected } = machine.kernel.net.collector;
  if (searches === 0) return [];
  return [`collector      ${collected} sockets collected, ${visited} looked at in ${searches} searches`];
}

/** Starts counting; the returned function prints. */
export function attachStats(machine: Machine): () => void {
  const started = performance.now();
  let threads = 0;
  let processes = 0;
  let ticks = 0;
  let calls = 0;
  machine.observe({
    threadStarted: () => {
      threads++;
    },
    threadExited: (thread) => {
      ticks += thread.hart.ticks;
      calls += thread.syscallCount;
    },
    processExited: () => {
      processes++;
    },
  });
  return () => {
    const seconds = (performance.now() - started) / 1000;
    const guestSeconds = machine.kernel.clock.monotonicNs() / 1e9;
    const lines = [
      `wall time      ${seconds.toFixed(3)} s`,
      ...(machine.kernel.clock.isVirtual ? [`virtual time   ${guestSeconds.toFixed(3)} s since boot`] : []),
      `ticks          ${ticks}`,
      `system calls   ${calls}`,
      `processes      ${processes} (${threads} threads)`,
      `host memory    ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB at most`,
      ...collectorLine(machine),
    ];
    writeAll(2, Buffer.from(`${lines.map((line) => `rivulet: ${line}`).join('\n')}\n`));
  };
}
