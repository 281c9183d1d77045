// The one place that turns what ssh2, the network and SFTP report into sentences, hints and kinds.
import type { ErrorCode, FailureKind } from '@buoy/contract';
import { failureKinds } from '@buoy/contract/constants';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { HostKey, SshCredential } from './ssh.ts';

/** How far a connection attempt came; decides the words of a timeout. */
export type ConnectPhase = 'network' | 'greeting' | 'handshake' | 'login';

const kindOfCode: Partial<Record<ErrorCode, FailureKind>> = {
  host_key_changed: 'host_key_changed',
  ssh_auth: 'auth',
  key_format: 'key_format',
  deadline: 'timeout',
};

const kinds = new Set<unknown>(failureKinds);

/** An AppError that carries its kind in `details.kind`. */
export function failure(
  kind: FailureKind,
  code: ErrorCode,
  message: string,
  options: { hint: string; details?: Record<string, unknown>; cause?: unknown },
): AppError {
  return new AppError(code, message, {
    hint: options.hint,
    details: { kind, ...options.details },
    cause: options.cause,
  });
}

/** The result of `POST /servers/:id/test` for any error; an unexpected one is `other`, and its message stays hidden. */
export function failureOf(error: unknown): { kind: FailureKind; message: string; hint: string } {
  const retry = 'Try again; the log of Buoy has the details.';
  if (!isAppError(error))
    return { kind: 'other', message: 'The test failed for an unknown reason.', hint: retry };
  return { kind: kindOf(error), message: error.message, hint: error.hint ?? retry };
}

export function kindOf(error: AppError): FailureKind {
  const kind = (error.details as { kind?: unknown } | undefined)?.kind;
  return kinds.has(kind) ? (kind as FailureKind) : (kindOfCode[error.code] ?? 'other');
}

/** A peer's message, prepared for an error: one line, no control characters, truncated. */
export function printable(text: string): string {
  const line = text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}

