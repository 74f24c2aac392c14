// What the kernel's log says of a fault that nobody handles (arch/riscv/kernel/traps.c, do_trap; process.c, __show_regs):
// who, where, the registers and the code around. fault-signals.ts comes here before the signal is sent.
// Nothing of the guest changes: its memory is looked at by a glance.
import { TrapCause } from '../../emulator/cpu/trap.ts';
import { glanceAt } from '../mm/glance.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';

const LOG_WARNING = 4;
const LOG_INFO = 6;
/** sstatus of user code: interrupts were on (SPIE), floating point is clean (FS), registers have 64 bits (UXL). */
const STATUS = 0x2_0000_4020n;
/** scause (RISC-V privileged ISA, 4.1.8). */
const SCAUSE: Partial<Record<TrapCause, bigint>> = {
  [TrapCause.MisalignedFetch]: 0n,
  [TrapCause.IllegalInstruction]: 2n,
  [TrapCause.MisalignedAmo]: 6n,
  [TrapCause.FetchFault]: 12n,
  [TrapCause.LoadFault]: 13n,
  [TrapCause.StoreFault]: 15n,
};
/** As __show_regs has them, three a line. */
const REGISTERS =
  'epc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(
    ' ',
  );
const A_LINE = 3;
/** Halfwords of code before pc, and all. */
const CODE_BEFORE = 10;
const CODE_SHOWN = 12;

/** `info` is about to be sent for what happened at pc; `badAddress` is what stval has. */
export function tellUnhandled(
  thread: Thread,
  { signo, code, addr }: SignalInfo,
  cause: TrapCause,
  badAddress: bigint,
): void {
  const { log, identity } = thread.kernel;
  if (!log.showsUnhandled || !log.mayRepeat('do_trap')) return;
  const { name, tid, hart, credentials } = thread;
  const shownCode = (code >>> 0).toString(16);
  log.say(
    LOG_INFO,
    `${name}[${tid}]: unhandled signal ${signo} code 0x${shownCode} at 0x${hex(BigInt(addr ?? 0))}${mappingText(thread)}`,
  );
  // dump_stack_print_info
  log.say(
    LOG_WARNING,
    `CPU: 0 UID: ${credentials.euid} PID: ${tid} Comm: ${name} Not tainted ${identity.release} ${identity.version.split(' ')[0]} PREEMPT(full) `,
  );
  const registers = REGISTERS.map((label, register) =>
    register === 0 ? `epc : ${hex(hart.pcBig)}` : ` ${label.padEnd(3)}: ${hex(hart.x(register))}`,
  );
  for (let at = 0; at < registers.length; at += A_LINE)
    log.say(LOG_WARNING, registers.slice(at, at + A_LINE).join(''));
  log.say(
    LOG_WARNING,
    `status: ${hex(STATUS)} badaddr: ${hex(badAddress)} cause: ${hex(SCAUSE[cause] ?? 0n)}`,
  );
  log.say(LOG_INFO, codeText(thread));
}

function hex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(16, '0');
}

/** ` in NAME[OFFSET,START+LENGTH]` when pc is in a file (mm/memory.c, print_vma_addr). */
function mappingText({ mm, hart }: Thread): string {
  const { pc } = hart;
  const vma = mm.vmas.find(pc);
  const path = vma?.backing?.file?.path;
  if (vma === undefined || path === undefined) return '';
  const parts = [pc - vma.start + vma.offset, vma.start, vma.end - vma.start].map((each) =>
    each.toString(16),
  );
  return ` in ${path.dentry.name}[${parts[0]},${parts[1]}+${parts[2]}]`;
}

/** dump_instr: the halfwords around pc. */
function codeText(thread: Thread): string {
  const { mm, hart, user } = thread;
  return glanceAt(mm, () => {
    let text = 'Code:';
    for (let at = 0; at < CODE_SHOWN; at++) {
      const address = hart.pcBig + 2n * BigInt(at - CODE_BEFORE);
      const place = Number(address);
      if (address < 0n || user.accessible(place, 2, false) < 2)
        return `Code: Unable to access instruction at 0x${hex(address)}.`;
      const [low = 0, high = 0] = user.read(place, 2);
      const halfword = ((high << 8) | low).toString(16).padStart(4, '0');
      text += at === CODE_BEFORE ? ` (${halfword})` : ` ${halfword}`;
    }
    return `${text} `;
  });
}
