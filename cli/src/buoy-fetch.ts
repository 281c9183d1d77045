// Calls to Buoy: waits and retries when rate-limited, and reports a server that is not a Buoy.
import { hostname } from 'node:os';
import { noAnswer } from './no-answer.ts';
import { commandLine } from './output/command-line.ts';
import type { Output } from './output/output.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Seconds; a longer Retry-After is reported instead of waited for. */
const MAX_WAIT_S = 60;
const MAX_WAITS = 3;

/** Identifies the terminal when a person approves its sign-in, and in the list of devices. */
function userAgent(): string {
  return `buoy/${version} (${hostname().replace(/[^\w.-]/g, '')}; ${process.platform})`;
}

/** No server answers at the address, or one that is not a Buoy: exit code 3. */
export class NoBuoyError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'NoBuoyError';
    this.hint = hint;
  }
}

type Caller = Pick<Terminal, 'fetch' | 'pause' | 'signal'>;

/** A `fetch` that Ctrl-C aborts. Throws NoBuoyError, and the abort reason on Ctrl-C. */
export function buoyFetch(terminal: Caller, output: Output): typeof globalThis.fetch {
  return async (input, init) => {
    const signal = init?.signal ?? terminal.signal;
    const headers = { ...(init?.headers as Record<string, string>), 'user-agent': userAgent() };
    for (let waits = 0; ; waits += 1) {
      const response = await answerOf(terminal, input, { ...init, signal, headers, redirect: 'manual' });
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      // A 429 call was not carried out, so it may be repeated: a script over many servers continues by itself.
      if (response.status === 429 && seconds <= MAX_WAIT_S && waits < MAX_WAITS) {
        await response.body?.cancel();
        output.note(`buoy: too many calls; trying again in ${seconds} s.`);
        await terminal.pause(seconds * 1_000, signal);
        signal.throwIfAborted();
        continue;
      }
      refuseToFollow(response, input);
      expectBuoy(response, input);
      return response;
    }
  };
}

async function answerOf(
  terminal: Caller,
  input: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  try {
    return await terminal.fetch(input, init);
  } catch (error) {
    // fetch throws TypeError for network errors (https://fetch.spec.whatwg.org/#fetch-api).
    if (terminal.signal.aborted || !(error instanceof TypeError)) throw error;
    const { message, hint } = noAnswer(
      originOf(input),
      (error.cause ?? {}) as { code?: string; message?: string },
    );
    throw new NoBuoyError(message, hint);
  }
}

/** Buoy never redirects; proxies do, from http to https. Following could change the method and send the token elsewhere. */
function refuseToFollow({ status, headers }: Response, input: string | URL | Request): void {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, originOf(input))) return;
  const { origin } = new URL(location, originOf(input));
  throw new NoBuoyError(
    `${originOf(input)} redirects to ${origin}.`,
    origin === originOf(input)
      ? 'Is the address right, and is Buoy running behind it?'
      : `If that is your Buoy: ${commandLine('buoy', 'login', origin)}`,
  );
}

/** Answers of Buoy are JSON, a stream, or have a request id; a proxy or another program answers with HTML. */
function expectBuoy({ status, headers }: Response, input: string | URL | Request): void {
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const isStream =
    status < 300 && /^(text\/event-stream|application\/gzip|application\/x-ndjson)$/.test(type);
  const isNamed = status < 300 && type !== 'text/html' && headers.has('x-request-id');
  if (status === 204 || isStream || isNamed || type === 'application/json') return;
  throw new NoBuoyError(
    `The answer of ${originOf(input)} is not from a Buoy (${[status, type].filter(Boolean).join(', ')}).`,
    'Is the address right, and is Buoy running behind it?',
  );
}

function originOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).origin;
}
