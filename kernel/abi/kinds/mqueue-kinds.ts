// How struct mq_attr is shown, as strace does.
// mq_open ignores its flags, which are shown as a number; in mq_getsetattr there is one.
import { O_CREAT, O_NONBLOCK } from '../fcntl.ts';
import type { Kind } from '../kind.ts';
import { MqAttr } from '../mqueue.ts';
import { kind, outKind } from './basic.ts';
import { flagText, hex, names } from './format.ts';
import { braces, structText } from './peek.ts';

function text(value: ReturnType<typeof MqAttr.decode>, flags: string): string {
  const { maxmsg, msgsize, curmsgs } = value;
  return braces([
    `mq_flags=${flags}`,
    `mq_maxmsg=${maxmsg}`,
    `mq_msgsize=${msgsize}`,
    `mq_curmsgs=${curmsgs}`,
  ]);
}

const flagNames = (flags: number): string => flagText(flags, names({ O_NONBLOCK }), 'O_???');

/** Shown when the flags can make a queue. */
export const MqAttrOfOpen: Kind = kind('struct mq_attr', 'u64', (value, context) =>
  ((context.args.oflag ?? 0) & O_CREAT) === 0
    ? undefined
    : structText(context, value, MqAttr, (attr) => text(attr, hex(attr.flags))),
);
export const MqAttrIn: Kind = kind('struct mq_attr', 'u64', (value, context) =>
  structText(context, value, MqAttr, (attr) => text(attr, flagNames(attr.flags))),
);
export const MqAttrOut: Kind = outKind('struct mq_attr', 'u64', (value, context) =>
  structText(context, value, MqAttr, (attr) => text(attr, flagNames(attr.flags)), context.result >= 0),
);
