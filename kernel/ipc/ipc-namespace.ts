// An IPC namespace (ipc_namespaces(7)): System V shared memory, semaphores and message queues, and POSIX message queues.
// The calls of each kind look in that of their caller; /proc/sysvipc shows the reader's.
import type { Kernel } from '../kernel.ts';
import { Namespace } from '../namespaces/namespace.ts';
import type { UserNamespace } from '../namespaces/user-namespace.ts';
import { MessageQueueTable } from './message-queue.ts';
import { QueueFileSystem } from './queue-fs.ts';
import { SemaphoreTable } from './semaphore-set.ts';
import { ShmTable } from './shared-memory.ts';

export class IpcNamespace extends Namespace {
  readonly shm = new ShmTable();
  readonly semaphores = new SemaphoreTable();
  readonly messages = new MessageQueueTable();
  readonly #kernel: Kernel;
  #posixQueues: QueueFileSystem | undefined;

  constructor(kernel: Kernel, ino: number, owner: UserNamespace) {
    super('ipc', ino, owner);
    this.#kernel = kernel;
  }

  /** POSIX message queues by name; made when first needed. */
  get posixQueues(): QueueFileSystem {
    this.#posixQueues ??= new QueueFileSystem(this.#kernel);
    return this.#posixQueues;
  }
}
