// Numbers of quotactl (include/uapi/linux/quota.h). kernel/syscalls/quota.ts and traces read them.
export const Q_SYNC = 0x80_0001;
/** USRQUOTA, GRPQUOTA, PRJQUOTA. */
export const QUOTA_TYPES = 3;
