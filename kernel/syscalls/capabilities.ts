// capget and capset (capabilities(7)): the three sets of a thread as two 32-bit words each.
// Rows for table.ts.
import { CapDataIn, CapDataOut, CapHeaderIn } from '../abi/kinds/prctl-kinds.ts';

import { EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { commit } from '../task/change-ids.ts';
import { CAP_FULL_SET, CAP_SETPCAP, hasCapability } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';
import { syscall } from './syscall.ts';

/** Version numbers of the header, and how many words each set then has. */
const VERSION_1 = 0x1998_0330;
const VERSION_2 = 0x2007_1026;
const VERSION_3 = 0x2008_0522;

/** Words per set; undefined for an unknown version, after writing the preferred one (cap_validate_magic). */
function wordCount(thread: Thread, header: number): number | undefined {
  const version = thread.user.readU32(header);
  if (version === VERSION_1) return 1;
  if (version === VERSION_2 || version === VERSION_3) return 2;
  thread.user.writeU32(header, VERSION_3);
  return undefined;
}

function capget(thread: Thread, { header, data }: { header: number; data: number }): number {
  const words = wordCount(thread, header);
  if (data === 0) return 0; // who asks for the version only
  if (words === undefined) fail(EINVAL, 'unknown version');
  const pid = thread.user.readI32(header + 4);
  if (pid < 0) fail(EINVAL, 'negative pid');
  const target = pid === 0 ? thread : thread.kernel.pids.task(thread.process.kernelPid(pid));
  if (target === undefined) fail(ESRCH, 'no such thread');
  const { effective, permitted, inheritable } = target.credentials;
  const bytes = new Uint8Array(words * 12);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < words; word++) {
    for (const [i, set] of [effective, permitted, inheritable].entries()) {
      view.setUint32(word * 12 + i * 4, Number((set >> BigInt(32 * word)) & 0xffff_ffffn), true);
    }
  }
  thread.user.write(data, bytes);
  return 0;
}

/** cap_capset: what the new sets may hold. */
function capset(thread: Thread, { header, data }: { header: number; data: number }): number {
  const words = wordCount(thread, header) ?? fail(EINVAL, 'unknown version');
  const pid = thread.user.readI32(header + 4);
  if (pid !== 0 && pid !== thread.ownTid) fail(EPERM, 'only the own sets can be changed');
  const bytes = thread.user.read(data, words * 12);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [effective = 0n, permitted = 0n, inheritable = 0n] = [0, 4, 8].map((at) => {
    let set = 0n;
    for (let word = 0; word < words; word++)
      set |= BigInt(view.getUint32(word * 12 + at, true)) << BigInt(32 * word);
    return set & CAP_FULL_SET;
  });
  const old = thread.credentials;
  const isCapped = !hasCapability(old, CAP_SETPCAP);
  if (isCapped && (inheritable & ~(old.inheritable | old.permitted)) !== 0n) {
    fail(EPERM, 'inheritable beyond permitted');
  }
  if ((inheritable & ~(old.inheritable | old.bounding)) !== 0n)
    fail(EPERM, 'inheritable beyond the bounding set');
  if ((permitted & ~old.permitted) !== 0n) fail(EPERM, 'permitted can only shrink');
  if ((effective & ~permitted) !== 0n) fail(EPERM, 'effective beyond permitted');
  commit(thread, {
    ...old,
    effective,
    permitted,
    inheritable,
    ambient: old.ambient & permitted & inheritable,
  });
  return 0;
}

export const CAPABILITY_SYSCALLS = {
  90: syscall('capget', { header: CapHeaderIn, data: CapDataOut }, capget),
  91: syscall('capset', { header: CapHeaderIn, data: CapDataIn }, capset),
};
