// Limits of names (include/uapi/linux/limits.h).

/** Bytes of one name. */
export const NAME_MAX = 255;
/** Bytes of a path with its NUL. */
export const PATH_MAX = 4096;
