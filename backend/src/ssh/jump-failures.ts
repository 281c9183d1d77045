// Errors of connections through a jump server: people who see the server may not see its jump server.
import type { FailureKind } from '@buoy/contract';
import { type AppError, isAppError } from '../lib/app-error.ts';
import { channelRefusal, failure, kindOf, networkFailure } from './failures.ts';

/** The kind of failure, never the address or login of the jump server. */
const jumpWords: Record<FailureKind, string> = {
  dns: 'The host name of the jump server could not be looked up.',
  refused: 'The connection to the jump server was refused.',
  timeout: 'The jump server does not answer.',
  host_key_changed: 'The jump server shows a different host key than the pinned one.',
  auth: 'Sign-in to the jump server was refused.',
  key_format: 'The stored key of the jump server cannot be used.',
  sudo: 'The jump server could not be used.',
  shell: 'The jump server could not be used.',
  jump: 'The jump server could not be reached.',
  other: 'The jump server could not be reached.',
};

/** The jump server failed; its own message is only for people who see it. */
export function jumpFailure(error: unknown): AppError {
  const inner = isAppError(error) ? error : networkFailure(error, 'the jump server');
  const jumpKind = kindOf(inner);
  return failure('jump', inner.code, jumpWords[jumpKind], {
    hint: 'Test the connection of the jump server first, or ask one of its admins.',
    details: { failed: 'jump', jumpKind },
    cause: inner,
  });
}

function jumpUnusable(message: string, hint: string): AppError {
  return failure('jump', 'unreachable', message, { hint, details: { failed: 'jump', jumpKind: 'jump' } });
}

export function jumpChained(): AppError {
  return jumpUnusable(
    'The jump server is itself behind a jump server, and only one hop is possible.',
    'Choose a jump server that Buoy reaches directly.',
  );
}

export function jumpRemoved(): AppError {
  return jumpUnusable(
    'Its jump server was removed. Choose another one, or save a direct connection.',
    'A transfer to another owner removes it, too. An admin of this server chooses in its settings.',
  );
}

export function jumpForbidden(): AppError {
  return jumpUnusable(
    'The owner of this server is not an admin of its jump server, so Buoy does not connect through it.',
    'Choose another jump server in the settings, or ask the owner of the jump server for the role "admin".',
  );
}

/** The jump server works, but cannot open a connection to `hostPort`. */
export function behindJumpFailure(error: unknown, hostPort: string): AppError {
  const forbidden = (error as { reason?: unknown }).reason === channelRefusal.prohibited;
  return failure(
    'jump',
    'unreachable',
    forbidden
      ? `The jump server does not allow connections to ${hostPort}.`
      : `The jump server works, but it cannot connect to ${hostPort}.`,
    {
      hint: forbidden
        ? 'Set AllowTcpForwarding and PermitOpen on the jump server.'
        : 'Check the address as the jump server sees it, and that the server behind it runs.',
      details: { failed: 'target' },
      cause: error,
    },
  );
}
