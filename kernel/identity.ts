// What the machine calls itself (uname(2)): names that programs may change, and the release they test for.
// Kernel owns one; uname, sethostname, /proc/sys/kernel and /proc/version read it.

import { Changes } from './fs/changes.ts';

export class Identity {
  #hostName = 'guest';
  #domainName = '(none)';
  /** Files of /proc/sys/kernel tell of them when they are polled. */
  readonly hostNameChanges = new Changes('another host name');
  readonly domainNameChanges = new Changes('another domain name');
  /** Features follow Linux 6.18. */
  readonly release = '6.18.0-rivulet';
  readonly version = '#1 SMP PREEMPT_DYNAMIC Rivulet';

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
