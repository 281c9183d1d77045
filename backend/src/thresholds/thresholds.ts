// Thresholds of the checks, by server and by tag. The entry point for routes and features.
import {
  byThreshold,
  defaultThresholds,
  type Threshold,
  type ThresholdChange,
  type ThresholdName,
  type Thresholds,
} from '@buoy/contract';
import type { AuditRecorder, Note } from '../audit/audit-recorder.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Caller } from '../users/caller.ts';
import {
  type ChosenThresholds,
  definedIn,
  heldThresholds,
  pairOutOfOrder,
  type ThresholdSources,
  thresholdsByTag,
} from './held-thresholds.ts';
import { placedAt, type ScopedServer, type ServerScope, type ThresholdStore } from './thresholds.store.ts';

const LIMITS = {
  maxServers: 500,
  tooMany: () =>
    new AppError('conflict', 'More than 500 servers have this tag.', { hint: 'Use a tag of fewer servers.' }),
};
/** Servers that an audit entry names. */
const NAMED = 20;

/** Where a call looks: at one server, or at those with a tag that the caller is an admin of. */
export type ThresholdsOf = { serverId: string } | { tag: string; caller: Caller };

type Answer = { thresholds: Record<ThresholdName, Threshold>; servers: number };

export type ThresholdsFeature = ReturnType<typeof createThresholds>;

export function createThresholds({ store, clock }: { store: ThresholdStore; clock: Clock }) {
  /** Hundreds of servers may share a tag. */
  const myTurn = createOneATurn();

  const present = (of: ThresholdsOf, sources: readonly ThresholdSources[]): Answer => {
    const [first] = sources;
    if (first === undefined) throw noServer(of);
    const thresholds =
      'tag' in of
        ? thresholdsByTag(
            of.tag,
            sources.map((one) => placedAt(of.tag, one)),
          )
        : heldThresholds(first);
    return { thresholds, servers: sources.length };
  };

  return {
    /** @throws AppError `not_found` where there is no server */
    async read(of: ThresholdsOf): Promise<Answer> {
      if ('tag' in of) await myTurn(of.caller.user.id);
      return present(of, await store.read(scopeOf(of)));
    },

    /**
     * What is absent stays, null is inherited again.
     * @throws AppError `invalid_request` where a warning would not come before its critical value, `not_found` where there is no server,
     * `conflict` for too many
     */
    async change(
      of: ThresholdsOf,
      caller: Caller,
      change: ThresholdChange,
      audit: AuditRecorder,
    ): Promise<Answer> {
      await myTurn(caller.user.id);
      const tag = 'tag' in of ? of.tag : '';
      const choose = (before: ThresholdSources): ChosenThresholds => {
        const placed = placedAt(tag, before);
        const chosen = definedIn((name) => {
          const value = change[name];
          return value === undefined ? placed[name] : (value ?? undefined);
        });
        expectOrder(chosen, change, inheritedBy(of, before));
        return chosen;
      };
      const sources = await store.change(
        scopeOf(of),
        { userId: caller.user.id, now: isoTime(clock.now()) },
        choose,
        LIMITS,
        {
          also: (servers) => audit.change(noteOf(of, servers)),
          alsoWhenSame: (servers) => audit.routine(noteOf(of, servers)),
        },
      );
      return present(of, sources);
    },

    /** For the transaction in which that person gives a server tags, or makes one with some. */
    inherit: (serverId: string, { user }: Caller): TransactionHook => store.inherit(serverId, user.id),

    /** What holds for the checks of a server; the defaults for one that is gone. */
    async ofServer(serverId: string): Promise<Thresholds> {
      const [sources] = await store.read({ serverId });
      if (sources === undefined) return { ...defaultThresholds };
      const held = heldThresholds(sources);
      return byThreshold((name) => held[name].value);
    },
  };
}

/** What holds without the values that a call sets. */
function inheritedBy(of: ThresholdsOf, { byTag }: ThresholdSources): Readonly<Thresholds> {
  if ('tag' in of) return defaultThresholds;
  const held = heldThresholds({ own: {}, byTag });
  return byThreshold((name) => held[name].value);
}

function expectOrder(
  chosen: ChosenThresholds,
  change: ThresholdChange,
  inherited: Readonly<Thresholds>,
): void {
  const wrong = pairOutOfOrder(chosen, inherited, (name) => change[name] !== undefined);
  if (wrong === null) return;
  const { warn, critical, warnValue, criticalValue } = wrong;
  const name = change[warn] === undefined ? critical : warn;
  const side = warn === 'expiryDays' ? 'above' : 'below';
  const message = `${warn} (${warnValue}) must be ${side} ${critical} (${criticalValue})`;
  throw new AppError('invalid_request', `A warning must come before what is critical: ${message}.`, {
    details: [{ path: `thresholds.${name}`, message }],
  });
}

function scopeOf(of: ThresholdsOf): ServerScope {
  if ('serverId' in of) return of;
  const { user } = of.caller;
  return { tag: of.tag, adminId: user.isSuperAdmin ? null : user.id };
}

function noteOf(of: ThresholdsOf, servers: readonly ScopedServer[]): Note {
  const names = servers.map(({ name }) => name);
  if ('serverId' in of) return { target: names[0] ?? null };
  return {
    target: of.tag,
    details: { servers: names.length, names: names.slice(0, NAMED), serverIds: servers.map(({ id }) => id) },
  };
}

function noServer(of: ThresholdsOf): AppError {
  return new AppError(
    'not_found',
    'serverId' in of ? 'There is no such server.' : 'You are an admin of no server with this tag.',
  );
}
