// Arguments as strace 6.1 prints them; each line was taken from its output on the same bytes.
import { describe, expect, it } from 'vitest';
import { BASE, shown, words } from './decoding.test-support.ts';

describe('flags and commands', () => {
  it.each([
    ['personality', 'persona', 0x20000, 'PER_LINUX|UNAME26'],
    ['personality', 'persona', 0xffff_ffff, '0xffffffff'],
    ['flock', 'operation', 0x63, 'LOCK_SH|LOCK_EX|LOCK_MAND|LOCK_READ'],
    ['mlock2', 'flags', 8, '0x8 /* MLOCK_??? */'],
    ['pidfd_open', 'flags', 1, '0x1 /* PIDFD_??? */'],
    ['pwritev2', 'flags', 16, 'RWF_APPEND'],
    ['timerfd_create', 'flags', 0x77, 'TFD_TIMER_ABSTIME|TFD_TIMER_CANCEL_ON_SET|0x74'],
    ['ioprio_set', 'ioprio', 0x4004, 'IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)'],
    ['membarrier', 'cmd', 8, 'MEMBARRIER_CMD_PRIVATE_EXPEDITED'],
    ['kcmp', 'type', 2, 'KCMP_FILES'],
    ['syslog', 'type', 10, 'SYSLOG_ACTION_SIZE_BUFFER'],
    ['reboot', 'op', 0xcdef0123, 'LINUX_REBOOT_CMD_HALT'],
    ['socket', 'type', 0, '0'],
    ['socket', 'type', 0x101, 'SOCK_STREAM|0x100 /* SOCK_??? */'],
    [
      'open_tree',
      'flags',
      0x89901 | 0x1000,
      'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_SYMLINK_NOFOLLOW|AT_NO_AUTOMOUNT|AT_EMPTY_PATH|AT_RECURSIVE',
    ],
    ['open_tree', 'flags', 2, '0x2 /* OPEN_TREE_??? */'],
    ['fsopen', 'flags', 3, 'FSOPEN_CLOEXEC|0x2'],
    ['fsmount', 'attributes', 0x23, 'MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_STRICTATIME'],
    ['fsconfig', 'cmd', 77, '0x4d /* FSCONFIG_??? */'],
    ['move_mount', 'flags', 4, 'MOVE_MOUNT_F_EMPTY_PATH'],
    ['inotify_init1', 'flags', 0o2004000, 'IN_NONBLOCK|IN_CLOEXEC'],
  ])('%s: %s %i', (call, argument, value, text) => {
    expect(shown(call, argument, { [argument]: value })).toBe(text);
  });

  it('that need another argument', () => {
    const ambient = { option: 47, arg2: 2, arg3: 5 };
    expect([shown('prctl', 'arg2', ambient), shown('prctl', 'arg3', ambient)]).toEqual([
      'PR_CAP_AMBIENT_RAISE',
      'CAP_KILL',
    ]);
    expect(shown('ioctl', 'arg', { request: 0x540b, arg: 0 })).toBe('TCIFLUSH');
    expect(shown('mremap', 'new_address', { flags: 5, new_address: 0x5000 })).toBeUndefined();
    expect(shown('mremap', 'new_address', { flags: 3, new_address: 0x5000 })).toBe('0x5000');
    expect(shown('fsconfig', 'aux', { cmd: 3, aux: -100 })).toBe('AT_FDCWD');
    expect(shown('fsconfig', 'key', { cmd: 6, key: 0 })).toBe('NULL');
    // an unknown operation shows all there is
    expect(shown('futex', 'uaddr2', { op: 0x63, uaddr2: 0 })).toBe('NULL');
  });
});

