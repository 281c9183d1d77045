// The log: JSON lines on standard output, with whatever looks like a secret taken out.
import { type Logger, pino } from 'pino';

/** Field names that never reach the log, at the depths where our own lines carry objects. */
const secretFields = [
  'password',
  'privateKey',
  'passphrase',
  'credential',
  'token',
  'initData',
  'code',
  'authorization',
  'cookie',
  'refreshCookie',
];

export function createLogger(level: string): Logger {
  return pino({
    level,
    serializers: { req: withoutTicket },
    // "code" is also an error's code; only at depth, inside requests and bodies, is it a secret.
    redact: {
      paths: secretFields.flatMap((field) =>
        field === 'code' ? [`body.${field}`] : [field, `*.${field}`, `*.*.${field}`],
      ),
      censor: '[redacted]',
    },
  });
}

type LoggedRequest = { method: string; url?: string; host?: string; ip?: string };

/** A request as a line shows it; the address of a WebSocket may hold a ticket. */
function withoutTicket(request: LoggedRequest): object {
  const { method, url, host, ip } = request;
  if (url === undefined) return request;
  return { method, url: url.replace(/([?&]ticket=)[^&]*/g, '$1[redacted]'), host, remoteAddress: ip };
}
