// SQL for thresholds: what is set for a server by itself, and by each tag that it has.
import type { DatabaseHandle, Db } from '../db/database.ts';
import type { ThresholdTable } from '../db/schema.ts';
import { type ScopedServer, type ServerScope, serversInScope, tagList } from '../db/servers-in-scope.ts';
import { takeTurn } from '../db/take-turn.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { type ChosenThresholds, storedThresholds, type ThresholdSources } from './held-thresholds.ts';

export type { ScopedServer, ServerScope } from '../db/servers-in-scope.ts';

export type ThresholdLimitsOfCall = {
  /** Servers in one call; `tooMany` makes the error for more. */
  maxServers: number;
  tooMany: () => Error;
};

/** The tag of what is set for the server itself. */
const OWN = '';
/** Rows that are searched for what was set last. */
const MAX_ROWS = 1_000;
/** Servers in one statement; each has twenty tags at most. */
const AT_ONCE = 100;

export type ThresholdStore = ReturnType<typeof createThresholdStore>;

export function createThresholdStore({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>) {
  return {
    /** By the ids of the scope's servers. */
    async read(scope: ServerScope): Promise<ThresholdSources[]> {
      const servers = await serversInScope(db, scope);
      return (await rowsOf(db, servers)).map(({ sources }) => sources);
    },

    /**
     * Puts what `choose` makes of what is set in its place, for the server itself or for the tag on each of its servers: all or none.
     * @param choose what it throws ends the change
     * @param hooks `also` runs when something has changed, `alsoWhenSame` when nothing has
     * @returns what is set then; nothing where the scope has no server
     * @throws what `limits.tooMany` makes
     */
    async change(
      scope: ServerScope,
      by: { userId: string; now: string },
      choose: (before: ThresholdSources) => ChosenThresholds,
      limits: ThresholdLimitsOfCall,
      hooks: Record<
        'also' | 'alsoWhenSame',
        (servers: readonly ScopedServer[]) => TransactionHook | undefined
      >,
    ): Promise<ThresholdSources[]> {
      const tag = 'tag' in scope ? scope.tag : OWN;
      return db.transaction().execute(async (trx) => {
        await takeTurn(trx, dialect, 'thresholds');
        const servers = await serversInScope(trx, scope);
        if (servers.length > limits.maxServers) throw limits.tooMany();
        const before = await rowsOf(trx, servers);
        const changed = before.flatMap(({ server, sources }) => {
          const chosen = choose(sources);
          return textOf(chosen) === textOf(placedAt(tag, sources)) ? [] : [{ server, chosen }];
        });
        for (let start = 0; start < changed.length; start += AT_ONCE)
          await replace(trx, tag, changed.slice(start, start + AT_ONCE), by);
        if (servers.length > 0) await (changed.length > 0 ? hooks.also : hooks.alsoWhenSame)(servers)?.(trx);
        return (await rowsOf(trx, servers)).map(({ sources }) => sources);
      });
    },

    /**
     * For the transaction in which a server gets tags, or is made with some: takes over what was set last for each of them on another server
     * that this person is an admin of, and forgets what was set for tags that it lost.
     */
    inherit:
      (serverId: string, userId: string): TransactionHook =>
      async (trx) => {
        const [server] = await serversInScope(trx, { serverId });
        if (server === undefined) return;
        await trx
          .deleteFrom('thresholds')
          .where('serverId', '=', serverId)
          .where('tag', 'not in', [OWN, ...server.tags])
          .execute();
        for (const [tag, chosen] of await lastSet(trx, server, userId))
          await trx
            .insertInto('thresholds')
            .values({ serverId, tag, ...chosen })
            // Set by somebody at the same moment: that one is later.
            .onConflict((conflict) => conflict.columns(['serverId', 'tag']).doNothing())
            .execute();
      },
  };
}

/** By each tag of the server for which nothing is set there. */
async function lastSet(
  trx: Db,
  { id, tags }: ScopedServer,
  userId: string,
): Promise<Map<string, Pick<ThresholdTable, 'chosen' | 'setBy' | 'setAt'>>> {
  const last = new Map<string, Pick<ThresholdTable, 'chosen' | 'setBy' | 'setAt'>>();
  if (tags.length === 0) return last;
  const own = await trx.selectFrom('thresholds').select('tag').where('serverId', '=', id).execute();
  const set = new Set(own.map(({ tag }) => tag));
  const rows = await trx
    .selectFrom('thresholds')
    .innerJoin('servers', 'servers.id', 'thresholds.serverId')
    .innerJoin('grants', 'grants.serverId', 'thresholds.serverId')
    .select(['thresholds.tag', 'thresholds.chosen', 'thresholds.setBy', 'thresholds.setAt', 'servers.tags'])
    .where('thresholds.tag', 'in', tags)
    .where('thresholds.serverId', '!=', id)
    .where('grants.userId', '=', userId)
    .where('grants.role', 'in', ['owner', 'admin'])
    .orderBy('thresholds.setAt', 'desc')
    .limit(MAX_ROWS)
    .execute();
  for (const { tag, tags: theirs, ...chosen } of rows)
    if (!set.has(tag) && !last.has(tag) && tagList.parse(JSON.parse(theirs)).includes(tag))
      last.set(tag, chosen);
  return last;
}

/** What is set for a tag, or with an empty one for the server itself. */
export function placedAt(tag: string, { own, byTag }: ThresholdSources): ChosenThresholds {
  return tag === OWN ? own : (byTag.find((one) => one.tag === tag)?.chosen ?? {});
}

/** The names are in one order, so that the same values are the same text. */
function textOf(chosen: ChosenThresholds): string {
  return JSON.stringify(chosen);
}

/** What was set for a tag that the server no longer has does not count. */
async function rowsOf(
  trx: Db,
  servers: readonly ScopedServer[],
): Promise<Array<{ server: ScopedServer; sources: ThresholdSources }>> {
  const found: Array<{ server: ScopedServer; sources: ThresholdSources }> = [];
  for (let start = 0; start < servers.length; start += AT_ONCE) {
    const some = servers.slice(start, start + AT_ONCE);
    const rows = await trx
      .selectFrom('thresholds')
      .select(['serverId', 'tag', 'chosen'])
      .where(
        'serverId',
        'in',
        some.map(({ id }) => id),
      )
      .orderBy('tag')
      .execute();
    const byServer = Map.groupBy(rows, ({ serverId }) => serverId);
    for (const server of some) {
      const set = (byServer.get(server.id) ?? []).map(({ tag, chosen }) => ({
        ...{ tag, chosen: storedThresholds(chosen) },
      }));
      const own = set.find(({ tag }) => tag === OWN)?.chosen ?? {};
      found.push({ server, sources: { own, byTag: set.filter(({ tag }) => server.tags.includes(tag)) } });
    }
  }
  return found;
}

async function replace(
  trx: Db,
  tag: string,
  changed: ReadonlyArray<{ server: ScopedServer; chosen: ChosenThresholds }>,
  { userId, now }: { userId: string; now: string },
): Promise<void> {
  await trx
    .deleteFrom('thresholds')
    .where((e) =>
      e.or(
        changed.map(({ server }) =>
          e.and([
            e('serverId', '=', server.id),
            // Those of tags that it no longer has go as well: else who changes tags could store without end.
            e.or([e('tag', '=', tag), e('tag', 'not in', [OWN, ...server.tags])]),
          ]),
        ),
      ),
    )
    .execute();
  const rows = changed
    .filter(({ chosen }) => Object.keys(chosen).length > 0)
    .map(({ server, chosen }) => ({
      ...{ serverId: server.id, tag, chosen: textOf(chosen), setBy: userId, setAt: now },
    }));
  if (rows.length === 0) return;
  await trx
    .insertInto('thresholds')
    .values(rows)
    // A server that gets the tag at this moment may have taken over what was set before.
    .onConflict((conflict) =>
      conflict.columns(['serverId', 'tag']).doUpdateSet((e) => ({
        chosen: e.ref('excluded.chosen'),
        setBy: e.ref('excluded.setBy'),
        setAt: e.ref('excluded.setAt'),
      })),
    )
    .execute();
}
