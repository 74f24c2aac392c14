// /proc/PID/loginuid and sessionid (fs/proc/base.c, proc_loginuid_write; kernel/audit.c, audit_set_loginuid): who logged in, as pam_loginuid(8)
// says it. Children inherit it, and set-user-id programs do not change it.
import { EINVAL, EPERM, ERANGE, fail } from '../../errno.ts';
import {
  CAP_AUDIT_CONTROL,
  type Credentials,
  capable,
  kernelUid,
  NO_ID,
  shownUid,
} from '../../task/credentials.ts';
import type { Thread } from '../../task/thread.ts';
import type { Target } from './target.ts';

function loginOf({ thread, process }: Target): Credentials['login'] {
  return (thread?.credentials ?? process.last?.credentials)?.login;
}

export function loginUidText(target: Target, reader: Thread): string {
  const login = loginOf(target);
  return String(login === undefined ? NO_ID : shownUid(reader.credentials, login.uid));
}

export function sessionIdText(target: Target): string {
  return String(loginOf(target)?.session ?? NO_ID);
}

/** EPERM: another's, or it is set and the writer has no CAP_AUDIT_CONTROL. EINVAL, ERANGE: no uid. */
export function storeLoginUid({ thread, kernel }: Target, writer: Thread, text: string): void {
  if (thread !== writer) fail(EPERM, 'only its own');
  const given = parsedId(text);
  const uid = given === NO_ID ? NO_ID : kernelUid(writer.credentials, given);
  if (given !== NO_ID && uid === NO_ID) fail(EINVAL, 'the user namespace does not have this id');
  if (writer.credentials.login !== undefined && !capable(writer.credentials, CAP_AUDIT_CONTROL))
    fail(EPERM, 'needs CAP_AUDIT_CONTROL');
  const login = uid === NO_ID ? undefined : { uid, session: ++kernel.loginCount };
  writer.credentials = { ...writer.credentials, login };
}

/** kstrtou32 of ten digits. EINVAL, ERANGE. */
function parsedId(text: string): number {
  if (!/^\+?\d+\n?$/.test(text)) fail(EINVAL, 'no number');
  const value = Number(text);
  return value <= NO_ID ? value : fail(ERANGE, 'more than 32 bits');
}
