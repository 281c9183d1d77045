// Errors on the wire. The only place that turns an error into an answer; what is unknown is logged and hidden.
import { type ErrorCode, errorStatus, type Problem } from '@buoy/contract';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { AppError } from '../lib/app-error.ts';

/** Fastify's own refusals (https://fastify.dev/docs/latest/Reference/Errors/) in our words. */
const frameworkErrors: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'The body is empty, though its type says JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'The body is not as long as its header says.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'invalid_request',
    'The body must be JSON, with "Content-Type: application/json".',
  ],
  FST_ERR_CTP_INVALID_TYPE: [
    'invalid_request',
    'The body must be JSON, with "Content-Type: application/json".',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than 1 MiB.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not a valid URL path.'],
};

/** Whatever was thrown, as an AppError. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
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
  const known = frameworkErrors[(error as FastifyError | undefined)?.code ?? ''];
  if (known !== undefined) return new AppError(known[0], known[1], { cause: error });
  if ((error as FastifyError | undefined)?.statusCode === 400)
    return new AppError('invalid_request', 'The request is not valid.', { cause: error });
  return new AppError('internal', 'Something went wrong inside Buoy.', {
    hint: 'Look in the log of Buoy for this request id.',
    cause: error,
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

/** Fastify's error handler. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const appError = toAppError(error);
  if (appError.status >= 500) request.log.error({ err: appError, code: appError.code }, 'request failed');
  else request.log.debug({ code: appError.code, reason: appError.message }, 'request refused');
  return reply
    .code(errorStatus[appError.code])
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problemOf(appError, request.id));
}
