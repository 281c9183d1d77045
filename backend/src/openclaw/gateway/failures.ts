// The only place that turns answers and disconnects of a gateway into AppErrors.
import type { ErrorCode } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { redactJson, redactText } from '../../lib/redact.ts';
import { exceededBound } from '../reads/bounded.ts';
import type { RpcError } from './frames.ts';

const errorDetails = z.looseObject({
  code: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

const coded = z.looseObject({ code: z.string().regex(/^[A-Z][A-Z_]{2,63}$/) });

/** Milliseconds to wait when a gateway that can be asked again does not say how long. */
const DEFAULT_RETRY_MS = 1_000;
/** Milliseconds between attempts when a connection broke off. */
const CLOSED_RETRY_MS = 250;
/** Milliseconds between attempts, however soon a gateway wants to be asked again: it chooses no time that makes Buoy ask without a pause. */
const MIN_RETRY_MS = 250;

/** Close code of a gateway whose token was changed, and of one that restarts (OpenClaw 2026.9.6). */
const TOKEN_CHANGED = 4001;
const SERVICE_RESTART = 1012;

/** Put into `details`; `retryAfterMs` is there only when asking again can help. */
type GatewayFailure = { reason: string; retryAfterMs?: number } & Record<string, unknown>;

function unavailable(message: string, hint: string, details: GatewayFailure, cause?: unknown): AppError {
  return new AppError('gateway_unavailable', message, { hint, details, cause });
}

/** UTF-16 units of the details of a refusal, short texts counted as longer ones. */
const MAX_DETAILS = 16_384;

/** OpenClaw's own words, which may quote what it was told, for everybody who may read the server. Its code for the case stays: it is no secret. */
function shownWords({ code, message, details }: RpcError) {
  const shown = redactJson(details, { total: MAX_DETAILS });
  const known = coded.safeParse(details).data;
  return {
    code,
    message: redactText(message),
    details: known === undefined ? shown : { ...(shown as object), code: known.code },
  };
}

/** What a refused RPC means. `version` is the gateway's own. */
export function rpcFailure(method: string, error: RpcError, version: string | null): AppError {
  const openclaw = shownWords(error);
  // OpenClaw has no code of its own for this; the sentence is the only sign (2026.7.35 and 2026.9.6).
  if (error.code === 'INVALID_REQUEST' && error.message === `unknown method: ${method}`) {
    return new AppError(
      'unsupported',
      `OpenClaw ${version ?? 'on this server'} does not support the call ${method}.`,
      { hint: 'Update OpenClaw on this server.', details: { method, version } },
    );
  }
  if (error.code === 'UNAVAILABLE') {
    const reason = errorDetails.safeParse(error.details).data?.reason ?? 'unavailable';
    return unavailable('The gateway is not available right now.', 'Try again in a moment.', {
      reason,
      method,
      openclaw,
      ...(error.retryable ? { retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS } : {}),
    });
  }
  return new AppError('refused', `OpenClaw refused the call ${method}.`, {
    hint: 'The details quote its message.',
    details: { method, openclaw },
  });
}

/** What a refused `connect` means. */
export function connectRefused(error: RpcError): AppError {
  const { code, reason } = errorDetails.safeParse(error.details).data ?? {};
  const openclaw = shownWords(error);
  const is = (name: string) => error.code === name || code === name;
  if (is('PROTOCOL_MISMATCH')) {
    return new AppError(
      'unsupported',
      'This version of OpenClaw uses a gateway protocol that Buoy does not support.',
      {
        hint: 'Buoy supports protocol 4 (OpenClaw 2026.7 and later): update OpenClaw, or update Buoy.',
        details: { openclaw },
      },
    );
  }
  if (is('AUTH_TOKEN_MISMATCH') || is('AUTH_PASSWORD_MISMATCH')) {
    return unavailable(
      'The gateway refuses the token in its own config file.',
      'The gateway may still run with an older config: restart it.',
      { reason: 'token_refused', openclaw },
    );
  }
  if (
    is('NOT_PAIRED') ||
    is('DEVICE_IDENTITY_REQUIRED') ||
    is('PAIRING_REQUIRED') ||
    is('AUTH_TOKEN_MISSING')
  ) {
    return unavailable(
      'The gateway requires a secret that Buoy does not have.',
      'Set gateway.auth.token as plain text in openclaw.json.',
      { reason: 'no_secret', openclaw },
    );
  }
  const retry = error.retryable || error.code === 'UNAVAILABLE';
  return unavailable(
    reason === 'startup-sidecars' ? 'The gateway is still starting.' : 'Sign-in to the gateway was refused.',
    retry ? 'Try again in a moment.' : 'The details quote its message.',
    {
      reason: reason ?? code ?? 'connect_refused',
      openclaw,
      ...(retry ? { retryAfterMs: error.retryAfterMs ?? DEFAULT_RETRY_MS } : {}),
    },
  );
}

/** The config of the host has no usable secret; `problem` is a sentence. */
export function noSecret(problem: string): AppError {
  return unavailable(problem, 'Set gateway.auth.token as plain text in openclaw.json, then try again.', {
    reason: 'no_secret',
  });
}

export function noScopes(): AppError {
  return unavailable(
    'The gateway accepted the sign-in but granted no permissions.',
    'Buoy must reach the gateway on loopback with its shared token; a proxy in front of it prevents that.',
    { reason: 'no_scopes' },
  );
}

/** The peer answers, but not as a gateway does. */
export function notAGateway(port: number, cause?: unknown): AppError {
  return new AppError(
    'bad_gateway',
    `What listens on port ${port} of the server is not an OpenClaw gateway.`,
    {
      hint: 'Another program may use the port: check with `ss -ltnp` on the server.',
      details: { reason: 'not_a_gateway', port },
      cause,
    },
  );
}

/** HTTP answered instead of a WebSocket. A gateway does so with 503 while it is not ready. */
export function upgradeRefused(status: number, port: number): AppError {
  if (status !== 503) return notAGateway(port);
  return unavailable('The gateway is still starting.', 'Try again in a moment.', {
    reason: 'starting',
    retryAfterMs: DEFAULT_RETRY_MS,
  });
}

/** The WebSocket or the stream below it broke; `error` comes from `ws` or from Node. */
export function brokenFailure(error: Error & { code?: unknown }, port: number): AppError {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return answeredTooMuch(error);
  }
  // HPE_*: the HTTP parser; WS_ERR_*: what came is no WebSocket frame.
  if (/^(HPE|WS_ERR)_/.test(String(error.code))) return notAGateway(port, error);
  return lost('connection_lost', error);
}

/** A frame that is too large to be parsed. */
export function answeredTooMuch(cause?: unknown): AppError {
  return new AppError('output_too_large', 'The answer of the gateway is larger than Buoy accepts.', {
    hint: 'Request less at a time.',
    cause,
  });
}

/** The servers of one person have sent more unfinished frames than Buoy holds. */
export function tooMuchAtOnce(): AppError {
  return new AppError(
    'output_too_large',
    'The gateways of your servers send more data at once than Buoy accepts.',
    {
      hint: 'Wait until other long answers have arrived, then try again.',
    },
  );
}

/** The connection ended with this close code. */
export function closedFailure(code: number): AppError {
  if (code === SERVICE_RESTART) {
    return unavailable('The gateway is restarting.', 'Try again in a moment.', {
      reason: 'restarting',
      retryAfterMs: DEFAULT_RETRY_MS,
    });
  }
  return lost(code === TOKEN_CHANGED ? 'token_changed' : 'connection_lost');
}

function lost(reason: string, cause?: unknown): AppError {
  return unavailable(
    'The connection to the gateway was lost.',
    'Try again.',
    { reason, retryAfterMs: CLOSED_RETRY_MS },
    cause,
  );
}

/** The gateway sent nothing for several tick intervals. */
export function silentFailure(): AppError {
  return unavailable(
    'The gateway stopped responding.',
    'Try again; if it stays like this, restart the gateway.',
    {
      reason: 'silent',
      retryAfterMs: CLOSED_RETRY_MS,
    },
  );
}

/** Buoy itself closed the connection. */
export function droppedFailure(): AppError {
  return new AppError('cancelled', 'The connection to the gateway was dropped.', { hint: 'Try again.' });
}

/** Only the places are kept: the values may be private. */
export function misunderstood(what: string, error: z.ZodError | null): AppError {
  const bound = error === null ? null : exceededBound(error);
  if (bound !== null) return listedTooMany(`The gateway answered ${what}`, bound);
  return new AppError('bad_gateway', `The gateway answered ${what} in a way that Buoy does not understand.`, {
    hint: 'This version of OpenClaw may be newer than Buoy: update Buoy.',
    details: {
      issues: (error?.issues ?? [])
        .slice(0, 5)
        .map((issue) => ({ path: issue.path.join('.'), code: issue.code })),
    },
  });
}

/** @param who what answered, as a sentence begins */
export function listedTooMany(who: string, bound: number): AppError {
  return new AppError(
    'output_too_large',
    `${who} with a list of more than ${bound} entries, and Buoy reads no more than that.`,
    { hint: 'Check the server: OpenClaw itself never has lists of this size.', details: { most: bound } },
  );
}

function detail(error: unknown, key: string): unknown {
  return isAppError(error, 'gateway_unavailable')
    ? (error.details as Record<string, unknown> | undefined)?.[key]
    : undefined;
}

/** Milliseconds after which asking again can help; null when it cannot. */
export function retryAfter(error: unknown): number | null {
  const value = detail(error, 'retryAfterMs');
  return typeof value === 'number' ? Math.max(MIN_RETRY_MS, value) : null;
}

/** The secret is out of date: read the config file again. */
export function wantsNewSecret(error: unknown): boolean {
  const reason = detail(error, 'reason');
  return reason === 'token_refused' || reason === 'token_changed' || reason === 'no_secret';
}

/** SSH itself fails, so that reading from the host would only fail again. */
export const unreachableCodes: readonly ErrorCode[] = [
  'unreachable',
  'ssh_auth',
  'key_format',
  'host_key_changed',
  'host_key_mismatch',
  'circuit_open',
  'queue_full',
  'cancelled',
];

/** For a read without any answer in time: the server is unreachable (503), not slow. */
export function unanswered(problem: unknown): unknown {
  if (!isAppError(problem, 'deadline')) return problem;
  return new AppError('unreachable', 'The server did not answer in time.', {
    hint: 'Try again; if it stays like this, check the load of the server and the network to it.',
    cause: problem,
  });
}

export function meansUnreachable(error: unknown): boolean {
  return isAppError(error, ...unreachableCodes);
}

/**
 * The server itself answered just now, if only to say that nothing listens on the port. Failures that answer for longer
 * (a refused secret, a gateway that is still starting) or that end a connection prove nothing: the server may have gone since.
 */
export function provesLife(error: unknown): boolean {
  return (
    isAppError(error, 'bad_gateway') ||
    (isAppError(error, 'gateway_unavailable') && detail(error, 'reason') === undefined)
  );
}
