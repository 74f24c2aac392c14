// The plain reading of `run`'s words against commander, which reads the same words when they are not plain.
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parsePlainRun } from './plain-run.ts';
import { addRunOptions, type RawOptions } from './run-options.ts';

/** What main.ts's action for `run` gets; undefined when commander ends with help or an error. */
function byCommander(words: readonly string[]): ReturnType<typeof parsePlainRun> {
  let read: ReturnType<typeof parsePlainRun>;
  const program = new Command('rivulet')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  addRunOptions(program.command('run'))
    .argument('<prog>')
    .argument('[args...]')
    .passThroughOptions()
    .action((prog: string, args: string[], options: RawOptions) => {
      read = { program: prog, args, options };
    });
  try {
    program.parse(['run', ...words], { from: 'user' });
  } catch {
    return undefined;
  }
  return read;
}

describe('a plain run', () => {
  test.each([
    [['./hello']],
    [['./hello', '--help', '-x', '--', 'a b', '']],
    [['']],
    [['--', './hello', '--help', '--', '-x']],
    [['--', '--help', 'x']],
    [['--warn', '--', './hello', '--warn']],
    [['--root', '--', 'sh', '--', '-c']],
    [['--root', 'debian', 'sh', '-c', 'ls']],
    [['--root=debian', 'sh']],
    [['--root=', 'sh']],
    [['--env', 'A=1', '--env=B=2', '--mount', 'a:/a', '--mount=b:/b:rw', 'sh']],
    [['--no-jit', '--virtual-time', '--warn', './a']],
    [['--ulimit', 'core=unlimited', '--ulimit=nofile=3:4', './a']],
    [['--timeout', '-5', './a']],
    [['--uid', '1', '--gid=2', '--max-processes', '3', '--seed', '0', '--uid', '7', './a']],
    [['--cwd', '/tmp', '--argv0', '--root', '--memory', '1G', './a', '--memory', '2G']],
  ])('%j is read as commander reads it', (words) => {
    const read = parsePlainRun(words);
    expect(read).toBeDefined();
    // commander's --no-jit makes `jit` true where it is not given
    expect({ ...read, options: { jit: true, ...read?.options } }).toEqual(byCommander(words));
  });

  test.each([
    [[]],
    [['--help']],
    [['-h', './a']],
    [['--root']],
    [['--warn=yes', './a']],
    [['--jit', './a']],
    [['--roott', 'x', './a']],
    [['-']],
    [['--']],
    [['--no-jit']],
    [['--strace', './a']],
    [['--seed', '1', '--leaks', './a']],
    [['--stats', './a']],
    [['--schedule', 'none', './a']],
  ])('%j is left to commander', (words) => {
    expect(parsePlainRun(words)).toBeUndefined();
  });
});
