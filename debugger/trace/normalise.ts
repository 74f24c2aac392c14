// Traces made comparable: strace's of a native program and ours of the same one built for riscv64.
// The acceptance test and scripts/traces.ts use it. Gone are pids, addresses, interleaving, times, what only one of the
// architectures or C libraries does at start-up, and retries of a client that was faster than its server. SIGCHLD comes
// whenever it does, and two may be one: the first stands at the end.

/** Calls of loaders and C libraries, which say nothing about the program. */
const START_UP =
  /^(brk|mmap|munmap|mprotect|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64|getrandom|access|pread64|newfstatat|fstat)\(|\/proc\/self\/exe|^clock_nanosleep\(|= -1 ENOENT .*$(?<=^connect.*)/;

/** x86_64's old calls as the *at calls that riscv64 has. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/^unlink\((".*?")\)/, 'unlinkat(AT_FDCWD, $1, 0)'],
  [/^clone\(.*\) = /, 'clone() = '],
  [/^execve\("(?:.*?\/)?([\w-]+)", \["(?:.*?\/)?([\w-]+)"\], .*?\) = 0/, 'execve("$1", ["$2"]) = 0'],
  [/si_utime=\d+(?: \/\*.*?\*\/)?, si_stime=\d+(?: \/\*.*?\*\/)?/, 'si_utime=0, si_stime=0'],
];

/** The trace of `-f -o FILE` as one list of lines for each process, in the order in which they were made. */
export function normaliseTrace(trace: string): string {
  const processes = new Map<string, string[]>();
  const unfinished = new Map<string, string>();
  for (const line of trace.split('\n')) {
    const match = /^(\d+) +(.*)$/.exec(line);
    if (match === null) continue;
    const [, pid = '', text = ''] = match;
    const lines = processes.get(pid) ?? [];
    processes.set(pid, lines);
    const cut = /^(.*) <unfinished \.\.\.>$/.exec(text);
    if (cut !== null) {
      unfinished.set(pid, cut[1] ?? '');
      continue;
    }
    const whole = text
      .replace(/^<\.\.\. \w+ resumed>/, () => unfinished.get(pid) ?? '')
      .replace(/, {2,}/, ', ');
    lines.push(whole.replace(/\) +(?=[=])/, ') '));
  }
  const pids = [...processes.keys()].sort((a, b) => Number(a) - Number(b));
  const numbered = (text: string): string =>
    pids.reduce(
      (line, pid, index) => line.replaceAll(new RegExp(`(?<![\\w.])${pid}(?!\\w)`, 'g'), `P${index + 1}`),
      text,
    );
  const isPid = /^(clone|wait4|waitid|kill|getpid)\(|si_pid=/;
  return pids
    .map((pid, index) => {
      const lines = (processes.get(pid) ?? [])
        .map((line) => REWRITES.reduce((text, [from, to]) => text.replace(from, to), line))
        .filter((line) => !START_UP.test(line) && !line.includes('= ? ERESTART'))
        .map((line) => (isPid.test(line) ? numbered(line) : line));
      const isChild = (line: string): boolean => line.startsWith('--- SIGCHLD');
      const child = lines.find(isChild);
      const ordered = lines.filter((line) => !isChild(line));
      if (child !== undefined) ordered.push(child);
      return `P${index + 1}\n${ordered.map((line) => `  ${line}\n`).join('')}`;
    })
    .join('');
}
