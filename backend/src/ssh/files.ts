// Writes whole files by SFTP, atomically.
import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SFTPWrapper, Stats } from 'ssh2';
import ssh2 from 'ssh2';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { CallScope } from './call-scope.ts';
import type { OpenChannel, Opener } from './channel.ts';
import { failure, lostFailure, printable, sessionRefused } from './failures.ts';
import { sliceBytes } from './paced-writes.ts';
import { largestWriteBytes, packetBytes } from './ssh2-internals.ts';

/** Opens the SFTP subsystem. */
export const filesOpener: Opener<SFTPWrapper> = {
  open(client, done) {
    client.sftp((error, sftp) => {
      if (error !== undefined) return done(error);
      // An 'error' without a listener would end the process; the requests under way fail as well.
      sftp.on('error', () => {});
      done(undefined, sftp);
    });
  },
  close: (sftp) => sftp.end(),
  onClosed: (sftp, listener) => sftp.once('close', listener),
  channelOf: (sftp) => sftp,
  refused: (error) =>
    typeof (error as { reason?: unknown }).reason === 'number'
      ? sessionRefused(error)
      : failure('other', 'unsupported', 'The server offers no file access (SFTP).', {
          hint: 'Add “Subsystem sftp internal-sftp” to sshd_config.',
          cause: error,
        }),
};

/**
 * Writes a file so that readers see the old content or the new, never a part: a temporary file beside it (mode 600),
 * then owner and mode, fsync where the server can, then rename. A symbolic link stays, its target is replaced.
 * Servers without OpenSSH's posix-rename remove the old file first: there a crash can lose it. Throws AppError.
 */
