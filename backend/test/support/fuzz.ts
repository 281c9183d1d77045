// Fuzzes one endpoint; reports the first fault with the smallest request that causes it and how to send it again.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';
import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { auditLogOf } from './audit-log.ts';
import { faultOf } from './fuzz-answers.ts';
import type { FuzzFixture } from './fuzz-fixture.ts';
import { type FuzzRequest, fuzzRequests } from './fuzz-requests.ts';

export type FuzzSettings = {
  /** Requests to each endpoint. */
  runs: number;
  seed: number;
  /** Milliseconds for one endpoint, the search for the smallest request included. */
  timeLimitMs: number;
};

/** Status → how many answers had it. */
export type FuzzTally = Map<number, number>;

type Sent = { request: FuzzRequest; id: string; status: number; code: string | null };

/**
 * @param prepare starts the Buoy to fuzz, which is closed at the end
 * @throws Error that names the endpoint, the seed, the fault and the smallest request that causes it
 */
export async function fuzz(
  key: EndpointKey,
  { runs, seed, timeLimitMs }: FuzzSettings,
  prepare: (key: EndpointKey) => Promise<FuzzFixture>,
): Promise<FuzzTally> {
  const endpoint: Endpoint = contract[key];
  const fixture = await prepare(key);
  const tally: FuzzTally = new Map();
  const sent: Sent[] = [];
  const unhandledErrors: unknown[] = [];
  const note = (reason: unknown) => unhandledErrors.push(reason);
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
  try {
    const property = fc.asyncProperty(fuzzRequests(key, fixture.known, fixture.inPath), async (request) => {
      const answer = await send(fixture, request);
      const fault = faultOf(endpoint, answer, request.headers, fixture);
      if (fault !== null) throw new Error(fault);
      tally.set(answer.statusCode, (tally.get(answer.statusCode) ?? 0) + 1);
      sent.push({
        request,
        id: String(answer.headers['x-request-id']),
        status: answer.statusCode,
        code: codeIn(answer),
      });
    });
    const result = await fc.check(property, {
      numRuns: runs,
      seed,
      interruptAfterTimeLimit: timeLimitMs,
      markInterruptAsFailure: true,
    });
    if (result.failed) throw new Error(reportOf(key, seed, runs, result));
    const unwritten = await missingEntries(fixture, sent);
    if (unwritten.length > 0)
      throw new Error(
        `${key}, seed ${seed}: ${unwritten.length} calls are not in the audit log, such as\n${describe(unwritten[0]!)}`,
      );
    if (unhandledErrors.length > 0)
      throw new Error(
        `${key}, seed ${seed}: errors that nobody caught, such as ${inWords(unhandledErrors[0])}`,
      );
    return tally;
  } finally {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
    await fixture.running.close();
  }
}

async function send(
  { running, authorizationOf, answerDeadlineMs }: FuzzFixture,
  request: FuzzRequest,
): Promise<LightMyRequestResponse> {
  const { caller, method, url, headers, body } = request;
  const authorization = 'as' in caller ? await authorizationOf(caller.as) : caller.authorization;
  const sentAt = performance.now();
  const timeout = AbortSignal.timeout(answerDeadlineMs);
  const tooLate = new Promise<never>((_resolve, reject) => {
    timeout.addEventListener('abort', () => reject(new Error(`no answer within ${answerDeadlineMs} ms`)));
  });
  const answer = await Promise.race([
    running.call(method, url, {
      headers: { authorization, ...headers },
      ...(body === null ? {} : { body }),
    }),
    tooLate,
  ]);
  // A call that blocks the event loop delays the timer as well.
  if (performance.now() - sentAt > answerDeadlineMs) throw new Error('the answer came too late');
  return answer;
}

/**
 * Every denied call and every change must be in the log, by itself or counted with others; answers that mean "try later" need not be.
 */
async function missingEntries({ running, superToken }: FuzzFixture, sent: readonly Sent[]): Promise<Sent[]> {
  const log = await auditLogOf(running, superToken);
  const written = Map.groupBy(log, ({ requestId }) => requestId ?? '');
  const counted = log.reduce((sum, { details }) => sum + Number(details.count ?? 0), 0);
  const mustBeThere = sent.filter(
    ({ request, status, code }) =>
      request.straight &&
      code !== 'rate_limited' &&
      code !== 'authorization_pending' &&
      (request.method !== 'GET' || status === 401 || status === 403),
  );
  const byId = Map.groupBy(mustBeThere, ({ id }) => id);
  const alone = [...byId].flatMap(([id, calls]) => calls.slice((written.get(id) ?? []).length));
  return alone.length > counted ? alone : [];
}

function reportOf(
  key: EndpointKey,
  seed: number,
  runs: number,
  result: fc.RunDetails<[FuzzRequest]>,
): string {
  const again = `FUZZ_SEED=${seed} FUZZ_RUNS=${runs} npm run fuzz -- -t "^${key} answers"`;
  if (result.interrupted && result.counterexample === null)
    return `${key}, seed ${seed}: only ${result.numRuns} of ${runs} requests in the time.`;
  return [
    `${key} broke its contract after ${result.numRuns} requests with seed ${seed}:`,
    `  ${inWords(result.errorInstance)}`,
    'The smallest request that shows it:',
    `  ${cut(JSON.stringify(result.counterexample?.[0]))}`,
    `Again: ${again}`,
  ].join('\n');
}

const describe = ({ request, id, status }: Sent): string =>
  `  ${cut(JSON.stringify(request))} → ${status}, request id ${id}`;

/** Characters of a request that a report shows. */
const SHOWN = 2_000;
const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

const inWords = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function codeIn({ statusCode, body }: LightMyRequestResponse): string | null {
  return statusCode < 400 ? null : (JSON.parse(body) as { code: string }).code;
}
