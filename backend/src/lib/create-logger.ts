// The log: JSON lines on standard output, with secrets masked.
import { type Logger, pino } from 'pino';
import { maskSecretPath } from './secret-paths.ts';

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
  return pino(
    {
      level,
      serializers: { req: withoutSecrets },
      // "code" is also an error's code; only at depth, inside requests and bodies, is it a secret.
      redact: {
        paths: secretFields.flatMap((field) =>
          field === 'code' ? [`body.${field}`] : [field, `*.${field}`, `*.*.${field}`],
        ),
        censor: '[redacted]',
      },
    },
    standardOutput(),
  );
}

/** Node's own: Pino's would wait for ever at the end of the process for a reader that is gone (sonic-boom 4.2, flushSync). */
function standardOutput(): NodeJS.WriteStream {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', ignoreError);
  return process.stdout;
}

/** The log pipe is closed, which must not stop the work. */
function ignoreError(): void {}

type LoggedRequest = { method: string; url?: string; host?: string; ip?: string };

/** A request as a line shows it; the address of a WebSocket may hold a ticket, that of a status page holds its token. */
function withoutSecrets(request: LoggedRequest): object {
  const { method, url, host, ip } = request;
  if (url === undefined) return request;
  return {
    method,
    url: maskSecretPath(url).replace(/([?&]ticket=)[^&]*/g, '$1[redacted]'),
    host,
    remoteAddress: ip,
  };
}
