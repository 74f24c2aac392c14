// The options of `test` besides those of `run`, and its help.
// main.ts declares them without loading what they are for; test.ts reads them.
import type { Command } from 'commander';

/** Declares the options on `command`. */
export function addTestOptions(command: Command): Command {
  return command
    .option('-j, --jobs <n>', 'programs to run at the same time (as many as there are processors)')
    .option('--expected <dir>', 'where the .txt files lie, if not beside the programs')
    .option('--update', 'write down what the programs do now, as what is expected')
    .option('--tap', 'report as TAP version 14')
    .option('--junit <file>', 'also write a JUnit XML report');
}

export const TEST_HELP = `
A test is a riscv64 program PROGRAM with a file PROGRAM.txt beside it: header lines "# args: …", "# stdin: …",
"# env: …", "# options: …", "# timeout: …", "# run: …", "# skip: …"; then "exit N"; then its standard output, byte
for byte. Standard input can also be a file PROGRAM.in. Each program runs in an empty directory of its own and sees DIR
at its own path. The options of run hold for all; --timeout is for each program (60). docs/testing.md says more.

Status: 0 when nothing failed, else 1; 125 when DIR has no tests.

Examples:
  rivulet test tests/                        every program below tests/
  rivulet test tests/ socket poll            those whose names have socket or poll in them
  rivulet test --update tests/ new-one       write down what it does
  rivulet test --tap --junit report.xml -j 8 tests/
  rivulet test --root debian-rv64 tests/     programs that need shared libraries`;
