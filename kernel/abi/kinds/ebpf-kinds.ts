// Kinds of bpf(2): commands, and what of union bpf_attr they look at, as strace prints it.
// The row of kernel/syscalls/bpf.ts names them.
import {
  BPF_ATTACH_FLAG,
  BPF_CGROUP_DEVICE,
  BPF_COMMAND,
  BPF_F_QUERY_EFFECTIVE,
  BPF_PROG_TYPE_CGROUP_DEVICE,
  BPF_PROG_TYPE_CGROUP_SKB,
  BpfAttachAttr,
  BpfIdAttr,
  BpfInfoAttr,
  BpfLoadAttr,
  BpfNextIdAttr,
  BpfQueryAttr,
} from '../ebpf.ts';
import type { Kind, PrintContext } from '../kind.ts';
import type { Fields, Struct, StructValue } from '../struct.ts';
import { oneOf } from './basic.ts';
import { printFd } from './fd-text.ts';
import { flagText, nameOf, pointer, quoteBytes } from './format.ts';
import { arrayText, braces, peekBytes, peekNumber, stringText } from './peek.ts';

const TYPES = [
  ['BPF_PROG_TYPE_CGROUP_SKB', BPF_PROG_TYPE_CGROUP_SKB],
  ['BPF_PROG_TYPE_CGROUP_DEVICE', BPF_PROG_TYPE_CGROUP_DEVICE],
] as const;
const ATTACH_TYPES = [
  ['BPF_CGROUP_INET_INGRESS', 0],
  ['BPF_CGROUP_DEVICE', BPF_CGROUP_DEVICE],
] as const;
const ATTACH_FLAGS = Object.entries(BPF_ATTACH_FLAG);
const QUERY_FLAGS = [['BPF_F_QUERY_EFFECTIVE', BPF_F_QUERY_EFFECTIVE]] as const;

export const BpfCommand: Kind = oneOf('BPF_???', BPF_COMMAND, 'i32');

type Print<F extends Fields> = (
  value: StructValue<F>,
  context: PrintContext,
) => Partial<Record<keyof F, string>>;

/** The fields that `print` gives and the caller's size includes, in their order. */
function attribute<F extends Fields>(codec: Struct<F>, print: Print<F>, outer?: string) {
  return (address: number, context: PrintContext): string => {
    const size = context.args.size ?? 0;
    const bytes =
      context.isAddressOnly === true ? undefined : peekBytes(context, address, Math.min(size, codec.size));
    if (bytes === undefined) return pointer(address);
    const whole = new Uint8Array(codec.size);
    whole.set(bytes);
    const texts = Object.entries(print(codec.decode(whole), context))
      .filter(([name]) => (codec.offsets[name] as number) + (codec.fields[name]?.size ?? 0) <= size)
      .map(([name, text]) => `${name}=${text}`);
    return outer === undefined ? braces(texts) : braces([`${outer}=${braces(texts)}`]);
  };
}

function attachTypeText(type: number): string {
  return nameOf(type, ATTACH_TYPES, 'BPF_???');
}

/** An array's address, or what it holds once the call has filled it. */
function filledText(context: PrintContext, address: number, count: number): string {
  if (context.result < 0) return pointer(address);
  return arrayText(context, address, count, 4, (at) => peekNumber(context, at, 'u32')?.toString());
}

const ATTRIBUTES: Readonly<Record<number, (address: number, context: PrintContext) => string>> = {
  [BPF_COMMAND.BPF_PROG_LOAD]: attribute(BpfLoadAttr, (attr, context) => ({
    prog_type: nameOf(attr.prog_type, TYPES, 'BPF_PROG_TYPE_???'),
    insn_cnt: String(attr.insn_cnt),
    insns: pointer(attr.insns),
    license: stringText(context, attr.license),
    log_level: String(attr.log_level),
    log_size: String(attr.log_size),
    log_buf: attr.log_size === 0 ? pointer(attr.log_buf) : stringText(context, attr.log_buf),
    kern_version: `KERNEL_VERSION(${attr.kern_version >>> 16}, ${(attr.kern_version >>> 8) & 255}, ${attr.kern_version & 255})`,
    prog_flags: flagText(attr.prog_flags, [], 'BPF_F_???'),
    prog_name: nameText(attr.prog_name),
    prog_ifindex: String(attr.prog_ifindex),
    expected_attach_type: attachTypeText(attr.expected_attach_type),
    prog_btf_fd: String(attr.prog_btf_fd),
  })),
  [BPF_COMMAND.BPF_PROG_ATTACH]: attribute(BpfAttachAttr, (attr, context) => ({
    target_fd: printFd(attr.target_fd, context),
    attach_bpf_fd: printFd(attr.attach_bpf_fd, context),
    attach_type: attachTypeText(attr.attach_type),
    attach_flags: flagText(attr.attach_flags, ATTACH_FLAGS, 'BPF_F_???'),
    replace_bpf_fd: printFd(attr.replace_bpf_fd, context),
  })),
  [BPF_COMMAND.BPF_PROG_DETACH]: attribute(BpfAttachAttr, (attr, context) => ({
    target_fd: printFd(attr.target_fd, context),
    attach_bpf_fd: printFd(attr.attach_bpf_fd, context),
    attach_type: attachTypeText(attr.attach_type),
  })),
  [BPF_COMMAND.BPF_PROG_QUERY]: attribute(
    BpfQueryAttr,
    (attr, context) => ({
      target_fd: printFd(attr.target_fd, context),
      attach_type: attachTypeText(attr.attach_type),
      query_flags: flagText(attr.query_flags, QUERY_FLAGS, 'BPF_F_QUERY_???'),
      attach_flags: flagText(attr.attach_flags, ATTACH_FLAGS, 'BPF_F_???'),
      prog_ids: filledText(context, attr.prog_ids, attr.prog_cnt),
      prog_cnt: String(attr.prog_cnt),
    }),
    'query',
  ),
  [BPF_COMMAND.BPF_PROG_GET_NEXT_ID]: attribute(BpfNextIdAttr, ({ id, next_id }) => ({
    start_id: String(id),
    next_id: String(next_id),
  })),
  [BPF_COMMAND.BPF_PROG_GET_FD_BY_ID]: attribute(BpfIdAttr, ({ id }) => ({ id: String(id) })),
  [BPF_COMMAND.BPF_OBJ_GET_INFO_BY_FD]: attribute(
    BpfInfoAttr,
    (attr, context) => ({
      bpf_fd: printFd(attr.bpf_fd, context),
      info_len: String(attr.info_len),
      info: pointer(attr.info),
    }),
    'info',
  ),
};

function nameText(name: Uint8Array): string {
  const end = name.indexOf(0);
  return quoteBytes(end < 0 ? name : name.subarray(0, end));
}

/** union bpf_attr: what the command looks at, as far as the size goes. */
export const BpfAttribute: Kind = {
  name: 'bpf_attr',
  register: 'u64',
  when: 'exit',
  print: (address, context) => {
    const text = ATTRIBUTES[context.args.cmd ?? -1];
    return text === undefined || address === 0 ? pointer(address) : text(address, context);
  },
};
