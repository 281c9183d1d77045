// The revisions of a server's config: who changed what, when and why, through Buoy or not.
import {
  type ConfigChange,
  type ConfigOrigin,
  type ConfigProblem,
  type ConfigRevision,
  configRevision,
} from '@buoy/contract';
import { type ConfigObject, hiddenInConfig } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { cut, MAX_NAME } from '../reads/bounded.ts';
import { changesBetween } from './config-changes.ts';
import type { ConfigReading } from './read-config.ts';
import { redactConfig } from './redact-config.ts';
import type { RevisionRow, RevisionStore } from './revisions.store.ts';

/** Paths that a revision names, each up to MAX_NAME; the number of all is kept too. */
const MAX_PATHS = 50;
/** UTF-16 units of a config that is kept, and of a problem: a larger config has a revision without content, a larger problem no issues. */
const MAX_TEXT = 512 * 1024;

/** Revisions that are searched for one that worked, and milliseconds in which a change that a task has made is seen. */
const MAX_SEARCHED = 20;
const EXPECTED_MS = 10 * 60_000;

const storedPaths = z
  .object({ count: z.number(), paths: z.array(z.string()) })
  .catch({ count: 0, paths: [] });
const storedProblem = configRevision.shape.problem.catch(null);
const storedConfig = z.record(z.string(), z.unknown());

export type ChangeContext = {
  origin: ConfigOrigin;
  by: string | null;
  note: string | null;
  /** What the change itself names; a new secret shows only here. */
  paths?: readonly string[];
};

export type ConfigHistory = ReturnType<typeof createConfigHistory>;

