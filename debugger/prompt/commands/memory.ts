// Memory as it is: x and disassemble.
// engine.ts lists them; examine.ts does the work.
// Reading never changes the run.
import type { Command } from '../command.ts';
import { expressionWords, locationWords } from '../completion.ts';
import { disassembleCommand } from '../disassembly.ts';
import { examine } from '../examine.ts';

export const MEMORY_COMMANDS: readonly Command[] = [
  {
    name: 'x',
    group: 'data',
    usage: 'x/NFU ADDRESS',
    help: 'Show memory: N units of size U (b 1, h 2, w 4, g 8 bytes) in format F (x d u o t a c f z), F = s strings, i instructions.\nAs in x/8xg $sp, x/s $a1, x/5i $pc. $_ is then the last address, $__ what is there.',
    repeats: 'bare',
    complete: expressionWords,
    run: examine,
  },
  {
    name: 'disassemble',
    aliases: ['disas'],
    group: 'data',
    usage: 'disassemble [/rs] [LOCATION | START,END | START,+LENGTH]',
    help: 'Show the instructions of the function at pc, of another, or of a range.\n/r: with their bytes; /s: with the lines of source that they come from.',
    repeats: 'no',
    complete: locationWords,
    run: disassembleCommand,
  },
];
