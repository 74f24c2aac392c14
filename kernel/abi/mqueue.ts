// struct mq_attr of POSIX message queues (include/uapi/linux/mqueue.h).
// The calls read and write it, traces print it.
import { bytes, i64, struct } from './struct.ts';

export const MqAttr = struct('mq_attr', {
  flags: i64,
  maxmsg: i64,
  msgsize: i64,
  curmsgs: i64,
  reserved: bytes(32),
});
