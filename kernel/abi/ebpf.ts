// What bpf(2) takes and gives (include/uapi/linux/bpf.h): instructions, the parts of union bpf_attr, struct bpf_prog_info.
import { bytes, i16, i32, struct, u8, u32, u64 } from './struct.ts';

/** `registers` has the destination in its low four bits, the source above. */
export const BpfInsn = struct('bpf_insn', { code: u8, registers: u8, off: i16, imm: i32 });

/** union bpf_attr as a whole. */
export const BpfAttr = struct('bpf_attr', { bytes: bytes(168) });
export const BPF_OBJ_NAME_LEN = 16;
export const BPF_TAG_SIZE = 8;

export const BPF_COMMAND = {
  BPF_MAP_CREATE: 0,
  BPF_MAP_LOOKUP_ELEM: 1,
  BPF_MAP_UPDATE_ELEM: 2,
  BPF_MAP_DELETE_ELEM: 3,
  BPF_MAP_GET_NEXT_KEY: 4,
  BPF_PROG_LOAD: 5,
  BPF_OBJ_PIN: 6,
  BPF_OBJ_GET: 7,
  BPF_PROG_ATTACH: 8,
  BPF_PROG_DETACH: 9,
  BPF_PROG_TEST_RUN: 10,
  BPF_PROG_GET_NEXT_ID: 11,
  BPF_MAP_GET_NEXT_ID: 12,
  BPF_PROG_GET_FD_BY_ID: 13,
  BPF_MAP_GET_FD_BY_ID: 14,
  BPF_OBJ_GET_INFO_BY_FD: 15,
  BPF_PROG_QUERY: 16,
  BPF_RAW_TRACEPOINT_OPEN: 17,
  BPF_BTF_LOAD: 18,
  BPF_BTF_GET_FD_BY_ID: 19,
  BPF_TASK_FD_QUERY: 20,
  BPF_MAP_LOOKUP_AND_DELETE_ELEM: 21,
  BPF_MAP_FREEZE: 22,
  BPF_BTF_GET_NEXT_ID: 23,
  BPF_MAP_LOOKUP_BATCH: 24,
  BPF_MAP_LOOKUP_AND_DELETE_BATCH: 25,
  BPF_MAP_UPDATE_BATCH: 26,
  BPF_MAP_DELETE_BATCH: 27,
  BPF_LINK_CREATE: 28,
  BPF_LINK_UPDATE: 29,
  BPF_LINK_GET_FD_BY_ID: 30,
  BPF_LINK_GET_NEXT_ID: 31,
  BPF_ENABLE_STATS: 32,
  BPF_ITER_CREATE: 33,
  BPF_LINK_DETACH: 34,
  BPF_PROG_BIND_MAP: 35,
  BPF_TOKEN_CREATE: 36,
} as const;

export const BPF_PROG_TYPE_CGROUP_SKB = 8;
export const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
/** Of enum bpf_attach_type. */
export const BPF_CGROUP_DEVICE = 6;

export const BPF_ATTACH_FLAG = {
  BPF_F_ALLOW_OVERRIDE: 1 << 0,
  BPF_F_ALLOW_MULTI: 1 << 1,
  BPF_F_REPLACE: 1 << 2,
} as const;
export const BPF_F_QUERY_EFFECTIVE = 1;

/** For BPF_PROG_LOAD. */
export const BpfLoadAttr = struct('bpf_attr', {
  prog_type: u32,
  insn_cnt: u32,
  insns: u64,
  license: u64,
  log_level: u32,
  log_size: u32,
  log_buf: u64,
  kern_version: u32,
  prog_flags: u32,
  prog_name: bytes(BPF_OBJ_NAME_LEN),
  prog_ifindex: u32,
  expected_attach_type: u32,
  prog_btf_fd: u32,
  func_info_rec_size: u32,
  func_info: u64,
  func_info_cnt: u32,
  line_info_rec_size: u32,
  line_info: u64,
  line_info_cnt: u32,
  attach_btf_id: u32,
  attach_prog_fd: u32,
  core_relo_cnt: u32,
  fd_array: u64,
  core_relos: u64,
  core_relo_rec_size: u32,
  log_true_size: u32,
  prog_token_fd: i32,
  fd_array_cnt: u32,
  signature: u64,
  signature_size: u32,
  keyring_id: i32,
});

/** For BPF_PROG_ATTACH and BPF_PROG_DETACH. */
export const BpfAttachAttr = struct('bpf_attr', {
  target_fd: i32,
  attach_bpf_fd: i32,
  attach_type: u32,
  attach_flags: u32,
  replace_bpf_fd: i32,
  relative_fd: u32,
  expected_revision: u64,
});

/** For BPF_PROG_QUERY. */
export const BpfQueryAttr = struct('bpf_attr', {
  target_fd: i32,
  attach_type: u32,
  query_flags: u32,
  attach_flags: u32,
  prog_ids: u64,
  prog_cnt: u32,
  padding: u32,
  prog_attach_flags: u64,
  link_ids: u64,
  link_attach_flags: u64,
  revision: u64,
});

/** For BPF_PROG_GET_FD_BY_ID. */
export const BpfIdAttr = struct('bpf_attr', { id: u32 });
/** For BPF_PROG_GET_NEXT_ID. */
export const BpfNextIdAttr = struct('bpf_attr', { id: u32, next_id: u32 });

/** For BPF_OBJ_GET_INFO_BY_FD. */
export const BpfInfoAttr = struct('bpf_attr', { bpf_fd: i32, info_len: u32, info: u64 });

export const BpfProgInfo = struct('bpf_prog_info', {
  type: u32,
  id: u32,
  tag: bytes(BPF_TAG_SIZE),
  jited_prog_len: u32,
  xlated_prog_len: u32,
  jited_prog_insns: u64,
  xlated_prog_insns: u64,
  load_time: u64,
  created_by_uid: u32,
  nr_map_ids: u32,
  map_ids: u64,
  name: bytes(BPF_OBJ_NAME_LEN),
  ifindex: u32,
  gpl_compatible: u32,
  netns_dev: u64,
  netns_ino: u64,
  nr_jited_ksyms: u32,
  nr_jited_func_lens: u32,
  jited_ksyms: u64,
  jited_func_lens: u64,
  btf_id: u32,
  func_info_rec_size: u32,
  func_info: u64,
  nr_func_info: u32,
  nr_line_info: u32,
  line_info: u64,
  jited_line_info: u64,
  nr_jited_line_info: u32,
  line_info_rec_size: u32,
  jited_line_info_rec_size: u32,
  nr_prog_tags: u32,
  prog_tags: u64,
  run_time_ns: u64,
  run_cnt: u64,
  recursion_misses: u64,
  verified_insns: u32,
  attach_btf_obj_id: u32,
  attach_btf_id: u32,
  padding: u32,
});

/** What a device program looks at: `access_type` has BPF_DEVCG_ACC_* above 16 bits of BPF_DEVCG_DEV_*. */
export const BpfCgroupDevCtx = struct('bpf_cgroup_dev_ctx', { access_type: u32, major: u32, minor: u32 });
export const BPF_DEVCG_ACC_MKNOD = 1;
export const BPF_DEVCG_ACC_READ = 2;
export const BPF_DEVCG_ACC_WRITE = 4;
export const BPF_DEVCG_DEV_BLOCK = 1;
export const BPF_DEVCG_DEV_CHAR = 2;
