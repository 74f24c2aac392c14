// What a core file says of the process besides its memory: registers, signal, ids, times, mapped files
// (fs/binfmt_elf.c, fill_note_info). image.ts puts it before the memory.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { concat } from '../abi/concat.ts';
import {
  MappedFile,
  MappedFilesHeader,
  NoteHeader,
  NT_AUXV,
  NT_FILE,
  NT_PRPSINFO,
  NT_SIGINFO,
  Prpsinfo,
  Prstatus,
} from '../abi/core-notes.ts';
import { NT_FPREGSET, NT_PRSTATUS } from '../abi/ptrace.ts';
import { nsToTimeval } from '../abi/time.ts';
import { linkPath } from '../fs/resolve.ts';
import { forcedRead } from '../mm/forced-access.ts';
import { textToBytes } from '../mm/user-memory.ts';
import { readRegisterSet } from '../ptrace/registers.ts';
import type { Process } from '../task/process.ts';
import { encodeSiginfo, type SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { processCpuTime, threadCpuTime } from '../time/cpu-time.ts';

/** Of all notes here: that is who defined their types. */
const OWNER = textToBytes('CORE\0');
const NOTE_ALIGN = 4;
const PSARGS_LENGTH = 80;
const NUL = 0;
const SPACE = 0x20;
/** Task flags (include/linux/sched.h) that one who dumps core has. */
const PF_FORKNOEXEC = 0x40;
const PF_DUMPCORE = 0x200;
const PF_SIGNALED = 0x400;

/** All notes, as they stand in the file: of `thread`, which died of `info`, of the process, and of its other threads. */
export function coreNotes(thread: Thread, info: SignalInfo): Uint8Array {
  const { process } = thread;
  const parts = [
    note(NT_PRSTATUS, statusOf(thread, info.signo)),
    note(NT_PRPSINFO, infoOf(thread)),
    note(NT_SIGINFO, encodeSiginfo(info)),
    note(NT_AUXV, process.mm.image.auxv),
    note(NT_FILE, filesOf(thread)),
    note(NT_FPREGSET, readRegisterSet(thread, NT_FPREGSET)),
  ];
  for (const other of process.threads.values()) {
    if (other === thread || other.state === 'dead') continue;
    parts.push(
      note(NT_PRSTATUS, statusOf(other, info.signo)),
      note(NT_FPREGSET, readRegisterSet(other, NT_FPREGSET)),
    );
  }
  return concat(parts);
}

function padded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(Math.ceil(bytes.length / NOTE_ALIGN) * NOTE_ALIGN);
  all.set(bytes);
  return all;
}

function note(type: number, content: Uint8Array): Uint8Array {
  const header = NoteHeader.encode({ namesz: OWNER.length, descsz: content.length, type });
  return concat([header, padded(OWNER), padded(content)]);
}

function idsOf({ process }: Thread): { ppid: number; pgrp: number; sid: number } {
  return {
    ppid: process.shownPid(process.parent?.pid ?? 0),
    pgrp: process.shownPid(process.group.id),
    sid: process.shownPid(process.session.id),
  };
}

function statusOf(thread: Thread, signo: number): Uint8Array {
  const { process, signals } = thread;
  // the leader stands for all of them, as long as they live
  const time = thread.tid === process.pid ? processCpuTime(process) : threadCpuTime(thread);
  return Prstatus.encode({
    si_signo: signo,
    si_code: 0,
    si_errno: 0,
    cursig: signo,
    sigpend: signals.pending.set,
    sighold: signals.blocked,
    pid: thread.ownTid,
    ...idsOf(thread),
    utime: nsToTimeval(time.userNs),
    stime: nsToTimeval(time.systemNs),
    cutime: nsToTimeval(process.childrenUserNs),
    cstime: nsToTimeval(process.childrenSystemNs),
    reg: readRegisterSet(thread, NT_PRSTATUS),
    fpvalid: 1,
  });
}

function infoOf(thread: Thread): Uint8Array {
  const { process, credentials } = thread;
  return Prpsinfo.encode({
    state: 0,
    sname: 'R'.charCodeAt(0),
    zomb: 0,
    nice: thread.nice & 0xff,
    flag: PF_DUMPCORE | PF_SIGNALED | (process.hasExecuted ? 0 : PF_FORKNOEXEC),
    uid: credentials.ruid,
    gid: credentials.rgid,
    pid: process.ownPid,
    ...idsOf(thread),
    fname: textToBytes(thread.name),
    psargs: argumentsOf(process),
  });
}

/** As they are in memory now, with spaces between them. */
function argumentsOf({ mm }: Process): Uint8Array {
  const { argStart, argEnd } = mm.image;
  const text = forcedRead(mm, argStart, Math.min(argEnd - argStart, PSARGS_LENGTH - 1)).slice();
  return text.map((byte) => (byte === NUL ? SPACE : byte));
}

/** Names as the process itself sees them. */
function filesOf(thread: Thread): Uint8Array {
  const ranges: Uint8Array[] = [];
  const names: Uint8Array[] = [];
  const { mm } = thread.process;
  for (const { start, end, offset, backing } of mm.vmas) {
    if (backing === undefined || start === mm.signalTrampoline) continue;
    const path = backing.file?.path;
    ranges.push(MappedFile.encode({ start, end, pageOffset: offset / PAGE_SIZE }));
    names.push(textToBytes(`${path === undefined ? backing.label : linkPath(thread, path)}\0`));
  }
  const header = MappedFilesHeader.encode({ count: ranges.length, pageSize: PAGE_SIZE });
  return concat([header, ...ranges, ...names]);
}
