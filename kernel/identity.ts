// What the machine calls itself (uname(2)): names that programs may change, and the release they test for.
// Kernel owns one; uname, sethostname, /proc/sys/kernel and /proc/version read it.

export class Identity {
  hostName = 'guest';
  domainName = '(none)';
  /** Features follow Linux 6.18. */
  readonly release = '6.18.0-rivulet';
  readonly version = '#1 SMP PREEMPT_DYNAMIC Rivulet';
}
