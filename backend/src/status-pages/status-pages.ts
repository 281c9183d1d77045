// Status pages: people show some of their servers to anybody with a link. The entry point for routes and features.
import type { Contract, NewStatusPage, ParsedRequestOf, StatusPage, StatusPageChange } from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import { publicBase, statusPageUrl } from '../lib/urls.ts';
import type { Caller } from '../users/caller.ts';
import { createStatusLinks } from './status-link.ts';
import type { ChosenPage, StatusPageRow, StatusPageStore } from './status-pages.store.ts';
import type { Visits } from './visits.ts';

export { createVisits, type Visits } from './visits.ts';

const DAY_MS = 86_400_000;
/** Of one person. */
const LIMITS = {
  maxPages: 20,
  full: () =>
    new AppError('conflict', 'You have 20 status pages, which is the limit.', {
      hint: 'Remove those that you do not need.',
    }),
};

const ids = z.array(z.string());

type Page = ParsedRequestOf<Contract['GET /status-pages']>['query'];

export type StatusPages = ReturnType<typeof createStatusPages>;

/**
 * @param parts.secret what links are made from, beside their salt
 * @param parts.appDomain public host name for the links; null: as the caller reaches this Buoy
 */
export function createStatusPages({
  store,
  visits,
  secret,
  appDomain,
  clock,
}: {
  store: StatusPageStore;
  visits: Pick<Visits, 'forget'>;
  secret: Buffer;
  appDomain: string | null;
  clock: Clock;
}) {
  const links = createStatusLinks(secret);

  /** @param caller for whom; a link would outlive an API token */
  const present = (row: StatusPageRow, caller: Caller, origin: string): StatusPage => {
    const { id, title, tag, createdBy, createdAt, expiresAt, lastSeenAt, version } = row;
    const token = caller.apiToken === null ? links.tokenOf(row) : null;
    return {
      ...{ id, title, tag, createdBy, createdAt, expiresAt, lastSeenAt, version },
      serverIds: serverIdsOf(row),
      names: row.numbered === 1 ? 'numbered' : 'shown',
      showHistory: row.showHistory === 1,
      url: token === null ? null : urlOf(token, origin),
    };
  };
  const urlOf = (token: string, origin: string) => statusPageUrl(publicBase(appDomain, origin), token);

  const findFor = async ({ user }: Caller, id: string): Promise<StatusPageRow> => {
    const row = await store.find(id);
    if (row === undefined || (row.createdBy !== user.id && !user.isSuperAdmin)) throw noSuchPage();
    return row;
  };

  /** @throws AppError for a server on which the creator of the page is no admin: it would never be shown */
  const checkServers = async (creatorId: string, serverIds: readonly string[]): Promise<void> => {
    const roles = await store.rolesOn(creatorId, serverIds);
    for (const [index, serverId] of serverIds.entries()) {
      const role = roles.get(serverId);
      if (role === 'owner' || role === 'admin') continue;
      const details = [{ path: `serverIds.${index}`, message: 'must be a server with the role admin' }];
      if (role === undefined)
        throw new AppError(
          'not_found',
          'One of the servers does not exist, or has no role for the creator.',
          {
            details,
          },
        );
      throw new AppError('forbidden', 'A status page has only servers on which its creator is an admin.', {
        hint: 'Ask the owner of the server for a higher role.',
        details,
      });
    }
  };

  const expiry = (days: number | null): string | null =>
    days === null ? null : isoTime(clock.now() + days * DAY_MS);

  return {
    /** The caller's own; for super-admins those of everybody. Throws `invalid_request` for a cursor that is none. */
    async list(
      caller: Caller,
      page: Page,
      origin: string,
    ): Promise<{ statusPages: StatusPage[]; nextCursor: string | null }> {
      const { user } = caller;
      const { pages, nextCursor } = await store.list(user.isSuperAdmin ? null : user.id, page);
      return { statusPages: pages.map((row) => present(row, caller, origin)), nextCursor };
    },

    /** @throws AppError `not_found` or `forbidden` for a server of others, `conflict` for too many pages */
    async create(
      caller: Caller,
      given: NewStatusPage,
      origin: string,
      audit?: AuditRecorder,
    ): Promise<{ statusPage: StatusPage; url: string }> {
      const { title, tag = null, serverIds, names, showHistory, expiresInDays } = given;
      if (serverIds !== undefined) await checkServers(caller.user.id, serverIds);
      const id = newId('stp');
      const { token, ...link } = links.make(id);
      const row: StatusPageRow = {
        ...{ id, title, tag, ...link, version: 1 },
        serverIds: serverIds === undefined ? null : JSON.stringify(serverIds),
        numbered: Number(names === 'numbered'),
        showHistory: Number(showHistory),
        createdBy: caller.user.id,
        createdAt: isoTime(clock.now()),
        expiresAt: expiry(expiresInDays),
        lastSeenAt: null,
      };
      await store.insert(row, LIMITS, audit?.change({ target: title, details: { statusPage: id } }));
      return { statusPage: present(row, caller, origin), url: urlOf(token, origin) };
    },

    /**
     * What is absent stays.
     * @param ifMatch the version that the caller saw, null for whichever
     * @throws AppError `not_found`, `stale_version`, and as `create` does
     */
    async change(
      caller: Caller,
      id: string,
      change: StatusPageChange,
      { ifMatch, origin }: { ifMatch: number | null; origin: string },
      audit?: AuditRecorder,
    ): Promise<StatusPage> {
      const row = await findFor(caller, id);
      if (ifMatch !== null && ifMatch !== row.version) throw staleVersion();
      const had = serverIdsOf(row) ?? [];
      // One that was lost since is not shown, and keeps nobody from changing the rest.
      const added = (change.serverIds ?? []).filter((serverId) => !had.includes(serverId));
      await checkServers(row.createdBy, added);
      const chosen = chosenBy(row, change);
      if (change.expiresInDays !== undefined) chosen.expiresAt = expiry(change.expiresInDays);
      const note = { target: chosen.title, details: { statusPage: id } };
      if (!(await store.update(id, row.version, chosen, audit?.change(note)))) throw staleVersion();
      visits.forget();
      return present({ ...row, ...chosen, version: row.version + 1 }, caller, origin);
    },

    /** The old link is dead when this has resolved. Throws `not_found`. */
    async rotate(
      caller: Caller,
      id: string,
      origin: string,
      audit?: AuditRecorder,
    ): Promise<{ statusPage: StatusPage; url: string }> {
      const { title } = await findFor(caller, id);
      const { token, ...link } = links.make(id);
      const row = await store.replaceLink(
        id,
        link,
        audit?.change({ target: title, details: { statusPage: id } }),
      );
      if (row === null) throw noSuchPage();
      visits.forget();
      return { statusPage: present(row, caller, origin), url: urlOf(token, origin) };
    },

    /** The link is dead when this has resolved. Throws `not_found`. */
    async remove(caller: Caller, id: string, audit?: AuditRecorder): Promise<void> {
      const { title } = await findFor(caller, id);
      const note = { target: title, details: { statusPage: id } };
      if (!(await store.remove(id, audit?.change(note)))) throw noSuchPage();
      visits.forget();
    },
  };
}

function serverIdsOf({ serverIds }: StatusPageRow): string[] | null {
  return serverIds === null ? null : ids.parse(JSON.parse(serverIds));
}

/** A tag takes the place of servers, and the other way round. */
function chosenBy(row: StatusPageRow, change: StatusPageChange): ChosenPage {
  const { title, tag, serverIds, names, showHistory } = change;
  const servers =
    tag !== undefined
      ? { tag, serverIds: null }
      : serverIds !== undefined
        ? { tag: null, serverIds: JSON.stringify(serverIds) }
        : { tag: row.tag, serverIds: row.serverIds };
  return {
    ...servers,
    title: title ?? row.title,
    numbered: names === undefined ? row.numbered : Number(names === 'numbered'),
    showHistory: showHistory === undefined ? row.showHistory : Number(showHistory),
    expiresAt: row.expiresAt,
  };
}

function noSuchPage(): AppError {
  return new AppError('not_found', 'There is no such status page.');
}

function staleVersion(): AppError {
  return new AppError('stale_version', 'The status page was changed meanwhile.', {
    hint: 'Read it again, then repeat your change.',
  });
}
