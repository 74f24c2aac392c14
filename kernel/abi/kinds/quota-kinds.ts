// Kinds of quotactl: the command with its kind of quota, and what it has beside that.
import type { Kind } from '../kind.ts';
import { Q_SYNC } from '../quota.ts';
import { kind } from './basic.ts';
import { nameOf, names, pointer } from './format.ts';

const Q_QUOTAOFF = 0x80_0003;
const COMMANDS = names({
  Q_SYNC,
  Q_QUOTAON: 0x80_0002,
  Q_QUOTAOFF,
  Q_GETFMT: 0x80_0004,
  Q_GETINFO: 0x80_0005,
  Q_SETINFO: 0x80_0006,
  Q_GETQUOTA: 0x80_0007,
  Q_SETQUOTA: 0x80_0008,
  Q_GETNEXTQUOTA: 0x80_0009,
});
const TYPES = names({ USRQUOTA: 0, GRPQUOTA: 1, PRJQUOTA: 2 });

/** `QCMD(Q_GETQUOTA, USRQUOTA)`. */
export const QuotaCommand: Kind = kind('quota command', 'u32', (value) => {
  const command = nameOf(value >>> 8, COMMANDS, 'Q_???');
  return `QCMD(${command}, ${nameOf(value & 0xff, TYPES, '???QUOTA')})`;
});

function commandOf(args: Readonly<Record<string, number>>): string | undefined {
  return COMMANDS.find(([, number]) => number === (args.cmd ?? 0) >>> 8)?.[0];
}

const WITHOUT_ID = ['Q_SYNC', 'Q_QUOTAOFF', 'Q_GETFMT', 'Q_GETINFO', 'Q_SETINFO'];
export const QuotaId: Kind = {
  ...kind('quota id', 'u32', (value, { args }) =>
    WITHOUT_ID.includes(commandOf(args) ?? '') ? undefined : String(value),
  ),
  isOptional: true,
};
export const QuotaAddress: Kind = {
  ...kind('quota address', 'u64', (_, { args, raw }) =>
    ['Q_SYNC', 'Q_QUOTAOFF'].includes(commandOf(args) ?? '') ? undefined : pointer(raw),
  ),
  isOptional: true,
};
