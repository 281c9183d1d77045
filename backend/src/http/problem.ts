// Turns errors into answers; the only place that does. Unknown errors are logged and hidden.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, errorStatus, type Problem } from '@buoy/contract';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { AppError } from '../lib/app-error.ts';
import { endConnection } from './end-connection.ts';
import { requestIdOf } from './request-id.ts';

/** Fastify's own refusals (https://fastify.dev/docs/latest/Reference/Errors/) in our words. */
const frameworkErrors: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'The body is empty, though its type says JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid_request',
    'The body is not as long as its Content-Length says.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'invalid_request',
    'The body must be JSON, with "Content-Type: application/json".',
  ],
  FST_ERR_CTP_INVALID_TYPE: [
    'invalid_request',
    'The body must be JSON, with "Content-Type: application/json".',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than this call takes.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not a valid URL path.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid_request', 'A part of the path is too long.'],
};

/** Whatever was thrown, as an AppError. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return internal(error);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const details = error.validation.map((issue) => ({
      path: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: issue.message ?? 'is not valid',
    }));
    const [first] = details;
    const where = first === undefined || first.path === '' ? '' : ` (${first.path})`;
    return new AppError(
      'invalid_request',
      `The request is not valid${where}: ${first?.message ?? 'see the details'}.`,
      {
        details,
      },
    );
  }
  if (isResponseSerializationError(error))
    return new AppError('response_contract', 'Buoy made an answer that breaks its own contract.', {
      hint: 'Please report this with the request id.',
      cause: error,
    });
  const known = frameworkErrors[(error as FastifyError).code ?? ''];
  if (known !== undefined) return new AppError(known[0], known[1], { cause: error });
  if ((error as FastifyError).statusCode === 400)
    return new AppError('invalid_request', 'The request is not valid.', { cause: error });
  return internal(error);
}

function internal(cause: unknown): AppError {
  return new AppError('internal', 'Something went wrong inside Buoy.', {
    hint: 'Search the log of Buoy for this request id.',
    cause,
  });
}

/** The error body of the contract. */
export function problemOf(error: AppError, requestId: string): Problem {
  return {
    error: error.message,
    code: error.code,
    requestId,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
    ...taskIdIn(error.details),
  };
}

/** A conflict with a running task names it beside the error, as the contract says. */
function taskIdIn(details: unknown): { taskId?: string } {
  return typeof details === 'object' &&
    details !== null &&
    'taskId' in details &&
    typeof details.taskId === 'string'
    ? { taskId: details.taskId }
    : {};
}

/**
 * A refusal that ends by itself says when in `retryAfterS`, whole seconds; `limit` is the size of a budget that is used up; `allow`
 * are the methods that a path takes.
 */
export function headersFrom(details: unknown): Record<string, number | string> {
  const { retryAfterS, limit, allow } = Object(details) as Record<'retryAfterS' | 'limit' | 'allow', unknown>;
  if (Array.isArray(allow)) return { allow: allow.join(', ') };
  if (typeof retryAfterS !== 'number') return {};
  return {
    'retry-after': retryAfterS,
    ...(typeof limit === 'number'
      ? { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': retryAfterS }
      : {}),
  };
}

/** Fastify's error handler. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const appError = toAppError(error);
  if (appError.status >= 500) request.log.error({ err: appError, code: appError.code }, 'request failed');
  else request.log.debug({ code: appError.code, reason: appError.message }, 'request refused');
  return (
    reply
      .code(errorStatus[appError.code])
      .headers(headersFrom(appError.details))
      // A path that cannot be read comes here past every hook.
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send(problemOf(appError, request.id))
  );
}

/** Codes of Node's HTTP parser (https://nodejs.org/api/http.html#event-clienterror); whatever else it dislikes is no HTTP. */
const unreadable: Record<string, [ErrorCode, string]> = {
  HPE_HEADER_OVERFLOW: ['payload_too_large', 'The headers of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['invalid_request', 'The request did not arrive in time.'],
};

/** A page that frames such an answer, of its own origin, could call that origin by it. */
const RAW_POLICY = "default-src 'none'; sandbox";

/** Node's handler for what never becomes a request: answers by hand and ends the connection. */
export function sendClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, message] = unreadable[error.code ?? ''] ?? ['invalid_request', 'This is not an HTTP request.'];
  const requestId = requestIdOf({ headers: {} });
  const body = JSON.stringify(problemOf(new AppError(code, message), requestId));
  const status = errorStatus[code];
  endConnection(
    socket,
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nx-request-id: ${requestId}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-security-policy: ${RAW_POLICY}\r\ncache-control: no-store\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
