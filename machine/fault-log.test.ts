// What the kernel's log says of programs that die of a fault (arch/riscv/kernel/traps.c, do_trap).
import { describe, expect, it } from 'vitest';
import { nodeHost } from '../cli/node-host.ts';
import { Machine } from './machine.ts';
import { ECALL, li, tinyProgram } from './tiny-program.test-support.ts';

const SW_ZERO_0X123 = 0x120021a3;
/** sigaction(SIGSEGV, what the stack has: zeros but for the handler, 0) with the handler at 0x11000 + `offset`. */
const handle = (offset: number): number[] => [
  0xfc010113, // addi sp, sp, -64
  0x000112b7, // lui t0, 0x11
  0x00028293 | (offset << 20), // addi t0, t0, offset
  0x00513023, // sd t0, 0(sp)
  0x00013423, // sd zero, 8(sp)
  0x00013823, // sd zero, 16(sp)
  ...[li(10, 11), 0x00010593, li(12, 0), li(13, 8), li(17, 134), ECALL],
];
const CRASH = tinyProgram(li(5, 5), SW_ZERO_0X123);
const ILLEGAL = tinyProgram(0);

async function logAfter(...programs: readonly Uint8Array[]): Promise<string[]> {
  const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
  for (const bytes of programs) await machine.spawn({ path: '/tmp/crash', bytes }).wait();
  const { log } = machine.kernel;
  const lines: string[] = [];
  for (let sequence = log.firstSequence + 1; sequence < log.nextSequence; sequence++) {
    const record = log.at(sequence);
    if (record !== undefined) lines.push(`<${record.priority}>${record.text}`);
  }
  return lines;
}

describe('a fault that nobody handles', () => {
  it('is told of with its registers and the code around', async () => {
    const lines = await logAfter(CRASH);
    expect(lines).toHaveLength(15);
    expect(lines[0]).toBe(
      '<6>crash[2]: unhandled signal 11 code 0x1 at 0x0000000000000123 in crash[1004,10000+2000]',
    );
    expect(lines[1]).toMatch(/^<4>CPU: 0 UID: 0 PID: 2 Comm: crash Not tainted 6\.\S+ #1 /);
    expect(lines[2]).toMatch(/^<4>epc : 0000000000011004 ra : 0{16} sp : [0-9a-f]{16}$/);
    expect(lines[3]).toBe(`<4> gp : ${'0'.repeat(16)} tp : ${'0'.repeat(16)} t0 : 0000000000000005`);
    expect(lines[10]).toMatch(/^<4> s8 : [0-9a-f]{16} s9 : [0-9a-f]{16} s10: [0-9a-f]{16}$/);
    expect(lines[13]).toMatch(/^<4>status: [0-9a-f]{16} badaddr: 0000000000000123 cause: 000000000000000f$/);
    expect(lines[14]).toBe('<6>Code: 0000 0000 0000 0000 0000 0000 0000 0000 0293 0050 (21a3) 1200 ');
  });

  it('of an illegal instruction has its address and cause', async () => {
    const lines = await logAfter(ILLEGAL);
    expect(lines[0]).toContain(': unhandled signal 4 code 0x1 at 0x0000000000011000 in crash[');
    expect(lines[13]).toMatch(/cause: 0000000000000002$/);
  });

  it('is told of ten times in five seconds', async () => {
    const lines = await logAfter(...Array.from({ length: 13 }, () => CRASH));
    expect(lines.filter((line) => line.includes('unhandled signal'))).toHaveLength(10);
  });

  it('is nothing to tell of when there is a handler', async () => {
    const handled = handle(14 * 4);
    expect(handled).toHaveLength(12);
    const bytes = tinyProgram(...handled, SW_ZERO_0X123, li(10, 1), li(10, 7), li(17, 94), ECALL);
    const machine = new Machine({ host: nodeHost(), virtualTime: true, seed: 1 });
    expect(await machine.spawn({ path: '/tmp/crash', bytes }).wait()).toMatchObject({ code: 7 });
    expect(machine.kernel.log.nextSequence).toBe(1);
  });
});
