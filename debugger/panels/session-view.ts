// What the panels show, taken from a debugger that stands still: code, registers, last calls, processes.
// The terminal asks at each prompt. Everything is looked at by glances, so the run does not notice.
// It remembers the registers of the stop before, to say which have changed.
import { X_NAMES } from '../../emulator/isa/disassemble.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { waitStatusText } from '../inspect/exit-text.ts';
import { cycleText, type Sleeper, waitGraph } from '../inspect/wait-graph.ts';
import { shortSleepText } from '../inspect/wait-text.ts';
import type { CodeKind, Debugger } from '../prompt/debugger.ts';
import { positionText } from '../prompt/positions.ts';
import { codeView } from './code-view.ts';
import type { CallRow, CodeView, PanelView, RegisterRow, ThreadRow } from './view.ts';

const CALLS_KEPT = 100;
const PC = 'pc';
/** Indices of x registers, those first that one looks at most: ra, sp, a0–a7, s0–s11, t0–t6, gp, tp. */
const ORDER = [
  1, 2, 10, 11, 12, 13, 14, 15, 16, 17, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 5, 6, 7, 28, 29, 30, 31,
  3, 4,
];

export class SessionView {
  codeKind: CodeKind = 'auto';
  readonly #debugging: Debugger;
  readonly #registers = new Map<number, SeenRegisters>();

  constructor(debugging: Debugger) {
    this.#debugging = debugging;
  }

  /** The session as it is now; `rows` of code on either side of the present place are enough. */
  take(rows: number): PanelView {
    const debugging = this.#debugging;
    debugging.recallCalls(); // before anything else is looked at: it may change the machine
    const { kernel, session, anyThread: thread } = debugging;
    const { sleepers, cycles } = waitGraph(kernel, session.symbols);
    const code: CodeView =
      thread === undefined
        ? { title: 'The program has ended: run starts it again', rows: [], current: -1 }
        : codeView(debugging, thread, rows, this.codeKind);
    const where = thread === undefined ? 'no process' : `${whoText(thread)}  ${this.#placeText(thread)}`;
    return {
      code,
      registers: thread === undefined ? [] : this.#registerRows(thread),
      calls: this.#callRows(),
      threads: this.#threadRows(sleepers, new Set(cycles.flat())),
      deadlocks: cycles.map(cycleText),
      status: {
        left: where,
        right: `at ${positionText(session.position)}, after ${session.log.count} calls`,
      },
    };
  }

  #placeText(thread: Thread): string {
    const { frames } = this.#debugging;
    const { selected, level } = frames;
    const symbol = this.#debugging.symbolText(selected.pc) ?? `0x${selected.pc.toString(16)}`;
    const frame = level === 0 ? '' : `#${level} `;
    const call = thread.call === undefined ? '' : `, in ${thread.call.syscall.name}`;
    return `${frame}${symbol}${selected.line === undefined ? '' : ` at ${selected.line.name.split('/').pop()}:${selected.line.line}`}${call}`;
  }

  #registerRows(thread: Thread): RegisterRow[] {
    const { frames, session } = this.#debugging;
    const { hart, tid } = thread;
    const own = [hart.pcBig, ...ORDER.map((index) => hart.x(index))];
    const names = [PC, ...ORDER.map((index) => X_NAMES[index] ?? '')];
    const seen = this.#registers.get(tid) ?? new SeenRegisters();
    this.#registers.set(tid, seen);
    const changed = seen.look(own, positionText(session.position));
    const { selected, level } = frames;
    const shown =
      level === 0 ? own : [BigInt(selected.pc), ...ORDER.map((index) => selected.registers?.[index])];
    return names.map((name, index) => ({
      name,
      bits: shown[index] === undefined ? undefined : BigInt.asUintN(64, shown[index]),
      isChanged: level === 0 && changed.has(index),
    }));
  }

  #callRows(): CallRow[] {
    const { history } = this.#debugging;
    const rows = history.last(CALLS_KEPT).map(({ tid, text }): CallRow => {
      const result = / = [^=]*$/.exec(text)?.[0] ?? '';
      return {
        text: `[pid ${tid}] ${text}`,
        kept: result.length,
        kind: result.startsWith(' = -1 E') ? 'failed' : 'ended',
      };
    });
    const upcoming = this.#debugging.upcoming();
    if (upcoming !== undefined) {
      const { thread } = upcoming;
      rows.push({
        text: `[pid ${thread.tid}] ${history.upcomingText(thread)} ...`,
        kept: 0,
        kind: 'upcoming',
      });
    }
    return rows;
  }

  #threadRows(sleepers: readonly Sleeper[], stuck: ReadonlySet<Thread>): ThreadRow[] {
    const processes = [...this.#debugging.kernel.processes]
      .filter(({ isInit }) => !isInit)
      .sort((a, b) => a.pid - b.pid);
    return processes.flatMap((process) => {
      const threads = [...process.threads.values()];
      if (threads.length === 0) return [endedRow(process)];
      return threads.map((thread) => {
        const sleeper = sleepers.find((each) => each.thread === thread);
        return {
          id: thread.tid === process.pid ? String(process.pid) : `${process.pid}/${thread.tid}`,
          name: thread.name,
          state:
            sleeper === undefined ? this.#stateText(thread) : shortSleepText(sleeper, this.#debugging.kernel),
          isSelected: thread === this.#debugging.anyThread,
          isStuck: stuck.has(thread),
        };
      });
    });
  }

  #stateText(thread: Thread): string {
    const { session } = this.#debugging;
    const { call, state } = thread;
    if (state !== 'runnable') return state;
    const name = call?.syscall.name;
    if (thread !== session.thread) return name === undefined ? 'ready' : `ready, in ${name}`;
    const upcoming = this.#debugging.upcoming();
    if (upcoming !== undefined) return `before ${upcoming.name}`;
    return name === undefined ? 'runs' : `in ${name}`;
  }
}

function endedRow(process: Process): ThreadRow {
  const state = `zombie, ${waitStatusText(process.waitStatus)}`;
  return { id: String(process.pid), name: process.name, state, isSelected: false, isStuck: false };
}

/** `rights, pid 2`, with the thread where there are several. */
function whoText({ tid, process, name }: Thread): string {
  const thread = process.threads.size > 1 ? `, thread ${tid}` : '';
  return `${name}, pid ${process.pid}${thread}`;
}

/** A thread's registers at the last two stops. */
class SeenRegisters {
  #before: readonly bigint[] | undefined;
  #now: readonly bigint[] | undefined;
  #position = '';

  /** Indices of those that differ from the stop before. A value set by hand counts as a stop. */
  look(now: readonly bigint[], position: string): ReadonlySet<number> {
    if (position !== this.#position || now.some((bits, index) => bits !== this.#now?.[index])) {
      this.#before = this.#now;
      this.#now = now;
      this.#position = position;
    }
    const before = this.#before ?? now;
    return new Set(now.flatMap((bits, index) => (bits === before[index] ? [] : [index])));
  }
}