export function createConfigHistory({ store, clock }: { store: RevisionStore; clock: Clock }) {
  const myTurn = createOneATurn();
  /** Server → what a task has changed in its file, until the gateway tells of it. */
  const expected = new Map<string, { change: ChangeContext; until: number }>();

  function takeExpected(serverId: string): ChangeContext | null {
    const found = expected.get(serverId);
    expected.delete(serverId);
    return found !== undefined && found.until > clock.now() ? found.change : null;
  }

  return {
    /** The next change that is seen on the server is this one: its file was written while no gateway could tell. */
    expectChange(serverId: string, change: ChangeContext): void {
      for (const [id, { until }] of expected) if (until <= clock.now()) expected.delete(id);
      expected.set(serverId, { change, until: clock.now() + EXPECTED_MS });
    },

    /** The last config that a gateway took, of those for which `isOther` holds; null: none of the last ones. */
    async lastWorking(
      serverId: string,
      isOther: (config: ConfigObject) => boolean,
    ): Promise<{ rev: number; at: string; config: ConfigObject } | null> {
      let next = (await store.latest(serverId))?.rev ?? 0;
      for (let searched = 0; searched < MAX_SEARCHED && next > 0; searched += 1) {
        const row = await store.readable(serverId, next);
        const config = await configIn(row);
        if (row === null) return null;
        if (config !== null && row.problem === null && isOther(config))
          return { rev: row.rev, at: row.at, config };
        next = row.rev - 1;
      }
      return null;
    },

    /**
     * Stores `reading` as a revision when it differs from the last one, and returns its number; 0 when nothing is stored.
     * `occasion` returns the author and is called only then. `even` stores it also when the text equals the last one.
     */
    async record(
      serverId: string,
      reading: ConfigReading,
      occasion: () => ChangeContext,
      { even = false }: { even?: boolean } = {},
    ): Promise<number> {
      const last = await store.latest(serverId);
      if (reading.hash === null) return last?.rev ?? 0;
      const ofTask = takeExpected(serverId);
      if (last?.hash === reading.hash && !even && ofTask === null) return last.rev;
      const { origin, by, note, paths = [] } = ofTask ?? occasion();
      const before = last === null ? null : await configIn(await store.readable(serverId, last.rev));
      const differing =
        before === null || reading.config === null
          ? []
          : changesBetween(before, reading.config).map(({ path }) => path);
      const all = [...new Set([...differing, ...paths])];
      const text = reading.config === null ? null : JSON.stringify(reading.config);
      const rev = await store.add({
        serverId,
        at: isoTime(clock.now()),
        userId: by,
        origin,
        note,
        hash: reading.hash,
        problem: reading.problem === null ? null : problemText(reading.problem),
        config: text !== null && text.length <= MAX_TEXT ? text : null,
        changedPaths: JSON.stringify({ count: all.length, paths: all.slice(0, MAX_PATHS).map(kept) }),
      });
      return rev ?? 0;
    },

    /** @throws AppError `invalid_request` for a cursor that is none */
    async list(
      serverId: string,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
    ): Promise<{ revisions: ConfigRevision[]; nextCursor: string | null }> {
      const rows = await store.list(serverId, cursor === undefined ? null : revIn(cursor), limit + 1);
      const page = rows.slice(0, limit);
      return {
        revisions: page.map(present),
        nextCursor: rows.length > limit ? String(page.at(-1)?.rev) : null,
      };
    },

    /** What `rev` changed against the last readable one before it. @throws AppError `not_found`, `refused` when `rev` itself was broken */
    async diff(serverId: string, rev: number): Promise<{ changes: ConfigChange[] }> {
      const row = await found(serverId, rev);
      const after = await configIn(row);
      if (after === null) throw unreadable(rev);
      const before = await configIn(await store.readable(serverId, rev - 1));
      if (before === null) return { changes: [] };
      const changes = changesBetween(before, after);
      const shown = new Set(changes.map(({ path }) => kept(path)));
      const [hidden] = hiddenInConfig;
      // A replaced secret is masked both before and after: only the change itself names it.
      const unseen = pathsIn(row).paths.filter((path) => !shown.has(path) && row.origin === 'buoy');
      return {
        changes: [
          ...changes,
          ...unseen.map((path) => ({ path, kind: 'changed' as const, before: hidden, after: hidden })),
        ],
      };
    },

    /** The config of `rev`, secrets hidden. @throws AppError `not_found`, `refused` when it was broken */
    async configAt(serverId: string, rev: number): Promise<ConfigObject> {
      const config = await configIn(await found(serverId, rev));
      if (config === null) throw unreadable(rev);
      return config;
    },

    /** What changed since the config had `hash`; null when that one is not known. */
    async changesSince(serverId: string, hash: string, now: ConfigReading): Promise<ConfigChange[] | null> {
      const before = await configIn(await store.withHash(serverId, hash));
      return before === null || now.config === null ? null : changesBetween(before, now.config);
    },

    latest: (serverId: string) => store.latest(serverId),
  };

  async function found(serverId: string, rev: number): Promise<RevisionRow> {
    const row = await store.find(serverId, rev);
    if (row === null)
      throw new AppError('not_found', `The config of this server has no revision ${rev}.`, {
        hint: 'The history lists the last 200 revisions; older ones are not kept.',
      });
    return row;
  }

  /** Its secrets are hidden once more, in a turn of its own: an earlier version may have stored one that it did not know. */
  async function configIn(row: RevisionRow | null): Promise<ConfigObject | null> {
    if (row === null || row.config === null) return null;
    await myTurn(row.serverId);
    const config = storedConfig
      .nullable()
      .catch(null)
      .parse(redactConfig(jsonIn(row.config)));
    await myTurn(row.serverId);
    return config;
  }
}

function pathsIn(row: RevisionRow): { count: number; paths: string[] } {
  return storedPaths.parse(jsonIn(row.changedPaths));
}

function present(row: RevisionRow): ConfigRevision {
  const problem: ConfigProblem | null = storedProblem.parse(
    row.problem === null ? null : jsonIn(row.problem),
  );
  const { count, paths } = pathsIn(row);
  return {
    rev: row.rev,
    at: row.at,
    by: row.userId,
    origin: configRevision.shape.origin.catch('outside').parse(row.origin),
    note: row.note,
    changes: count,
    paths,
    hash: row.hash,
    valid: row.problem === null,
    problem,
  };
}

/** As a revision has it. */
function kept(path: string): string {
  return cut(path, MAX_NAME);
}

function problemText(problem: ConfigProblem): string {
  const text = JSON.stringify(problem);
  return text.length <= MAX_TEXT ? text : JSON.stringify({ ...problem, issues: [] });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unreadable(rev: number): AppError {
  return new AppError('refused', `The config of revision ${rev} could not be read.`, {
    hint: 'Use the revision before it.',
  });
}

function revIn(cursor: string): number {
  if (!/^\d{1,10}$/.test(cursor))
    throw new AppError('invalid_request', 'This cursor does not belong to the history.', {
      details: [{ path: 'cursor', message: 'must be a nextCursor of this list' }],
    });
  return Number(cursor);
}
