// -e inject= and fault= as strace spells them, read into an Injection.
// trace-options.ts calls it.
import { classMembers } from '../debugger/trace/classes.ts';
import { type Injection, type Poke, parseDelay, parsePokes, parseWhen } from '../debugger/trace/injection.ts';
import { errnoNumber } from '../kernel/errno.ts';
import type { Syscall } from '../kernel/syscalls/syscall.ts';
import { allSyscalls } from '../kernel/syscalls/table.ts';
import { UsageError } from './failure.ts';
import { callFilter, demandSignal, unknown } from './trace-sets.ts';

const KEYS = [
  'error',
  'retval',
  'signal',
  'syscall',
  'delay_enter',
  'delay_exit',
  'poke_enter',
  'poke_exit',
  'when',
  'tid',
];

/** SET:error=E:when=N and the rest. Throws UsageError. */
export function parseInjection(text: string): Injection {
  const [list = '', ...settings] = text.split(':');
  let result: number | undefined;
  let signal: number | undefined;
  let delayEnterNs = 0;
  let delayExitNs = 0;
  let tid: number | undefined;
  let instead: Syscall | undefined;
  let pokesBefore: readonly Poke[] | undefined;
  let pokesAfter: readonly Poke[] | undefined;
  let when = { first: 1, last: Number.POSITIVE_INFINITY, step: 1 };
  for (const setting of settings) {
    const [key = '', value = ''] = setting.split('=');
    const rest = setting.slice(key.length + 1);
    switch (key) {
      case 'error': {
        const errno = /^\d+$/.test(value) ? Number(value) : errnoNumber(value);
        if (errno === undefined || errno < 1 || errno > 4095)
          throw new UsageError(`inject=${text}: there is no error ${value}`);
        result = -errno;
        break;
      }
      case 'retval':
        result = Number(value);
        if (!(result >= 0)) throw new UsageError(`inject=${text}: retval must be a number, not ${value}`);
        break;
      case 'signal':
        signal = demandSignal(value);
        break;
      case 'syscall':
        instead =
          pureCall(value) ?? unknown(`inject=${text}: ${value} is no call without arguments, as getpid is`);
        break;
      case 'poke_enter':
        pokesBefore = parsePokes(rest) ?? unknown(`inject=${text}: ${rest} is not @argN=HEXBYTES,…`);
        break;
      case 'poke_exit':
        pokesAfter = parsePokes(rest) ?? unknown(`inject=${text}: ${rest} is not @argN=HEXBYTES,…`);
        break;
      case 'delay_enter':
        delayEnterNs = parseDelay(value) ?? unknown(`inject=${text}: ${value} is no delay`);
        break;
      case 'delay_exit':
        delayExitNs = parseDelay(value) ?? unknown(`inject=${text}: ${value} is no delay`);
        break;
      case 'tid':
        tid = /^\d{1,9}$/.test(value) ? Number(value) : unknown(`inject=${text}: ${value} is no thread`);
        break;
      case 'when':
        when =
          parseWhen(value) ??
          unknown(`inject=${text}: ${value} is not FIRST, FIRST+, FIRST+STEP or FIRST..LAST`);
        break;
      default:
        throw new UsageError(`inject=${text}: ${KEYS.join('=, ')}= are known, not ${key}`);
    }
  }
  if (result !== undefined && instead !== undefined)
    unknown(`inject=${text}: a result or syscall=, not both`);
  if (/(?:^|:)error=/.test(text) && /:retval=/.test(text))
    throw new UsageError(`inject=${text}: either error= or retval=`);
  if (/(?:^|:)poke_exit=/.test(text) && result !== undefined)
    throw new UsageError(`inject=${text}: poke_exit= needs the call to be made`);
  const does = settings.some((setting) => !/^(?:when|tid)=/.test(setting));
  if (!does) unknown(`inject=${text}: says nothing to do: ${KEYS.slice(0, 6).join('=, ')}= …`);
  return {
    matches: callFilter(list, `inject=${text}`),
    result,
    signal,
    when,
    delayEnterNs,
    delayExitNs,
    ...(tid === undefined ? {} : { tid }),
    ...(instead === undefined ? {} : { instead }),
    ...(pokesBefore === undefined ? {} : { pokesBefore }),
    ...(pokesAfter === undefined ? {} : { pokesAfter }),
  };
}

/** A call that takes no arguments and changes nothing, so that it can be made in the place of any other. */
function pureCall(name: string): Syscall | undefined {
  return classMembers('pure')?.has(name) === true
    ? allSyscalls().find((row) => row?.name === name && row.kinds.length === 0)
    : undefined;
}
