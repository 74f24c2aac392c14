// V8's flags, changed at run time: accelerators only, results are the same without.
// run-guest.ts and guest.ts set them. V8 complains on stderr about a flag that it does not know.

/** What a bundle gets from launch.cjs, which reaches the flags without loading more of Node. */
interface Launched {
  setFlags?(...flags: string[]): void;
}

export function setEngineFlags(...flags: string[]): void {
  const launched = (typeof module === 'object' ? module : {}) as Launched;
  if (launched.setFlags !== undefined) launched.setFlags(...flags);
  else for (const flag of flags) process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}
