// What the machine calls itself (uname(2)): names that programs may change, and the release they test for.
// Kernel owns the first UTS namespace's; uname, sethostname, /proc/sys/kernel and /proc/version read their caller's.

import { Changes } from './fs/changes.ts';
import type { Thread } from './task/thread.ts';

export class Identity {
  #hostName = 'guest';
  #domainName = '(none)';
  /** Files of /proc/sys/kernel tell of them when they are polled. */
  readonly hostNameChanges: Changes;
  readonly domainNameChanges: Changes;
  /** Features follow Linux 6.18. */
  readonly release = '6.18.0-rivulet';
  readonly version = '#1 SMP PREEMPT_DYNAMIC Rivulet';

  /** With the names that `other` has now; polls tell of changes in any namespace (proc_sys_poll). */
  constructor(other?: Identity) {
    this.hostNameChanges = other?.hostNameChanges ?? new Changes('another host name');
    this.domainNameChanges = other?.domainNameChanges ?? new Changes('another domain name');
    if (other === undefined) return;
    this.#hostName = other.hostName;
    this.#domainName = other.domainName;
  }

  get hostName(): string {
    return this.#hostName;
  }

  set hostName(name: string) {
    this.#hostName = name;
    this.hostNameChanges.happened();
  }

  get domainName(): string {
    return this.#domainName;
  }

  set domainName(name: string) {
    this.#domainName = name;
    this.domainNameChanges.happened();
  }
}

/** What the thread's UTS namespace calls the machine. */
export function identityFor({ kernel, ownNamespaces }: Thread): Identity {
  return ownNamespaces?.uts.names ?? kernel.identity;
}

/** The line of /proc/version, which the kernel's log begins with. */
export function versionText({ release, version }: Identity): string {
  return `Linux version ${release} (rivulet@rivulet) (rivulet) ${version}\n`;
}
