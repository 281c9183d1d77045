// Reads OpenClaw from the gateway when it answers, else by its command on the host, else from the last snapshot.
import { createHash } from 'node:crypto';
import type { ErrorCode, Source } from '@buoy/contract';
import type { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { FIRST_READ_MS, READ_MS } from '../gateway/deadlines.ts';
import { meansUnreachable, unanswered, unreachableCodes } from '../gateway/failures.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { createCommandAnswers } from './command-answers.ts';
import { readWithFallback } from './fallback.ts';
import { MAX_SNAPSHOT_LENGTH, type SnapshotStore } from './snapshots.store.ts';
import { createWriteThrottle } from './write-throttle.ts';

/** One RPC within the time of this read. */
export type GatewayCall = <S extends z.ZodType>(
  method: string,
  params: Record<string, unknown>,
  schema: S,
) => Promise<z.output<S>>;

/** One run of OpenClaw's command, `words` after `openclaw`, its JSON parsed. */
export type CliCall = <S extends z.ZodType>(words: readonly string[], schema: S) => Promise<z.output<S>>;

/** `limits` is only for reads by SSH. */
type FromHost<T> = (call: CliCall, limits: { deadlineMs: number; signal: AbortSignal }) => Promise<T>;

/** An answer of OpenClaw's command that several reads show parts of, and its name within a server, which no caller chooses. */
type WholeFromHost<W> = { what: string; ask(call: CliCall): Promise<W> };
type PartFromHost<T> = WholeFromHost<unknown> & { pick(whole: unknown): T };

/** For a read whose words the caller chooses: the command runs for all of them together. @param pick leaves `whole` as it is, and may throw `not_found` */
export function partFromHost<W, T>(whole: WholeFromHost<W>, pick: (whole: W) => T): PartFromHost<T> {
  // What `ask` gave comes back, or a copy of it by way of JSON.
  return { ...whole, pick: (kept) => pick(kept as W) };
}

export type Reading<S extends z.ZodType> = {
  /** The name of the read within a server: `agents`, `agents/sales/files`. */
  what: string;
  /** Schema of the payload that clients get; a snapshot that no longer matches is not used. */
  schema: S;
  /** Absent where only OpenClaw's command knows it. */
  fromGateway?(call: GatewayCall): Promise<z.output<S>>;
  /** Absent where the host cannot answer. */
  fromHost?: FromHost<z.output<S>> | PartFromHost<z.output<S>>;
  /** Errors of `fromHost` that are its answer, besides `not_found`: no snapshot is shown instead. */
  hostAnswers?: readonly ErrorCode[];
  /** `memory` for messages and files of people: not written to Buoy's disk. Default `database`. */
  keep?: 'database' | 'memory';
  /**
   * Of a read that asks the command alone: milliseconds that a caller waits, that one run may take, and for which its answer is given again.
   * Other commands get what is left of the read, and what they answer is used for a minute, until the gateway is back.
   */
  commandAlone?: { waitMs: number; runMs: number; holdsMs: number };
  /** Milliseconds that the gateway may take for this when it is slow by nature; Buoy sees by itself that it lives. */
  slowMs?: number;
};

export type Answer<T> = T & { source: Source; observedAt: string };

export type Reader = {
  /** Throws AppError: the refusal of the gateway, or why nothing could be read without a snapshot. */
  read<S extends z.ZodType>(
    serverId: string,
    reading: Reading<S>,
    options: { signal: AbortSignal },
  ): Promise<Answer<z.output<S>>>;
};

/** Milliseconds that the command may continue after all callers have left, so that the next read has its answer. */
const COMMAND_MS = 30_000;
/** Milliseconds for which the command's answer is cached: it costs the host seconds of CPU, and little changes in that time. */
const COMMAND_HOLDS_MS = 60_000;
/** Milliseconds between two writes of the same snapshot. */
const SNAPSHOT_INTERVAL_MS = 30_000;
/** Answers kept in memory, over all servers, and their JSON altogether (UTF-16 units). */
const MAX_IN_MEMORY = { answers: 500, length: 32 * 1024 * 1024 };
/** The same of what the command answered: the caller chooses a search or a page, so one server could have any number. */
const MAX_OF_COMMAND = {
  ...{ answers: 1_000, length: 16 * 1024 * 1024 },
  ofServer: { answers: 32, length: 2 * 1024 * 1024 },
};

/** Failures to ask the gateway; every other one is its answer. */
const couldNotAsk: readonly ErrorCode[] = [
  ...unreachableCodes,
  'gateway_unavailable',
  'bad_gateway',
  'deadline',
  'output_too_large',
];

export function createReader({
  gateways,
  ssh,
  cli,
  snapshots,
  clock,
  logger,
}: {
  gateways: Pick<Gateways, 'call' | 'probe' | 'onStateChange'>;
  ssh: Pick<Ssh, 'state'>;
  cli: Pick<Cli, 'json'>;
  snapshots: SnapshotStore;
  clock: Clock;
  logger: Logger;
}): Reader {
  const inMemory = createBoundedCache(MAX_IN_MEMORY);
  const myTurn = createOneATurn();
  /** Until the gateway is back, which has newer data, or the server is another host. */
  const whileDown = createCommandAnswers({ limits: MAX_OF_COMMAND, clock });
  const commandAlone = createCommandAnswers({ limits: MAX_OF_COMMAND, clock });
  const written = createWriteThrottle(clock, SNAPSHOT_INTERVAL_MS);
  /** Servers that have answered before: for these, silence means a lost connection, not a first login. */
  const met = new Set<string>();

  gateways.onStateChange((serverId, state) => {
    if (state === 'connected') met.add(serverId);
    if (state === 'reset') met.delete(serverId);
    if (state === 'connected' || state === 'reset') whileDown.forget(serverId);
    if (state === 'reset') {
      commandAlone.forget(serverId);
      inMemory.forget(serverId);
    }
  });

  async function read<S extends z.ZodType>(
    serverId: string,
    reading: Reading<S>,
    { signal }: { signal: AbortSignal },
  ): Promise<Answer<z.output<S>>> {
    const sshState = ssh.state(serverId);
    const isFirst = !met.has(serverId) && (sshState === 'idle' || sshState === 'connecting');
    const { fromGateway, fromHost } = reading;
    const { waitMs } = reading.commandAlone ?? {};
    const usual = isFirst ? FIRST_READ_MS : READ_MS;
    return readWithFallback<Answer<z.output<S>>>(
      {
        fromGateway:
          fromGateway &&
          (async ({ deadlineMs }) => {
            const value = await askGateway(serverId, { ...reading, fromGateway }, deadlineMs, signal);
            met.add(serverId);
            const observedAt = isoTime(clock.now());
            // A long answer is serialized twice, for the snapshot and for the caller: yields to the event loop before each.
            await myTurn();
            await keep(serverId, reading, { value, observedAt, text: JSON.stringify(value) });
            await myTurn();
            return answer(value, 'gateway', observedAt);
          }),
        isAnswer: (error) => !isAppError(error) || !couldNotAsk.includes(error.code),
        // A gateway that answers too much is healthy: its command would print as much.
        mayAskHost: (problem) => fromHost !== undefined && !isAppError(problem, 'output_too_large'),
        async fromHost(problem, { budgetMs, left }) {
          if (fromHost === undefined) throw problem;
          const { value, observedAt } = await withTimeout(
            askHost(serverId, { ...reading, fromHost }),
            { deadlineMs: left(budgetMs), signal },
            clock,
            deadlineError,
          );
          met.add(serverId);
          return answer(value, 'cli', observedAt);
        },
        problemAfter(problem, hostError) {
          // not_found is an answer.
          if (signal.aborted || isAppError(hostError, 'not_found', ...(reading.hostAnswers ?? [])))
            throw hostError;
          return problem === undefined || meansUnreachable(hostError) ? hostError : problem;
        },
        async fromSnapshot(problem) {
          const last = await lastSeen(serverId, reading);
          if (last === null || isAppError(problem, 'host_key_changed'))
            throw reading.slowMs === undefined && waitMs === undefined ? unanswered(problem) : problem;
          return answer(last.value, 'snapshot', last.observedAt);
        },
      },
      waitMs === undefined ? usual : { ...usual, host: waitMs },
      clock,
    );
  }

  async function askGateway<S extends z.ZodType>(
    serverId: string,
    { fromGateway, slowMs }: Reading<S> & Required<Pick<Reading<S>, 'fromGateway'>>,
    usualMs: number,
    signal: AbortSignal,
  ): Promise<z.output<S>> {
    const startedAt = clock.now();
    const totalMs = Math.max(usualMs, slowMs ?? 0);
    const work = fromGateway((method, params, schema) =>
      withHandledRejection(
        gateways.call(serverId, method, params, schema, {
          deadlineMs: Math.max(1, startedAt + totalMs - clock.now()),
          signal,
        }),
      ),
    );
    if (totalMs === usualMs) return work;
    // A frozen host would keep its caller for the whole time of a slow call. The race hears both, whichever ends first.
    const lives = gateways.probe(serverId, '/healthz', { deadlineMs: usualMs, signal }).catch((error) => {
      throw unanswered(error);
    });
    return Promise.race([work, lives.then(() => work)]);
  }

  async function askHost<S extends z.ZodType>(
    serverId: string,
    reading: Reading<S> & Required<Pick<Reading<S>, 'fromHost'>>,
  ): Promise<{ value: z.output<S>; observedAt: string }> {
    const { fromHost } = reading;
    const { runMs, holdsMs } = reading.commandAlone ?? { runMs: COMMAND_MS, holdsMs: COMMAND_HOLDS_MS };
    const answers = reading.commandAlone === undefined ? whileDown : commandAlone;
    const run = (ask: FromHost<unknown>) => () => {
      const limits = { deadlineMs: runMs, signal: AbortSignal.timeout(runMs) };
      return ask((words, schema) => withHandledRejection(cli.json(serverId, words, schema, limits)), limits);
    };
    const isPart = typeof fromHost !== 'function';
    const { value, observedAt, isCurrent } = await answers.ask(
      serverId,
      isPart ? fromHost.what : reading.what,
      {
        ...{ holdsMs, run: run(isPart ? fromHost.ask : fromHost) },
        ...(isPart ? {} : { onAnswer: (answered) => keep(serverId, reading, answered) }),
      },
    );
    // All who waited for the same run would go on in one turn of the event loop.
    await myTurn();
    if (!isPart) return { value: value as z.output<S>, observedAt };
    const part = { value: fromHost.pick(value), observedAt };
    if (isCurrent) await keep(serverId, reading, { ...part, text: JSON.stringify(part.value) });
    return part;
  }

  async function keep<S extends z.ZodType>(
    serverId: string,
    reading: Reading<S>,
    { value, observedAt, text }: { value: unknown; observedAt: string; text: string },
  ): Promise<void> {
    if (text.length > MAX_SNAPSHOT_LENGTH) return;
    if (reading.keep === 'memory') return inMemory.put(serverId, reading.what, { text, observedAt });
    const name = nameOf(serverId, reading);
    if (!written.isDue(name, createHash('sha256').update(text).digest('base64'))) return;
    try {
      await snapshots.put(serverId, reading.what, value, observedAt);
    } catch (error) {
      written.forget(name);
      logger.warn({ serverId, err: error }, 'could not store the last known answer');
    }
  }

  async function lastSeen<S extends z.ZodType>(
    serverId: string,
    reading: Reading<S>,
  ): Promise<{ value: z.output<S>; observedAt: string } | null> {
    const found =
      reading.keep === 'memory'
        ? inMemory.find(serverId, reading.what)
        : await snapshots
            .find(serverId, reading.what)
            .then((row) => row && { value: row.payload, observedAt: row.observedAt });
    if (found === null) return null;
    const parsed = reading.schema.safeParse(found.value);
    return parsed.success ? { value: parsed.data, observedAt: found.observedAt } : null;
  }

  return { read };
}

/** Prevents that an abandoned rejection ends the process; a waiting caller still gets it. */
function withHandledRejection<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

function nameOf(serverId: string, { what }: { what: string }): string {
  return `${serverId} ${what}`;
}

function answer<T>(value: T, source: Source, observedAt: string): Answer<T> {
  return { ...value, source, observedAt };
}