/** What `net.connect` or the name lookup reported. `hostPort` is `host:port`. */
export function networkFailure(error: unknown, hostPort: string): AppError {
  const code = errorCode(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EINVAL':
    case 'ERR_INVALID_ARG_VALUE':
      return failure('dns', 'unreachable', `The host name of ${hostPort} is not known.`, {
        hint: 'Check the spelling of the host, or enter its IP address.',
        cause: error,
      });
    case 'EAI_AGAIN':
    case 'ESERVFAIL':
    case 'ETIMEOUT':
      return failure('dns', 'unreachable', `The host name of ${hostPort} could not be looked up.`, {
        hint: 'The name server of the machine that runs Buoy does not answer; try again or enter the IP address.',
        cause: error,
      });
    case 'ECONNREFUSED':
      return failure(
        'refused',
        'unreachable',
        `Nothing answers at ${hostPort}: the connection was refused.`,
        {
          hint: 'Check the port, that sshd runs, and that no firewall rejects the connection.',
          cause: error,
        },
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return failure('refused', 'unreachable', `There is no network route to ${hostPort}.`, {
        hint: 'Check that the server is switched on and that the network or VPN to it is up.',
        cause: error,
      });
    case 'ETIMEDOUT':
      return timeoutFailure('network', hostPort, error);
    default:
      return failure('other', 'unreachable', `The connection to ${hostPort} broke off.`, {
        hint: 'Try again; if it stays like this, check the network and the log of sshd.',
        details: code === undefined ? {} : { reason: code },
        cause: error,
      });
  }
}

/** The host has only denied addresses. They are not named: it may be a name of the internal network. */
export function deniedAddress(hostPort: string): AppError {
  return failure(
    'other',
    'unreachable',
    `This Buoy does not connect to ${hostPort}: its network is denied.`,
    {
      hint: 'Use the public address of the server or a jump server. A super-admin may enter this address, and SSH_DENIED_NETWORKS says which networks are denied.',
    },
  );
}

/** A timeout; the message depends on the phase that was reached. */
export function timeoutFailure(phase: ConnectPhase, hostPort: string, cause?: unknown): AppError {
  const words: Record<ConnectPhase, [string, string]> = {
    network: [
      `${hostPort} does not answer.`,
      'Check address and port, that the server runs, and that no firewall drops the connection.',
    ],
    greeting: [
      `${hostPort} accepts connections but says nothing.`,
      'Check that this is the port of sshd; a frozen or overloaded server gives the same result.',
    ],
    handshake: [
      `${hostPort} stopped answering during the key exchange.`,
      'A firewall that drops large packets (MTU) or an overloaded server can cause this; try again.',
    ],
    login: [
      `${hostPort} did not finish the login in time.`,
      'Check the load of the server; slow name lookups in sshd (UseDNS) or PAM also cause this.',
    ],
  };
  const [message, hint] = words[phase];
  return failure('timeout', 'unreachable', message, { hint, details: { phase }, cause });
}

export type GreetingProblem = 'closed' | 'not_ssh' | 'endless' | 'old_protocol';

/**
 * The peer did not send an SSH greeting. `said` is its data instead, shown only as far as it is an SSH greeting:
 * a person who adds a server chooses its address, and must not read the output of other services.
 */
export function greetingFailure(problem: GreetingProblem, hostPort: string, said: string): AppError {
  const [greeting = ''] = said.split('\n');
  const details = greeting.startsWith('SSH-') ? { serverSays: printable(greeting) } : {};
  if (problem === 'old_protocol') {
    return failure('other', 'unreachable', `${hostPort} speaks only version 1 of the SSH protocol.`, {
      hint: 'Update the SSH server there; version 1 is not safe.',
      details,
    });
  }
  if (problem === 'endless') {
    return failure('other', 'unreachable', `${hostPort} sends text without end instead of an SSH greeting.`, {
      hint: 'Check that this is the port of sshd and not of another service.',
      details,
    });
  }
  if (problem === 'closed') {
    return failure('other', 'unreachable', `${hostPort} closed the connection before the SSH greeting.`, {
      hint: 'fail2ban, MaxStartups, sshd penalties or a firewall may block this address; wait a few minutes or allow it.',
      details,
    });
  }
  const service = /^HTTP\/|^<(!doctype|html)/i.test(said) ? 'a web server' : 'another service';
  return failure('other', 'unreachable', `${hostPort} is not an SSH server: ${service} answers there.`, {
    hint: 'Enter the port of sshd, usually 22.',
    details,
  });
}

/** A socket's error before the greeting: a reset there is what fail2ban and full sshds do, so it is a hang-up. */
export function earlyFailure(error: unknown, hostPort: string): AppError {
  const wasClosed = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(errorCode(error) ?? '');
  return wasClosed ? greetingFailure('closed', hostPort, '') : networkFailure(error, hostPort);
}

/** What ssh2 reported between greeting and login. */
export function handshakeFailure(error: unknown, phase: ConnectPhase, hostPort: string): AppError {
  const text = error instanceof Error ? error.message : '';
  if (text.startsWith('Handshake failed: no matching')) {
    return failure('other', 'unreachable', `Buoy and ${hostPort} have no encryption method in common.`, {
      hint: 'The SSH server is very old or allows only unusual algorithms; update it or widen its list.',
      details: { reason: printable(text) },
      cause: error,
    });
  }
  if (typeof (error as { code?: unknown }).code === 'string') return networkFailure(error, hostPort);
  if (typeof (error as { code?: unknown }).code === 'number') {
    return failure('other', 'unreachable', `${hostPort} ended the connection with a message.`, {
      hint: 'The log of sshd on the server says why.',
      details: { reason: `disconnect code ${(error as { code: number }).code}` },
      cause: error,
    });
  }
  return failure('other', 'unreachable', `${hostPort} does not keep to the SSH protocol.`, {
    hint: 'Check that this is the port of sshd; a proxy or a network fault can also cause this.',
    details: { phase },
    cause: error,
  });
}

/** The peer hung up between greeting and login. */
export function closedFailure(phase: ConnectPhase, hostPort: string): AppError {
  const during = phase === 'login' ? 'the login' : 'the key exchange';
  return failure('other', 'unreachable', `${hostPort} closed the connection during ${during}.`, {
    hint: 'fail2ban, MaxStartups, a restart of sshd or its settings (AllowUsers) do this; the log of sshd says which.',
    details: { phase },
  });
}

/** Reason of a failure by which Buoy itself ends a connection: its words are about that connection. */
export const CUT = 'cut';

/** An established connection ended; `cause` says why where Buoy cut it. `started`: the command may have run, in whole or in part. */
export function lostFailure(hostPort: string, started: boolean, cause?: unknown): AppError {
  // The end of a connection to a jump server is a cause too, and names that server.
  const isOwn =
    isAppError(cause, 'unreachable') && (cause.details as { reason?: unknown } | undefined)?.reason === CUT;
  const why = isOwn ? cause.message : `The connection to ${hostPort} was lost.`;
  return failure('other', 'unreachable', why, {
    hint: started
      ? 'The command may or may not have finished: check the server before running it again.'
      : 'Try again.',
    details: { started },
    cause,
  });
}

export function hostKeyChanged(pinned: HostKey, offered: HostKey, hostPort: string): AppError {
  return failure(
    'host_key_changed',
    'host_key_changed',
    `The host key of ${hostPort} changed from ${pinned.fingerprint} to ${offered.fingerprint}.`,
    {
      hint: 'If the server was reinstalled, compare with `ssh-keygen -l -f` on its key in /etc/ssh, then the owner accepts the new key; if not, someone may be listening in.',
      details: { pinned, offered },
    },
  );
}

/** Nothing is pinned yet, and the key is not the one that the person was told of when they entered the secret. */
export function hostKeyUnexpected(expected: string, offered: HostKey, hostPort: string): AppError {
  return failure(
    'host_key_changed',
    'host_key_changed',
    `The host key of ${hostPort} is ${offered.fingerprint}, not ${expected} as expected.`,
    {
      hint: 'Compare with `ssh-keygen -l -f` on its key in /etc/ssh. If the shown key is right, the owner accepts it; if not, someone may be listening in.',
      details: { pinned: null, expected, offered },
    },
  );
}

/** The secret is bound to another host key than the pinned one: an owner who did not enter it accepted a new key, or a clone copied it. */
export function credentialOfOtherHostKey(type: SshCredential['type']): AppError {
  const { secret, again } = enterAgain(type);
  return failure(
    'auth',
    'ssh_auth',
    `The stored ${secret} was not entered for this host key, so it is not sent. An admin of this server must enter it again in the server's settings.`,
    { hint: `Enter ${again}. If it was entered for a new host key, let the owner accept that key.` },
  );
}

/** The secret is bound to no host key at all, and none of the server is known: another machine may answer there than when it was entered. */
export function credentialKeptBack(type: SshCredential['type'], isBehindJump: boolean): AppError {
  const { secret, again } = enterAgain(type);
  const check = isBehindJump
    ? 'Its jump server may have been moved or have a new host key: ask one of its admins first. Then enter'
    : 'Enter';
  return failure(
    'auth',
    'ssh_auth',
    `The stored ${secret} is not sent: it was entered before Buoy had reached this server, and the way there may have changed since. An admin of this server must enter it again in the server's settings.`,
    { hint: `${check} ${again}` },
  );
}

function enterAgain(type: SshCredential['type']): { secret: string; again: string } {
  const secret = type === 'password' ? 'password' : 'private key';
  const option = type === 'password' ? '--password' : '--key FILE';
  return {
    secret,
    again: `the ${secret} again under Settings of the server, or with: buoy servers edit SERVER ${option}`,
  };
}

/** Reasons of a refused channel, RFC 4254 §5.1. */
export const channelRefusal = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const;

/** sshd opened no session: MaxSessions reached, or none allowed for this account. */
export function sessionRefused(error: unknown): AppError {
  return failure('shell', 'refused', 'The server refused to open another session.', {
    hint: 'Raise MaxSessions in sshd_config, or end old commands of this account.',
    cause: error,
  });
}

/** The session is open, but the server will not run commands in it. */
export function commandRefused(error: unknown): AppError {
  return failure('shell', 'refused', 'The server does not run commands for this account.', {
    hint: 'Give the account a real login shell, and remove a forced command from its key.',
    cause: error,
  });
}

function errorCode(error: unknown): string | undefined {
  // Happy eyeballs: each address failed on its own; the first failure stands for all.
  const one = error instanceof AggregateError ? error.errors[0] : error;
  const code = (one as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
