// The prompt's commands on the acceptance programs, as scripts drive them.
import { describe, expect, it } from 'vitest';
import { promptOn } from './prompt.test-support.ts';

describe('stepping by system calls', () => {
  it('shows a descriptor leave one process and arrive in the other', async () => {
    const { run } = promptOn('rights');
    const sent = await run('catch syscall sendmsg', 'c', 'sc');
    expect(sent).toContain('Catchpoint 1 (call to sendmsg)\n[pid 2] sendmsg(3, {msg_name=NULL');
    expect(sent).toContain('    queued 1 byte at UNIX:[1004->1003] (fd 4 of pid 3), which has 1 unread\n');
    expect(sent).toContain('    in flight to UNIX:[1004->1003] (fd 4 of pid 3): /tmp/rivulet-demo-rights\n');
    expect(await run('info sockets')).toMatch(/^1004 .* \/tmp\/rivulet-demo-rights +3:4 /m);
    const received = await run('delete', 'catch syscall recvmsg', 'c', 'c');
    expect(received).toContain('    arrived as fd 3: /tmp/rivulet-demo-rights\n');
    expect(received).toContain(
      '    took 1 byte from UNIX:[1004->1003] (fd 4 of pid 3), which has 0 unread\n',
    );
    expect(received).toContain(
      '    received from UNIX:[1004->1003] (fd 4 of pid 3): /tmp/rivulet-demo-rights\n',
    );
  });

  it('makes a call fail, goes back, and takes the other branch', async () => {
    const { run } = promptOn('rights');
    const failed = await run('catch syscall sendmsg', 'c', 'return EMFILE', 'c', 'delete', 'c');
    expect(failed).toContain(
      'sendmsg will return -1 EMFILE (Too many open files); the kernel will not see it.',
    );
    expect(failed).toContain('= -1 EMFILE (Too many open files) (INJECTED)');
    expect(await run('info syscalls 100')).toMatch(
      /sendmsg\(3, .* = -1 EMFILE \(Too many open files\) \(INJECTED\)\n/,
    );
    expect(failed).toContain('parent: sendmsg: ');
    expect(failed).toContain('[pid 2 (rights) exited with 1]');
    const other = promptOn('rights');
    await other.run('catch syscall sendmsg', 'c', 'return EMFILE', 'c');
    expect(await other.run('rsc')).toContain('[pid 2] sendmsg(3, ');
    const good = await other.run('delete', 'c');
    expect(good).toContain('child: read 9 bytes through the passed file: "abcdefghi"');
    expect(good).toContain('[pid 2 (rights) exited with 0]');
  });

  it('takes breakpoints after the end, for the next run', async () => {
    const { run } = promptOn('pair');
    await run('catch syscall socketpair', 'c', 'delete', 'c');
    expect(await run('break main', 'info break')).toMatch(
      /^Breakpoint 2 \(main\) pending\.\n.*\n2 .* <PENDING> +main\n$/s,
    );
    expect(await run('break')).toBe('No stack.\n');
  });

  it('shows the last calls of ground that was gone over without a look', async () => {
    const seen = promptOn('rights');
    await seen.run('catch syscall sendmsg', 'c');
    const calls = await seen.run('info syscalls');
    expect(calls).toContain('openat(');
    const { tick } = seen.engine.debugging.session.position;
    const other = promptOn('rights');
    await other.run(`goto ${tick}+call`);
    expect(other.engine.debugging.session.hasUntold).toBe(true);
    expect(await other.run('info syscalls')).toBe(calls);
  });

  it('replaces a result after the call', async () => {
    const { run } = promptOn('rights');
    const text = await run('catch syscall openat', 'c', 'c', 'return EACCES', 'delete', 'c');
    expect(text).toContain('openat of pid 2 returns -1 EACCES (Permission denied); what it did stays done.');
    expect(text).toContain('open: ');
  });

  it('tells of a call that goes to sleep, and who can wake it', async () => {
    const { run } = promptOn('rights');
    await run('catch fork', 'c', 'delete');
    const text = await run('sc 40');
    expect(text).toMatch(/\[pid 2\] wait4 sleeps: waits for a child, which is up to pid 3/);
  });
});

const WAIT =
  'Make breakpoint pending on future shared library load? (y or [n]) [answered N; input not from terminal]\n';

describe('wrong commands', () => {
  it.each([
    ['nonsense', 'Undefined command: "nonsense".  Try "help".\n'],
    [
      're',
      'Ambiguous command "re": restart, return, reverse-continue, reverse-finish, reverse-next, reverse-step, reverse-stepi, reverse-syscall.\n',
    ],
    ['break nowhere', `No symbol table is loaded.  Use the "file" command.\n${WAIT}`],
    ['break 3', `No symbol table is loaded.  Use the "file" command.\n${WAIT}`],
    ['break x.c:3', `No source file named x.c.\n${WAIT}`],
    ['process 99', 'No process 99.  There are: 2.\n'],
    ['thread x', 'x is no number of a thread\n'],
    ['catch syscall nothing', "Unknown syscall name 'nothing'.\n"],
    ['catch signal SIGNOTHING', "Unknown signal name 'SIGNOTHING'.\n"],
    ['delete 4', 'No breakpoint number 4.\n'],
    [
      'return EMFILE',
      'No system call begins or ends here: `syscall` runs to one, and `set $a0 = …` sets a register.\n',
    ],
    ['set $a0', 'set PLACE = EXPRESSION, as in: set $a0 = 0\n'],
    ['set', 'Argument required (expression to compute).\n'],
    ['set print nothing', 'Undefined set print command: "nothing".  Try "help set print".\n'],
    ['trace main', 'Tracepoints are not supported: dprintf prints at a place without stopping.\n'],
    ['python print(1)', 'Scripts are gdb commands here: define, if, while, printf.  See `help define`.\n'],
    ['end', 'This command cannot be used at the top level.\n'],
    ['loop_break', 'This command cannot be used at the top level.\n'],
    ['catch nothing', 'Undefined catch command: "nothing".  Try "help catch".\n'],
    ['p $$99', '$1 = void\n'],
    ['restart 3', 'Not found: checkpoint id 3\n'],
    ['set $zero = 1', '$zero is always 0\n'],
    ['x/q 0', 'Undefined output format "q".\n'],
    ['x 0', '0x0:\tCannot access memory at address 0x0\n'],
    ['goto x', 'goto TICK, TICK+ADDRESS or TICK+call, as `when` shows them\n'],
    ['info nothing', expect.stringContaining('Undefined info command: "nothing".')],
    ['watch 0 8', 'Cannot access memory at address 0x0\n'],
    ['stepi -1', '-1: a count of 1 or more is expected\n'],
    ['list', 'No symbol table is loaded.  Use the "file" command.\n'],
    ['frame 7', 'No frame at level 7.\n'],
    ['panels', 'Panels want a terminal.\n'],
    ['panels large', 'panels on, off, source or instructions\n'],
    ['source nothing', 'nothing: No such file or directory.\n'],
    ['', ''],
    ['# a comment', ''],
  ])('%s', async (line, message) => {
    expect(await promptOn('hello').run(line)).toEqual(message);
  });

  it('a program that has ended can be asked nothing, and run again', async () => {
    const { run } = promptOn('hello');
    expect(await run('c')).toContain('[pid 2 (hello) exited with 0]\nThe program has ended.\n');
    for (const line of ['c', 'si', 'sc', 'bt', 'info fds', 'x/i $pc', 'finish']) {
      expect(await run(line)).toMatch(/^(?:The program is not being run\.|No stack\.|No registers\.)/);
    }
    expect(await run('run')).toContain('exited with 0]');
    expect(await run('p $_exitcode')).toBe('$1 = 0\n');
    expect(await run('rsc')).toBe('The program has ended.\nafter [pid 2] exit_group(0) = ?\n');
    expect(await run('rsc')).toBe('[pid 2] exit_group(0 ...\n');
  });

  it('a breakpoint where no memory is says that it waits for code', async () => {
    const { run } = promptOn('hello');
    expect(await run('break *0x10')).toBe(
      'Breakpoint 1 at 0x10\nwarning: no memory at 0x10 now; the breakpoint waits for code there\n',
    );
    expect(await run('break *$pc')).toMatch(/^Breakpoint 2 at 0x\w+\n$/);
    expect(await run('delete 2', 'c')).toContain('[pid 2 (hello) exited with 0]');
  });

  it('Ctrl-C stops a guest that never ends', async () => {
    const loop = new Uint8Array(0x100); // an ELF file whose code is `j .`
    const view = new DataView(loop.buffer);
    loop.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    view.setUint16(16, 2, true);
    view.setUint16(18, 243, true);
    view.setUint32(20, 1, true);
    view.setBigUint64(24, 0x10080n, true);
    view.setBigUint64(32, 64n, true);
    view.setUint16(52, 64, true);
    view.setUint16(54, 56, true);
    view.setUint16(56, 1, true);
    view.setUint32(64, 1, true);
    view.setUint32(68, 5, true);
    view.setBigUint64(80, 0x10000n, true);
    view.setBigUint64(96, 0x100n, true);
    view.setBigUint64(104, 0x100n, true);
    view.setBigUint64(112, 0x1000n, true);
    view.setUint32(0x80, 0x0000006f, true);
    const prompt = promptOn(loop);
    prompt.onBreath = (count) => {
      if (count === 2) prompt.engine.debugging.interrupt();
    };
    expect(await prompt.run('c')).toBe(
      'Interrupted.\n0x0000000000010080 in ?? ()\n=> 0x10080:\tj\t0x10080\n',
    );
    let last = 0;
    prompt.onBreath = (count) => {
      last = count;
      if (count === 6) prompt.engine.debugging.interrupt(); // among many short runs
    };
    expect(await prompt.run('stepi 100000')).toBe(
      'Interrupted.\n0x0000000000010080 in ?? ()\n=> 0x10080:\tj\t0x10080\n',
    );
    expect(last).toBe(6);
    expect(await prompt.run('kill')).toContain('killed by SIGKILL');
  });
});

describe('time travel', () => {
  it('goto comes to what when said', async () => {
    const { run } = promptOn('pair');
    await run('catch syscall write', 'c');
    const when = await run('when');
    const position = /Position (\S+),/.exec(when)?.[1] ?? '';
    expect(position).toMatch(/^\d+\+call$/);
    const registers = await run('info registers');
    await run('delete', 'sc 20');
    expect(await run(`goto ${position}`)).toContain('write(3, ');
    expect(await run('info registers')).toBe(registers);
    expect(await run('goto 0', 'rsi')).toContain('No more reverse-execution history');
  });

  it('reverse-stepi undoes stepi', async () => {
    const { run } = promptOn('hello');
    await run('si 20');
    const before = await run('info registers');
    await run('si 3', 'rsi 3');
    expect(await run('info registers')).toBe(before);
  });
});

describe('stop points', () => {
  it('catch fd and catch socket stop at calls about them only', async () => {
    const { run } = promptOn('rights');
    expect(await run('catch fd 4', 'c')).toContain('[pid 2] close(4 ...');
    const both = promptOn('both');
    expect(await both.run('catch socket /demo/rivulet-demo-socket', 'catch exec', 'c')).toContain(
      "Catchpoint 2 (exec'd",
    );
  });

  it('watch stops when memory changes, with both values', async () => {
    const { run } = promptOn('rights');
    await run('catch syscall socketpair', 'c', 'delete');
    const text = await run('watch *(int *)$a3', 'c');
    expect(text).toMatch(/Hardware watchpoint 2: \*\(int \*\)\$a3\n\nOld value = -?\d+\nNew value = 3\n/);
  });

  it('conditions, tbreak, disable and info break work as in gdb', async () => {
    const { run } = promptOn('hello');
    await run('si 5');
    const pc = /0x[0-9a-f]+/.exec(await run('p $pc'))?.[0] ?? '';
    await run('goto 0', `tbreak *${pc} if $sp == 0`, `break *${pc} if $sp != 0`, 'disable 1');
    expect(await run('c')).toContain(
      `\nBreakpoint 2, ${pc.replace('0x', '0x'.padEnd(20 - pc.length, '0'))} in `,
    );
    const list = await run('info break');
    expect(list).toMatch(/^1 +breakpoint +del +n +0x/m);
    expect(list).toMatch(
      /^2 +breakpoint +keep +y .*\n\tstop only if \$sp != 0\n\tbreakpoint already hit 1 time$/m,
    );
  });
});

describe('looking', () => {
  it('help knows every command and info every subject', async () => {
    const prompt = promptOn('hello');
    const help = await prompt.run('help');
    for (const { name } of prompt.engine.commands) {
      expect(help).toContain(`  ${name}`);
      expect(await prompt.run(`help ${name}`)).toContain(name);
    }
  });

  it('shows all of one socket: both ends, whose credentials, what waits in it', async () => {
    const { run } = promptOn('rights');
    await run('catch syscall sendmsg', 'c', 'c');
    expect((await run('info sockets 1004')).split('\n')).toEqual([
      'socket       UNIX stream 1004, connected',
      'name         -',
      'held by      fd 4 of pid 3 (rights)',
      'peer         1003, held by fd 3 of pid 2 (rights), fd 3 of pid 3 (rights)',
      'SO_PEERCRED  pid 2, uid 0, gid 0, as of connect, listen or socketpair',
      'send buffer  0 of 212992 B in messages that nobody has read',
      'queue        1 messages, 1 B unread',
      '  1: 1 B "F"; from 1003; with /tmp/rivulet-demo-rights',
      '',
    ]);
    expect(await run('info sockets 3')).toMatch(/^socket +UNIX stream 1003, connected\n/);
    expect(await run('info sockets 0')).toBe('fd 0 is no AF_UNIX socket but pipe:[1000].\n');
    expect(await run('info sockets 77')).toContain('There is no AF_UNIX socket 77');
  });

  it('prints sockets as a graph', async () => {
    const { run } = promptOn('rights');
    await run('catch syscall sendmsg', 'c', 'c');
    const dot = await run('info sockets --graph');
    expect(dot).toContain('digraph sockets {');
    expect(dot).toContain('s1004 -> f1 [style=dashed, label="in flight"];');
    expect(dot).toContain('p2 -> s1003 [label="3"];');
  });

  it('completes commands, subjects and system calls', () => {
    const { engine } = promptOn('hello');
    expect(engine.completions('rev')[0]).toContain('reverse-syscall');
    expect(engine.completions('info so')[0]).toEqual(['sockets', 'source', 'sources']);
    expect(engine.completions('info w')[0]).toEqual(['wait', 'watchpoints']);
    expect(engine.completions('whe')[0]).toEqual(['when', 'where']);
    expect(engine.completions('rs')[0]).toEqual(['rs', 'rsc', 'rsi']);
    expect(engine.completions('br')[0]).toEqual(['break']); // not br and brea
    expect(engine.completions('set va')[0]).toEqual(['var', 'variable']);
    expect(engine.completions('help tu')[0]).toEqual(['tui']);
    expect(engine.completions('catch syscall sendm')[0]).toEqual(['sendmmsg', 'sendmsg']);
    expect(engine.completions('nothing x')[0]).toEqual([]);
  });

  it('changes registers and memory', async () => {
    const { run } = promptOn('hello');
    expect(
      await run('set $a0 = 0x1234', 'p/x $a0', 'set {int}$sp = 77', 'p {int}$sp', 'p $x = 5', 'p $x + 1'),
    ).toBe('$1 = 0x1234\n$2 = 77\n$3 = 5\n$4 = 6\n');
  });
});
