// What ioctl(2) gives a userfaultfd (ioctl_userfaultfd(2)): {range={start=0x10000000, len=0x4000}, mode=UFFDIO_REGISTER_MODE_MISSING, …}.
// ioctl-kinds.ts asks it by the name of the request.
import type { PrintContext } from '../kind.ts';
import {
  UFFD_FEATURE,
  UFFDIO_MODE_DONTWAKE,
  UFFDIO_MOVE_ALLOW_SRC_HOLES,
  UFFDIO_REGISTER_MODE,
  UffdioApi,
  UffdioCopy,
  UffdioPages,
  UffdioRange,
} from '../userfault.ts';
import { flagText, hex, names } from './format.ts';
import { braces, peekNumber, structText } from './peek.ts';

/** Those that are not offered, too: programs ask for them. */
const FEATURES = names({
  UFFD_FEATURE_PAGEFAULT_FLAG_WP: 1,
  UFFD_FEATURE_EVENT_FORK: 2,
  UFFD_FEATURE_EVENT_REMAP: 4,
  UFFD_FEATURE_EVENT_REMOVE: 8,
  UFFD_FEATURE_EVENT_UNMAP: 0x40,
  UFFD_FEATURE_MINOR_HUGETLBFS: 0x200,
  UFFD_FEATURE_WP_HUGETLBFS_SHMEM: 0x1000,
  UFFD_FEATURE_WP_UNPOPULATED: 0x2000,
  UFFD_FEATURE_WP_ASYNC: 0x8000,
  ...Object.fromEntries(
    Object.entries(UFFD_FEATURE).map(([name, bit]) => [`UFFD_FEATURE_${name}`, Number(bit)]),
  ),
});
const REGISTER_MODES = names(
  Object.fromEntries(
    Object.entries(UFFDIO_REGISTER_MODE).map(([name, bit]) => [`UFFDIO_REGISTER_MODE_${name}`, bit]),
  ),
);
/** By number of the request. */
const REQUESTS: Readonly<Record<number, string>> = {
  0: 'REGISTER',
  1: 'UNREGISTER',
  2: 'WAKE',
  3: 'COPY',
  4: 'ZEROPAGE',
  5: 'MOVE',
  6: 'WRITEPROTECT',
  7: 'CONTINUE',
  8: 'POISON',
  63: 'API',
};

function requestsText(bits: bigint): string {
  const words = Object.entries(REQUESTS).filter(([number]) => ((bits >> BigInt(number)) & 1n) !== 0n);
  return words.map(([, name]) => `1<<_UFFDIO_${name}`).join('|') || '0';
}

function bitsText(prefix: string, bits: bigint, table: ReturnType<typeof names>): string {
  return bits > BigInt(Number.MAX_SAFE_INTEGER) ? hex(bits) : flagText(Number(bits), table, `${prefix}???`);
}

function modeText(request: string, mode: bigint): string {
  const word = `${request}_MODE`;
  const flags = { [`${word}_DONTWAKE`]: UFFDIO_MODE_DONTWAKE };
  const more = request === 'UFFDIO_MOVE' ? { [`${word}_ALLOW_SRC_HOLES`]: UFFDIO_MOVE_ALLOW_SRC_HOLES } : {};
  return bitsText(`${word}_`, mode, names({ ...flags, ...more }));
}

function rangeText({ start, len }: { start: number; len: number }): string {
  return braces([`start=${hex(start)}`, `len=${hex(len)}`]);
}

interface Asked {
  readonly api: bigint;
  readonly features: bigint;
}

/** What UFFDIO_API asks for, before the answer takes its place. */
export function featuresAsked(context: PrintContext, request: string, address: number): Asked | undefined {
  if (request !== 'UFFDIO_API') return undefined;
  const api = peekNumber(context, address, 'u64');
  const features = peekNumber(context, address + 8, 'u64');
  return api === undefined || features === undefined ? undefined : { api, features };
}

/** undefined: another request. */
export function userfaultArgument(
  context: PrintContext,
  request: string,
  address: number,
): string | undefined {
  const isDone = context.result >= 0;
  switch (request) {
    case 'UFFDIO_API':
      return structText(context, address, UffdioApi, (answer) => {
        const word = (bits: bigint): string => `features=${bitsText('UFFD_FEATURE_', bits, FEATURES)}`;
        const { api, features } = (context.captured as Asked | undefined) ?? answer;
        const asked = [`api=${hex(api)}`, word(features)];
        if (!isDone) return braces(asked);
        const told =
          answer.features === features ? asked : [asked[0], `${asked[1]} => ${word(answer.features)}`];
        return braces([...told, `ioctls=${requestsText(answer.ioctls)}`]);
      });
    case 'UFFDIO_REGISTER':
      return structText(context, address, UffdioPages, ({ start, len, mode, answer }) =>
        braces([
          `range=${rangeText({ start, len })}`,
          `mode=${bitsText('UFFDIO_REGISTER_MODE_', mode, REGISTER_MODES)}`,
          ...(isDone ? [`ioctls=${requestsText(answer)}`] : []),
        ]),
      );
    case 'UFFDIO_UNREGISTER':
    case 'UFFDIO_WAKE':
      return structText(context, address, UffdioRange, rangeText);
    case 'UFFDIO_ZEROPAGE':
    case 'UFFDIO_CONTINUE':
    case 'UFFDIO_POISON': {
      const answerName = { UFFDIO_ZEROPAGE: 'zeropage', UFFDIO_CONTINUE: 'mapped', UFFDIO_POISON: 'updated' }[
        request
      ];
      return structText(context, address, UffdioPages, ({ start, len, mode, answer }) =>
        braces([
          `range=${rangeText({ start, len })}`,
          `mode=${modeText(request, mode)}`,
          ...(isDone ? [`${answerName}=${hex(answer)}`] : []),
        ]),
      );
    }
    case 'UFFDIO_COPY':
    case 'UFFDIO_MOVE':
      return structText(context, address, UffdioCopy, ({ dst, src, len, mode, answer }) =>
        braces([
          ...[`dst=${hex(dst)}`, `src=${hex(src)}`, `len=${hex(len)}`, `mode=${modeText(request, mode)}`],
          ...(isDone ? [`${request === 'UFFDIO_COPY' ? 'copy' : 'move'}=${hex(answer)}`] : []),
        ]),
      );
    default:
      return undefined;
  }
}
