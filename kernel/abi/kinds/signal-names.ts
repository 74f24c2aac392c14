// Signal numbers as words: SIGINT, SIGRT_5; and sets of them: [INT TERM], ~[KILL STOP].
// Kinds, the trace's signal lines and /proc readers for people call it.
// Numbering is asm-generic's, which riscv64 and x86_64 share; real-time signals start at 32 (the kernel's view).

/** Names by number, without SIG. */
const SIGNAL_WORDS = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU ' +
  'XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

const SIGRTMIN = 32;
const SIGNAL_COUNT = 64;

function word(signo: number): string | undefined {
  if (signo === SIGRTMIN) return 'RTMIN';
  if (signo > SIGRTMIN && signo <= SIGNAL_COUNT) return `RT_${signo - SIGRTMIN}`;
  return SIGNAL_WORDS[signo - 1];
}

/** `SIGINT`; the number alone when there is no such signal. */
export function signalName(signo: number): string {
  const known = word(signo);
  return known === undefined ? String(signo) : `SIG${known}`;
}

/** The number of a name with or without SIG; undefined when there is none. */
export function signalNumber(name: string): number | undefined {
  const bare = name.toUpperCase().replace(/^SIG/, '');
  for (let signo = 1; signo <= SIGNAL_COUNT; signo++) if (word(signo) === bare) return signo;
  return undefined;
}

/** A mask (bit n-1 = signal n): `[]`, `[INT TERM]`, or inverted `~[KILL STOP]` when more than two thirds are in. */
export function signalSetText(mask: bigint): string {
  const inside: string[] = [];
  const outside: string[] = [];
  for (let signo = 1; signo <= SIGNAL_COUNT; signo++) {
    const name = word(signo) ?? String(signo);
    if ((mask >> BigInt(signo - 1)) & 1n) inside.push(name);
    else outside.push(name);
  }
  const isInverted = inside.length >= (SIGNAL_COUNT * 2) / 3;
  return isInverted ? `~[${outside.join(' ')}]` : `[${inside.join(' ')}]`;
}
