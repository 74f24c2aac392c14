// What strace's letters and expressions mean, and what is said of wrong ones.
import { describe, expect, it } from 'vitest';
import { noLetters, type RawTraceOptions } from './trace-flags.ts';
import { readTraceOptions } from './trace-options.ts';

const read = (raw: RawTraceOptions, letters: Partial<ReturnType<typeof noLetters>> = {}) =>
  readTraceOptions(raw, { ...noLetters(), ...letters });

describe('options of trace', () => {
  it('that are letters and their long forms mean the same', () => {
    const short = read(
      { o: 'f', s: '5', a: '9', k: true, T: true, r: true, n: true, i: true },
      { x: 2, y: 2, t: 3, f: 2 },
    );
    const long = read({
      output: 'f',
      stringLimit: '5',
      columns: '9',
      stackTraces: true,
      syscallTimes: true,
      relativeTimestamps: true,
      syscallNumber: true,
      instructionPointer: true,
      stringsInHex: true,
      decodeFds: 'all',
      absoluteTimestamps: 'unix,us',
      outputSeparately: true,
    });
    const plain = (settings: ReturnType<typeof read>) => JSON.stringify(settings);
    expect(plain(long)).toBe(plain(short));
    expect(short.trace).toMatchObject({
      stringLimit: 5,
      hexStrings: 'all',
      decodeFds: 2,
      stamp: 'unix',
      stampDigits: 6,
      isSeparate: true,
    });
  });

  it('that name calls, ends and descriptors choose them, with ! the others', () => {
    const { trace } = read({ e: ['status=!failed', 'raw=write', 'read=3,4', 'write=!1', 'quiet=exit'] });
    expect([...(trace.statuses ?? [])]).toEqual(['successful', 'unfinished']);
    expect([trace.isRaw('write'), trace.isRaw('read')]).toEqual([true, false]);
    expect([trace.dumpsReads(4), trace.dumpsReads(1)]).toEqual([true, false]);
    expect([trace.dumpsWrites(1), trace.dumpsWrites(2)]).toEqual([false, true]);
    expect([...trace.quiet]).toEqual(['exit']);
    for (const raw of [{ e: ['trace-fds=3,5'] }, { e: ['fd=3,5'] }, { traceFds: ['3,5'] }])
      expect([3, 4, 5].map((fd) => read(raw).trace.tracesFd?.(fd))).toEqual([true, false, true]);
    expect(read({}).trace.tracesFd).toBeUndefined();
    expect([...(read({ Z: true }).trace.statuses ?? [])]).toEqual(['failed']);
    expect([...read({}, { q: 2 }).trace.quiet]).toEqual(['attach', 'exit']);
    expect(read({ S: 'name', U: 'name,calls,time_percent' })).toMatchObject({
      sortBy: 'name',
      columns: ['name', 'calls', 'time'],
    });
  });

  it.each<[RawTraceOptions, string]>([
    [{ e: ['status=nosuch'] }, "invalid status 'nosuch'"],
    [{ e: ['read=x'] }, "invalid descriptor 'x'"],
    [{ e: ['quiet=x'] }, "invalid quiet 'x'"],
    [{ S: 'x' }, "invalid sortby: 'x'"],
    [{ U: 'x' }, "unknown column name: 'x'"],
    [{ s: 'x' }, '-s x: must be a whole number'],
  ])('that are wrong are told: %j', (raw, message) => {
    expect(() => read(raw)).toThrow(message);
  });

  it('that name calls take numbers and @64, and say what riscv64 has instead', () => {
    const { trace } = read({ e: ['trace=64,read@64,?nosuch'] });
    expect(['write', 'read', 'close'].map((name) => trace.isTraced(name))).toEqual([true, true, false]);
    expect(() => read({ e: ['inject=fork:error=EAGAIN'] })).toThrow(
      'inject=fork:error=EAGAIN: riscv64 has no system call fork; programs use clone',
    );
  });

  it('that say how much is shown count for some calls only', () => {
    const { trace } = read({ e: ['abbrev=none', 'verbose=!fstat'], b: 'execve', decodePids: 'comm' });
    expect(trace.isVerbose('uname')).toBe(true);
    expect([trace.isAddressOnly('fstat'), trace.isAddressOnly('uname')]).toEqual([true, false]);
    expect([trace.detachesOn('execve'), trace.detachesOn('read'), trace.namesPids]).toEqual([
      true,
      false,
      true,
    ]);
    expect(read({ absoluteTimestamps: 'precision:ns,format:unix' }).trace).toMatchObject({
      stamp: 'unix',
      stampDigits: 9,
    });
  });

  it('that strace has and a trace of ours has not are refused with what there is instead', () => {
    for (const raw of [
      { u: 'root' },
      { b: 'fork' },
      { X: 'raw' },
      { decodePids: 'pidns' },
      { pidnsTranslation: true },
      { V: true },
      { stackTrace: 'source' },
      { syscallTimes: 'hours' },
      { absoluteTimestamps: 'hours' },
      { e: ['decode-fds=nosuch'] },
      { e: ['inject=read:error=EIO:retval=3'] },
      { e: ['inject=read:syscall=read'] },
      { e: ['inject=read:error=EIO:poke_exit=@arg2=00'] },
      { e: ['inject=read:poke_enter=@arg7=00'] },
      { e: ['inject=read:when=2'] },
    ])
      expect(() => read(raw)).toThrow();
    expect(read({ X: 'abbrev', e: ['kvm=vcpu', 'decode-fds=path'] }).trace.decodeFds).toBe(1);
    expect(read({ syscallTimes: 'ns' }).trace).toMatchObject({ showsDuration: true, durationDigits: 9 });
  });
});
