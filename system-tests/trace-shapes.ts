// Lines of a trace without what differs between two machines: which sorts of lines there are.
// strace-alike.test.ts compares those of strace with ours.

/** Calls of loaders and C libraries, which differ by architecture and linkage, and lines that depend on the moment. */
const LEFT_OUT =
  /^(?:brk|mmap|munmap|mprotect|madvise|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64\(0, RLIMIT_STACK|getrandom|faccessat\(AT_FDCWD, "\/etc\/ld|pread64\(3, "\\6|newfstatat\(\d, ""|openat\(AT_FDCWD, "\/(?:etc\/ld|lib)|read\(3, "\\177ELF|close\(|readlinkat\(AT_FDCWD, "\/proc\/self\/exe|riscv_hwprobe|execve|alarm|setitimer|clock_gettime|clock_nanosleep|futex|exit_group|write\(1, |.*= \? ERESTART)/;

/** Older calls as the ones that riscv64 has instead. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/^open\(/, 'openat(AT_FDCWD, '],
  [/^creat\((.*), (\d+)\) =/, 'openat(AT_FDCWD, $1, O_WRONLY|O_CREAT|O_TRUNC, $2) ='],
  [/^unlink\((.*?)\) =/, 'unlinkat(AT_FDCWD, $1, 0) ='],
  [/^rmdir\((.*?)\) =/, 'unlinkat(AT_FDCWD, $1, AT_REMOVEDIR) ='],
  [/^access\(/, 'faccessat(AT_FDCWD, '],
  [/^(mkdir|mknod|readlink)\(/, '$1at(AT_FDCWD, '],
  [/^chmod\(/, 'fchmodat(AT_FDCWD, '],
  [/^chown\((.*)\) =/, 'fchownat(AT_FDCWD, $1, 0) ='],
  [/^symlink\((.*), (.*)\) =/, 'symlinkat($1, AT_FDCWD, $2) ='],
  [/^link\((.*), (.*)\) =/, 'linkat(AT_FDCWD, $1, AT_FDCWD, $2, 0) ='],
  [/^rename\((.*), (.*)\) =/, 'renameat2(AT_FDCWD, $1, AT_FDCWD, $2, 0) ='],
  [/^pipe\((.*)\) =/, 'pipe2($1, 0) ='],
  [/^dup2\((.*)\) =/, 'dup3($1, 0) ='],
  [/^getpgrp\(\)/, 'getpgid(0)'],
  [/^eventfd\((.*)\) =/, 'eventfd2($1, 0) ='],
  [/^epoll_wait\((.*)\) =/, 'epoll_pwait($1, NULL, 8) ='],
  [/^pause\(\)/, 'ppoll(NULL, 0, NULL, NULL, 8)'],
  // timeouts in and out, which poll does not have
  [/^ppoll\((.*), (?:NULL|\{tv_sec=\d+, tv_nsec=\d+\}), (?:NULL|~?\[[^\]]*\]), \d+\) =/, 'ppoll($1) ='],
  [/^poll\((.*), -?\d+\) =/, 'ppoll($1) ='],
  [/^(ppoll\(.*), left \{tv_sec=\d+, tv_nsec=\d+\}\)$/, '$1)'],
  // with clone3 a library of one architecture makes threads, with clone that of the other
  [/^clone3?\(.*(CLONE_(?:THREAD|VFORK)).*\) =/, 'clone($1) ='],
  [/^vfork\(\)/, 'clone(CLONE_VFORK)'],
  [/SA_RESTORER\|?/g, ''],
  [/, sa_restorer=0x[0-9a-f]+/g, ''],
  [/sa_flags=\}/g, 'sa_flags=0}'],
  [/si_([us]time)=\d+(?: \/\*.*?\*\/)?/g, 'si_$1=0'],
  [/RLIM(?:64)?_INFINITY|\d+\*1024(?:\*1024)?/g, '9'],
];

/** Strings, numbers and lists of numbers. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/"(?:\\.|[^"\\])*"(\.\.\.)?/g, '"S"$1'],
  [/-?\b0x[0-9a-f]+\b/g, 'N'],
  [/-?\b\d+\b/g, 'N'],
  [/(?:N, ){2,}/g, 'N.., '],
];

/** The shapes of the lines of `-f -o FILE`, each once, in order of the alphabet. */
export function traceShapes(trace: string): string[] {
  const unfinished = new Map<string, string>();
  const shapes = new Set<string>();
  for (const line of trace.split('\n')) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const cut = /^(.*) <unfinished \.\.\.>$/.exec(text);
    if (cut !== null) {
      unfinished.set(pid, cut[1] ?? '');
      continue;
    }
    const whole = text
      .replace(/^<\.\.\. \w+ resumed>/, () => unfinished.get(pid) ?? '')
      .replace(/, {2,}/, ', ')
      .replace(/\) +=/, ') =');
    const rewritten = REWRITES.reduce((so, [from, to]) => so.replace(from, to), whole);
    if (text === '' || LEFT_OUT.test(rewritten)) continue;
    shapes.add(VALUES.reduce((so, [from, to]) => so.replace(from, to), rewritten));
  }
  return [...shapes].sort();
}