describe('structs', () => {
  it('clone3 shows flags above the 32nd bit, and what the struct holds behind what is known', () => {
    const args = [0x1_0000_0800n | 0x100n, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0];
    expect(shown('clone3', 'cl_args', { cl_args: BASE, size: 88 }, words(...args), -22)).toBe(
      '{flags=CLONE_VM|CLONE_SIGHAND|CLONE_CLEAR_SIGHAND, exit_signal=SIGCHLD, stack=NULL, stack_size=0}',
    );
    expect(shown('clone3', 'cl_args', { cl_args: BASE, size: 8 }, words(...args), -22)).toBe('0x1000');
    const longer = words(0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 1);
    expect(shown('clone3', 'cl_args', { cl_args: BASE, size: 96 }, longer, -7)).toBe(
      '{flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, /* bytes 88..95 */ "\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00"}',
    );
  });

  it('a siginfo_t that the call refuses is printed all the same', () => {
    // an unknown negative code, and padding that is not zero: E2BIG
    const memory = words(10, 0xffff_0000n, ...Array<number>(14).fill(1));
    expect(shown('rt_sigqueueinfo', 'info', { info: BASE, sig: 10 }, memory)).toMatch(
      /^\{si_signo=SIGUSR1, si_code=/,
    );
  });

  it('timer_create leaves a value out that is 0, and names signals that are sent', () => {
    const event = (value: number, signo: number, notify: number): Uint8Array =>
      words(value, BigInt(signo) | (BigInt(notify) << 32n), ...Array<number>(6).fill(0));
    const text = (memory: Uint8Array) => shown('timer_create', 'sevp', { sevp: BASE }, memory);
    expect(text(event(0, 10, 0))).toBe('{sigev_signo=SIGUSR1, sigev_notify=SIGEV_SIGNAL}');
    expect(text(event(0, 10, 1))).toBe('{sigev_signo=10, sigev_notify=SIGEV_NONE}');
    expect(text(event(5, 10, 0))).toContain('{sigev_value={sival_int=5, sival_ptr=0x5}, ');
  });

  it('process_vm_readv shows what it read, and addresses of the other side', () => {
    const memory = new Uint8Array([...words(BASE + 48, 5, 0x7000, 12, 0, 0), ...Buffer.from('child')]);
    const args = { local_iov: BASE, liovcnt: 1, remote_iov: BASE + 16, riovcnt: 1 };
    expect(shown('process_vm_readv', 'local_iov', args, memory, 5)).toBe('[{iov_base="child", iov_len=5}]');
    expect(shown('process_vm_readv', 'local_iov', args, memory, -14)).toBe('[{iov_base=0x1030, iov_len=5}]');
    expect(shown('process_vm_readv', 'remote_iov', args, memory, 5)).toBe('[{iov_base=0x7000, iov_len=12}]');
  });

  it('semop and msgsnd show operations and messages', () => {
    const operations = Uint8Array.of(0, 0, 0xff, 0xff, 0, 0x10);
    expect(shown('semop', 'sops', { sops: BASE, nsops: 1 }, operations)).toBe(
      '[{sem_num=0, sem_op=-1, sem_flg=SEM_UNDO}]',
    );
    const message = new Uint8Array([...words(3), ...Buffer.from('hi')]);
    expect(shown('msgsnd', 'msgp', { msgp: BASE, msgsz: 2 }, message)).toBe('{mtype=3, mtext="hi"}');
  });

  it('openat2 shows bits above the 32nd, and a short struct as its address', () => {
    const how = words(0x100_0000_0000, 0, 0);
    expect(shown('openat2', 'how', { how: BASE, size: 24 }, how)).toBe(
      '{flags=O_RDONLY|0x10000000000, resolve=0}',
    );
    expect(shown('openat2', 'how', { how: BASE, size: 8 }, how)).toBe('0x1000');
  });

  it('file handles show the room there was and the length that is needed', () => {
    const memory = Uint8Array.of(
      12,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      0xd9,
      0x21,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      30,
      0,
      0,
      0,
    );
    const args = { handle: BASE, mnt_id: BASE + 20, flag: 0 };
    const handle = `handle_type=1, f_handle="\\xd9\\x21${'\\x00'.repeat(10)}"`;
    expect(shown('open_by_handle_at', 'handle', args, memory)).toBe(`{handle_bytes=12, ${handle}}`);
    expect(shown('name_to_handle_at', 'handle', args, memory)).toBe(`{handle_bytes=12, ${handle}}`);
    expect(shown('name_to_handle_at', 'handle', args, memory, -22)).toBe('{handle_bytes=12}');
    expect(shown('name_to_handle_at', 'mnt_id', args, memory)).toBe('[30]');
    expect(shown('name_to_handle_at', 'mnt_id', args, memory, -75)).toBe('0x1014');
  });

  it('keyctl shows what an operation takes', () => {
    const keyctl = (operation: number, ...given: readonly number[]) => {
      const args = Object.fromEntries(given.map((value, i) => [`arg${i + 2}`, value]));
      const texts = given.map((_, i) => shown('keyctl', `arg${i + 2}`, { operation, ...args }, text));
      return texts.filter((each) => each !== undefined).join(', ');
    };
    const text = new Uint8Array(Buffer.from('user\0guest\0'));
    expect(keyctl(10, -3, BASE, BASE + 5, 0)).toBe('KEY_SPEC_SESSION_KEYRING, "user", "guest", 0');
    expect(keyctl(2, 7, BASE, 4, 0)).toBe('7, "user", 4');
    expect(keyctl(5, 7, 0x3f01_0000, 0, 0)).toBe(
      '7, KEY_POS_VIEW|KEY_POS_READ|KEY_POS_WRITE|KEY_POS_SEARCH|KEY_POS_LINK|KEY_POS_SETATTR|KEY_USR_VIEW',
    );
    expect(keyctl(0, -99, 0, 0, 0)).toBe('-99, 0');
    expect(keyctl(999, 0, 1, 0, 0)).toBe('0, 0x1, 0, 0');
  });

  it('ioctl knows interfaces, namespaces and speeds', () => {
    const ifreq = new Uint8Array(40);
    ifreq.set([...Buffer.from('lo')]);
    ifreq.set([0x49], 16);
    const ioctl = (request: number, result = 0) =>
      shown('ioctl', 'arg', { request, arg: BASE }, ifreq, result);
    expect(ioctl(0x8913)).toBe('{ifr_name="lo", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}');
    expect(ioctl(0x8933)).toBe('{ifr_name="lo", ifr_ifindex=73}');
    expect(ioctl(0x8933, -19)).toBe('{ifr_name="lo"}');
    expect(ioctl(0x8910)).toBe('{ifr_ifindex=73, ifr_name="lo"}');
    expect(ioctl(0xb701)).toBeUndefined();
    expect(shown('ioctl', 'request', { request: 0xb703 })).toBe('NS_GET_NSTYPE');
    const fast = new Uint8Array(44);
    fast.set([0xb2, 0x10], 8);
    expect(shown('ioctl', 'arg', { request: 0x5401, arg: BASE }, fast)).toContain(
      'c_cflag=B115200|CS8|CREAD, ',
    );
  });

  it('io_uring_register shows descriptors, buffers and rings', () => {
    const memory = words(0xffff_ffff_0000_0004n, BASE, 3);
    const register = (opcode: number, nr_args: number) =>
      shown('io_uring_register', 'arg', { opcode, nr_args, arg: BASE }, memory);
    expect(register(2, 2)).toBe('[4, -1]');
    expect(register(0, 1)).toBe('[{iov_base=0xffffffff00000004, iov_len=4096}]');
    expect(register(6, 1)).toBe('{offset=4, fds=[4]}');
    expect(register(2, 0)).toBe('[]');
    const restricted = shown(
      'io_uring_register',
      'arg',
      { opcode: 11, nr_args: 2, arg: BASE },
      words(0x1b_0001, 0, 0x30_0002, 0),
    );
    expect(restricted).toBe(
      '[{opcode=IORING_RESTRICTION_SQE_OP, sqe_op=IORING_OP_RECV}, ' +
        '{opcode=IORING_RESTRICTION_SQE_FLAGS_ALLOWED, sqe_flags=IOSQE_ASYNC|IOSQE_BUFFER_SELECT}]',
    );
    expect(register(25, 0)).toBe('{off=4, len=4294967295}');
    expect(shown('io_uring_register', 'arg', { opcode: 29, nr_args: 0, arg: BASE }, words(7, 0))).toBe(
      '{clockid=CLOCK_BOOTTIME}',
    );
    const clone = words(0x2_0000_0003n, 0x5_0000_0004n, 6, 0);
    expect(shown('io_uring_register', 'arg', { opcode: 30, nr_args: 1, arg: BASE }, clone)).toBe(
      '{src_fd=3, flags=IORING_REGISTER_DST_REPLACE, src_off=4, dst_off=5, nr=6}',
    );
    expect(
      shown(
        'io_uring_register',
        'arg',
        { opcode: 22, nr_args: 1, arg: BASE },
        words(0, 0x2_0003_0000_0008n, 0, 0, 0),
      ),
    ).toBe('{ring_addr=0, ring_entries=8, bgid=3, flags=IOU_PBUF_RING_INC}');
  });

  it('ioctl knows what a userfaultfd is asked', () => {
    const ioctl = (request: number, memory: Uint8Array, result = 0) =>
      shown('ioctl', 'arg', { request, arg: BASE }, memory, result);
    const range = [0x1000_0000, 0x4000];
    expect(ioctl(0xc020_aa00, words(...range, 1, 0x1c))).toBe(
      '{range={start=0x10000000, len=0x4000}, mode=UFFDIO_REGISTER_MODE_MISSING, ' +
        'ioctls=1<<_UFFDIO_WAKE|1<<_UFFDIO_COPY|1<<_UFFDIO_ZEROPAGE}',
    );
    expect(ioctl(0x8010_aa02, words(...range))).toBe('{start=0x10000000, len=0x4000}');
    const copy = words(...range, 0x1000, 1, 0x1000);
    expect(ioctl(0xc028_aa03, copy)).toBe(
      '{dst=0x10000000, src=0x4000, len=0x1000, mode=UFFDIO_COPY_MODE_DONTWAKE, copy=0x1000}',
    );
    expect(ioctl(0xc028_aa03, copy, -17)).toBe(
      '{dst=0x10000000, src=0x4000, len=0x1000, mode=UFFDIO_COPY_MODE_DONTWAKE}',
    );
    expect(ioctl(0xc020_aa04, words(...range, 0, 0x1000))).toBe(
      '{range={start=0x10000000, len=0x4000}, mode=0, zeropage=0x1000}',
    );
    expect(ioctl(0xc018_aa3f, words(0xaa, 0x100, 0), -22)).toBe(
      '{api=0xaa, features=UFFD_FEATURE_THREAD_ID}',
    );
  });

  it('seccomp asks about actions by name', () => {
    const action = (value: number) => shown('seccomp', 'args', { operation: 2, args: BASE }, words(value), 0);
    expect([action(0x7fc0_0000), action(0x5_0001)]).toEqual([
      '[SECCOMP_RET_USER_NOTIF]',
      '[SECCOMP_RET_ERRNO|0x1]',
    ]);
  });

  it('IPC_SET shows what it reads, IPC_STAT all there is', () => {
    const memory = words(5, 0, 0, 0o600, ...Array<number>(12).fill(0));
    const semctl = (cmd: number) => shown('semctl', 'arg', { cmd, arg: BASE }, memory);
    expect(semctl(1)).toMatch(/^\{sem_perm=\{uid=0, gid=0, mode=0\d+\}\}$/);
    expect(semctl(2)).toMatch(/^\{sem_perm=\{uid=0, .*key=5.*\}, sem_otime=0, sem_ctime=0, sem_nsems=0\}$/);
    const msgctl = shown('msgctl', 'buf', { cmd: 1, buf: BASE }, memory);
    expect(msgctl).toMatch(/^\{msg_perm=\{uid=0, gid=0, mode=0\d+\}, msg_qbytes=0\}$/);
  });
});