export function writeWholeFile(
  opened: OpenChannel<SFTPWrapper>,
  path: string,
  content: Buffer,
  mode: number,
  scope: CallScope,
): Promise<void> {
  return withSftp(opened, scope, async (sftp) => {
    const { hostPort, owner } = await destination(sftp, remotePath(path));
    const temporary = posix.join(
      posix.dirname(hostPort),
      `.${posix.basename(hostPort).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
    );
    const discard = () => {
      // Sent without waiting: the channel may be closing already, then the file stays.
      ask<void>((done) => sftp.unlink(temporary, done)).catch(() => {});
    };
    scope.signal.addEventListener('abort', discard, { once: true });
    try {
      const handle = withinLength(await ask<Buffer>((done) => sftp.open(temporary, 'wx', 0o600, done)));
      await writeAll(sftp, handle, content);
      if (owner !== null) {
        // Refused to all but root, and only root can replace another account's file here.
        await ask<void>((done) => sftp.fsetstat(handle, owner, done)).catch(() => {});
      }
      await ask<void>((done) => sftp.fchmod(handle, mode, done));
      await sync(sftp, handle);
      await ask<void>((done) => sftp.close(handle, done));
      await replace(sftp, temporary, hostPort);
    } catch (error) {
      discard();
      throw error;
    } finally {
      scope.signal.removeEventListener('abort', discard);
    }
  });
}

/** Requests to write that may wait for their answers: the way to a server may be long. */
const MAX_WRITES_AHEAD = 8;

/** In requests that ssh2 does not divide: as its parts, a server that answers ahead would get all of them in one turn of the event loop. */
async function writeAll(sftp: SFTPWrapper, handle: Buffer, content: Buffer): Promise<void> {
  const maxBytes = Math.min(largestWriteBytes(sftp), sliceBytes(packetBytes(sftp)));
  const asked: Promise<void>[] = [];
  for (let at = 0; at < content.length; at += maxBytes) {
    if (at > 0) await nextTurn();
    const bytes = Math.min(maxBytes, content.length - at);
    const request = ask<void>((done) => sftp.write(handle, content, at, bytes, at, done));
    // It is told below, when those before it have been answered.
    request.catch(() => {});
    asked.push(request);
    if (asked.length >= MAX_WRITES_AHEAD) await asked.shift();
  }
  await Promise.all(asked);
}

/** Bytes by which a server may name an open file (draft-ietf-secsh-filexfer-02 §3): each question about it repeats them. */
const MAX_HANDLE_BYTES = 256;

function withinLength(handle: Buffer): Buffer {
  if (handle.length <= MAX_HANDLE_BYTES) return handle;
  throw statusFailure(new Error('the name of the open file is too long'));
}

/** Where to write: behind a symbolic link its target, so that the link survives. */
async function destination(
  sftp: SFTPWrapper,
  path: string,
): Promise<{ hostPort: string; owner: { uid: number; gid: number } | null }> {
  const stat = (hostPort: string) =>
    ask<Stats>((done) => sftp.lstat(hostPort, done)).catch((error) => {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    });
  const fileType = 0o170000;
  let hostPort = path;
  let found = await stat(hostPort);
  if (found !== null && (found.mode & fileType) === 0o120000) {
    hostPort = await ask<string>((done) => sftp.realpath(path, done));
    found = await stat(hostPort);
  }
  if (found !== null && (found.mode & fileType) === 0o040000) {
    throw new AppError('refused', 'A folder with this name already exists.', {
      hint: 'Choose another file name.',
    });
  }
  return { hostPort, owner: found === null ? null : { uid: found.uid, gid: found.gid } };
}

async function sync(sftp: SFTPWrapper, handle: Buffer): Promise<void> {
  await askExtension((done) => sftp.ext_openssh_fsync(handle, done));
}

async function replace(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  if (await askExtension((done) => sftp.ext_openssh_rename(from, to, done))) return;
  await ask<void>((done) => sftp.unlink(to, done)).catch((error) => {
    if (!isAppError(error, 'not_found')) throw error;
  });
  await ask<void>((done) => sftp.rename(from, to, done));
}

/** False when the server lacks the extension: ssh2 then throws immediately, before anything is sent. */
async function askExtension(call: (done: (error?: Error | null) => void) => void): Promise<boolean> {
  let sent = false;
  try {
    await ask<void>((done) => {
      call(done);
      sent = true;
    });
    return true;
  } catch (error) {
    if (sent) throw error;
    return false;
  }
}

/** SFTP starts in the login's home, so that a path without a leading slash is below it. */
function remotePath(path: string): string {
  if (path === '' || path.includes('\0')) {
    throw new AppError('invalid_request', 'The file path is not valid.', {
      hint: 'Enter a path without NUL characters.',
    });
  }
  return path.startsWith('~/') ? `./${path.slice(2)}` : path;
}

async function withSftp(
  { value: sftp, connection, abandon }: OpenChannel<SFTPWrapper>,
  scope: CallScope,
  work: (sftp: SFTPWrapper) => Promise<void>,
): Promise<void> {
  let stop = () => {};
  const gone = new Promise<never>((_resolve, reject) => {
    stop = connection.onLost((cause) => reject(lostFailure(connection.hostPort, true, cause)));
  });
  try {
    await scope.wait(Promise.race([gone, work(sftp)]));
  } finally {
    stop();
    abandon();
  }
}

function ask<T>(call: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      call((error, value) => (error ? reject(statusFailure(error)) : resolve(value as T)));
    } catch (error) {
      // ssh2 throws when an earlier answer was of the wrong kind.
      reject(statusFailure(error as Error));
    }
  });
}

/** SFTP status codes (draft-ietf-secsh-filexfer-02 §7) as AppErrors; remote paths stay out of the words. */
function statusFailure(error: Error): AppError {
  const { STATUS_CODE } = ssh2.utils.sftp;
  const status = (error as { code?: unknown }).code;
  const options = { cause: error, details: { serverSays: printable(error.message) } };
  switch (status) {
    case STATUS_CODE.NO_SUCH_FILE:
      return new AppError('not_found', 'There is no such file or folder on the server.', {
        ...options,
        hint: 'Check the path.',
      });
    case STATUS_CODE.PERMISSION_DENIED:
      return new AppError('refused', 'The account may not write that file.', {
        ...options,
        hint: 'Check owner and mode of the file and its folder.',
      });
    case STATUS_CODE.OP_UNSUPPORTED:
      return new AppError('unsupported', 'The SFTP service of the server cannot do that.', {
        ...options,
        hint: 'Use OpenSSH’s sftp-server or internal-sftp.',
      });
    case undefined:
      return new AppError('bad_gateway', 'The SFTP service of the server ended or sent an invalid answer.', {
        ...options,
        hint: 'Try again; the log of sshd on the server may say more.',
      });
    default:
      return new AppError('refused', 'The server failed to write the file.', {
        ...options,
        hint: 'Check free disk space, quota, and that the path is a file.',
      });
  }
}
