// The type of $_siginfo, as gdb makes it up for Linux on RISC-V (gdb/linux-tdep.c, linux_get_siginfo_type_with_fields).
// debugger/prompt/scope.ts gives it a value: the bytes that a handler of the signal would get.
// The offsets are those of 64-bit Linux.
import {
  arrayOf,
  type CType,
  INT,
  LONG,
  type Member,
  pointerTo,
  type StructType,
  sizeOf,
  UNSIGNED_INT,
  VOID,
} from './c-types.ts';

type Fields = Readonly<Record<string, CType>>;

/** Members one behind the other, each where its size wants it. */
function layout(
  keyword: 'struct' | 'union',
  name: string | undefined,
  fields: Fields,
  size?: number,
): StructType {
  const members: Member[] = [];
  let end = 0;
  let widest = 1;
  for (const [field, type] of Object.entries(fields)) {
    const alignment = alignmentOf(type);
    widest = Math.max(widest, alignment);
    const offset = keyword === 'union' ? 0 : Math.ceil(end / alignment) * alignment;
    members.push({ name: field, type, offset });
    end = keyword === 'union' ? Math.max(end, sizeOf(type)) : offset + sizeOf(type);
  }
  return {
    kind: 'struct',
    keyword,
    name,
    size: size ?? Math.ceil(end / widest) * widest,
    isIncomplete: false,
    members,
  };
}

function alignmentOf(type: CType): number {
  if (type.kind === 'array') return alignmentOf(type.element);
  if (type.kind !== 'struct') return sizeOf(type);
  return Math.max(1, ...type.members.map((member) => alignmentOf(member.type)));
}

const struct = (fields: Fields): StructType => layout('struct', undefined, fields);
const PLACE = pointerTo(VOID);
const SENDER: Fields = { si_pid: INT, si_uid: UNSIGNED_INT };
const VALUE = layout('union', 'sigval_t', { sival_int: INT, sival_ptr: PLACE });

const FIELDS = layout('union', undefined, {
  _pad: arrayOf(INT, 28),
  _kill: struct(SENDER),
  _timer: struct({ si_tid: INT, si_overrun: INT, si_sigval: VALUE }),
  _rt: struct({ ...SENDER, si_sigval: VALUE }),
  _sigchld: struct({ ...SENDER, si_status: INT, si_utime: LONG, si_stime: LONG }),
  _sigfault: struct({ si_addr: PLACE }),
  _sigpoll: struct({ si_band: LONG, si_fd: INT }),
  _sigsys: struct({ _call_addr: PLACE, _syscall: INT, _arch: UNSIGNED_INT }),
});

/** 128 bytes. */
export const SIGINFO: StructType = layout('struct', 'siginfo', {
  si_signo: INT,
  si_errno: INT,
  si_code: INT,
  _sifields: FIELDS,
});
