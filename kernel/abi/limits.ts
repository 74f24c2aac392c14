// Limits of names (include/uapi/linux/limits.h), and names of limits (include/uapi/asm-generic/resource.h).

/** Bytes of one name. */
export const NAME_MAX = 255;
/** Bytes of a path with its NUL. */
export const PATH_MAX = 4096;

/** Resource limits by number: the C names are these in capitals behind RLIMIT_. */
export const RESOURCES = [
  ...(['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile'] as const),
  ...(['memlock', 'as', 'locks', 'sigpending', 'msgqueue', 'nice', 'rtprio', 'rttime'] as const),
] as const;
export type Resource = (typeof RESOURCES)[number];
