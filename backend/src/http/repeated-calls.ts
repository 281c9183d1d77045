// Folds calls that are refused, or repeated without a change, again and again: the first of a minute has an audit entry of its own, the others one entry with a count.
import type { AuditResult } from '@buoy/contract';
import { OTHER_CALLS } from '@buoy/contract/repetitions';
import type { Audit } from '../audit/audit.ts';
import { addressGroupOf } from '../lib/address-group.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';

/** Milliseconds for which the same calls are counted together; a killed Buoy loses at most these counts. */
const WINDOW_MS = 60_000;
/** Different calls that have entries of their own: whoever varies what they repeat must not fill the disk either. */
const OF_PERSON = { capacity: 200, refillMs: 10_000 };
const OF_ADDRESS = { capacity: 250, refillMs: 60_000 };
const OF_STRANGERS = { capacity: 500, refillMs: 10_000 };

export type RepeatableCall = {
  action: string;
  /** null: nobody was signed in. */
  userId: string | null;
  apiTokenId: string | null;
  serverId: string | null;
  /** What a call that succeeded was about: such calls are counted by target and address. */
  target: string | null;
  ip: string;
  result: Exclude<AuditResult, 'started'>;
  /** The code of the error; null when the call succeeded. */
  error: string | null;
  /** What the call said, where it may have had an effect: only the very same is counted, and none that differs goes without an entry. */
  request?: string;
};

export type RepeatedCalls = {
  /** Runs `first`, which writes an entry, or counts the call where it repeats one of this minute. */
  record(call: RepeatableCall, first: () => Promise<void>): Promise<void>;
  /** Writes what was counted up to now, so that whoever reads the log misses nothing. */
  flush(): Promise<void>;
  /** Writes what was counted, and counts no more. */
  close(): Promise<void>;
};

type Window = {
  /** What all counted calls have in common; null where they differ. */
  action: string;
  userId: string | null;
  apiTokenId: string | null;
  serverId: string | null;
  target: string | null;
  ip: string | null;
  result: RepeatableCall['result'];
  count: number;
  errors: Map<string, number>;
  /** By route; as many as there are routes at most. */
  actions: Map<string, number>;
  from: number;
  to: number;
};

/** Counts in the memory of this process: several Buoys on one database write one entry each. */
export function createRepeatedCalls(parts: {
  audit: Pick<Audit, 'recorder'>;
  clock: Clock;
  logger: Logger;
}): RepeatedCalls {
  const { audit, clock, logger } = parts;
  const windows = new Map<string, Window>();
  const ofPerson = createTokenBuckets({ ...OF_PERSON, clock });
  const ofAddress = createTokenBuckets({ ...OF_ADDRESS, clock });
  const ofStrangers = createTokenBuckets({ ...OF_STRANGERS, clock });
  let stopTimer: (() => void) | null = null;
  let flushing = Promise.resolve();

  /** Each result has buckets of its own: whoever fails on purpose must not hide what they were denied. */
  const mayHaveEntry = ({ userId, ip, result }: RepeatableCall): boolean =>
    userId === null
      ? ofAddress.take(`${result} ${addressGroupOf(ip)}`).granted && ofStrangers.take(result).granted
      : ofPerson.take(`${result} ${userId}`).granted;

  const write = async (window: Window): Promise<void> => {
    const { count, errors, actions, from, to } = window;
    if (count === 0) return;
    window.count = 0;
    window.errors = new Map();
    window.actions = new Map();
    const { action, userId, apiTokenId, serverId, target, ip, result } = window;
    const recorder = audit.recorder({
      ...{ action, userId, serverId, target, ip, requestId: null },
      details: {
        count,
        from: isoTime(from),
        to: isoTime(to),
        ...(errors.size === 0 ? {} : { errors: Object.fromEntries(errors) }),
        ...(action === OTHER_CALLS ? { actions: listed(actions) } : {}),
        ...(apiTokenId === null ? {} : { apiTokenId }),
      },
    });
    try {
      await (result === 'ok' ? recorder.succeed() : recorder.end(result, {}));
    } catch (error) {
      window.count += count;
      for (const [code, times] of errors) add(window.errors, code, times);
      for (const [route, times] of actions) add(window.actions, route, times);
      window.from = from;
      logger.error({ err: error, count, action }, 'repeated calls could not be written to the audit log');
    }
  };

  const flush = (): Promise<void> => {
    flushing = flushing.then(async () => {
      for (const window of windows.values()) await write(window);
    });
    return flushing;
  };

  const endWindows = async (): Promise<void> => {
    stopTimer = null;
    const ended = [...windows.entries()];
    await flush();
    // What could not be written stays for the next minute.
    for (const [key, window] of ended) if (window.count === 0) windows.delete(key);
    if (windows.size > 0) startTimer();
  };
  const startTimer = (): void => {
    stopTimer ??= clock.after(WINDOW_MS, () => void endWindows());
  };

  const count = (window: Window, call: RepeatableCall): void => {
    const now = clock.now();
    if (window.count === 0) window.from = now;
    window.to = now;
    window.count += 1;
    if (window.serverId !== call.serverId) window.serverId = null;
    if (window.target !== call.target) window.target = null;
    if (window.ip !== shownAddress(call)) window.ip = null;
    if (call.error !== null) add(window.errors, call.error, 1);
    add(window.actions, call.action, 1);
  };

  return {
    async record(call, first) {
      startTimer();
      const key = keyOf(call);
      const known = windows.get(key);
      if (known !== undefined) return count(known, call);
      if (mayHaveEntry(call)) {
        windows.set(key, newWindow(call, clock.now()));
        return first();
      }
      if (call.request !== undefined) return first();
      const otherKey = JSON.stringify([OTHER_CALLS, call.userId, call.result]);
      const others = windows.get(otherKey) ?? {
        ...newWindow(call, clock.now()),
        ...{ action: OTHER_CALLS, apiTokenId: null },
      };
      windows.set(otherKey, others);
      count(others, call);
    },

    flush,

    async close() {
      stopTimer?.();
      stopTimer = null;
      await flush();
    },
  };
}

/** Of a stranger all errors of a route are one, of a person each error is one, on each server that they can see, and each success. */
function keyOf(call: RepeatableCall): string {
  const { action, userId, apiTokenId, serverId, target, ip, result, error, request } = call;
  if (userId !== null && result === 'ok')
    return JSON.stringify([userId, apiTokenId, action, result, serverId, target, ip]);
  return JSON.stringify(
    userId === null
      ? [addressGroupOf(call.ip), action, result]
      : [userId, apiTokenId, action, result, error, error === 'not_found' ? null : serverId, request],
  );
}

function newWindow(call: RepeatableCall, now: number): Window {
  const { action, userId, apiTokenId, serverId, target, result } = call;
  return {
    ...{ action, userId, apiTokenId, serverId, target, result, ip: shownAddress(call) },
    ...{ count: 0, errors: new Map(), actions: new Map(), from: now, to: now },
  };
}

function add(counts: Map<string, number>, key: string, times: number): void {
  counts.set(key, times + (counts.get(key) ?? 0));
}

/** A list, since as a field a route such as `POST /auth/device/token` would count as the name of a secret. */
function listed(actions: Map<string, number>): { action: string; count: number }[] {
  return [...actions].map(([action, count]) => ({ action, count })).sort((a, b) => b.count - a.count);
}

function shownAddress({ userId, ip }: RepeatableCall): string {
  return userId === null ? addressGroupOf(ip) : ip;
}
