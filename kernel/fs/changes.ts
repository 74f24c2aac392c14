// What poll tells of a text of /proc that is not only read: how often it has changed, and who waits for that
// (proc(5), mountinfo; kernel/sysctl.c, proc_sys_poll). Who changes it says so; open files of it remember what they have told.
import { POLLERR, POLLPRI } from '../abi/poll.ts';
import { WaitQueue } from '../wait.ts';

export class Changes {
  readonly queue: WaitQueue;
  count = 0;

  constructor(label: string) {
    this.queue = new WaitQueue(label);
  }

  happened(): void {
    this.count++;
    this.queue.wake(POLLERR | POLLPRI);
  }
}
