// What visitors of a status page see. It is made at most once in ten seconds for each page, however many ask, and anew after each change of
// who may show what.
import { MAX_STATUS_PAGE_SERVERS, type PublicStatus, publicStatus } from '@buoy/contract';
import type { History } from '../history/history.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { sha256 } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { prepareJson } from '../lib/prepared-json.ts';
import { noPast, type Past, presentPublicStatus } from './public-status.presenter.ts';
import { createServerPast } from './server-past.ts';
import type { VisitedPage, VisitStore } from './visits.store.ts';

/** Milliseconds. */
const KEEP_MS = 10_000;
/** Pages in memory, of at most some 150 KB each; the one that was opened first goes. */
const MAX_KEPT = 200;
/** Milliseconds between two notes of a visit. */
const NOTE_SEEN_MS = 60_000;
/** Milliseconds: maintenance that begins later is not shown. */
const AHEAD_MS = 7 * 86_400_000;
const MAX_WINDOWS = 100;

type Kept = { status: Promise<PublicStatus | null>; untilMs: number };

export type Visits = {
  /** The same object for all who ask within some seconds. @throws AppError `not_found` for every link that does not work */
  read(token: string): Promise<PublicStatus>;
  /** After a change of pages, servers, roles or people: what was made before is not shown to those who ask from now on. */
  forget(): void;
};

/** @param parts.staleAfterMs an observation older than this is outdated: the state is unknown */
export function createVisits({
  store,
  history,
  staleAfterMs,
  clock,
  logger,
}: {
  store: VisitStore;
  history: Pick<History, 'read'>;
  staleAfterMs: number;
  clock: Clock;
  logger: Logger;
}): Visits {
  const kept = new Map<string, Kept>();
  const pastOf = createServerPast({ history, clock });
  const myTurn = createOneATurn();
  const answerTurn = createOneATurn();

  const noteSeen = async ({ id, lastSeenAt }: VisitedPage): Promise<void> => {
    const nowMs = clock.now();
    if (lastSeenAt !== null && nowMs - Date.parse(lastSeenAt) < NOTE_SEEN_MS) return;
    try {
      await store.noteSeen(id, isoTime(nowMs));
    } catch (error) {
      // Visitors can read all the same.
      logger.warn({ statusPage: id, err: error }, 'could not note a visit of a status page');
    }
  };

  const make = async (tokenHash: string): Promise<PublicStatus | null> => {
    const nowMs = clock.now();
    const now = isoTime(nowMs);
    const page = await store.findOpen(tokenHash, now);
    if (page === undefined) return null;
    const all = await store.serversOn(page);
    // Numbers stay with their servers when another one is added.
    if (page.numbered === 1) all.sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1));
    const rows = all.slice(0, MAX_STATUS_PAGE_SERVERS);
    const windows = await store.windowsOf(
      rows.map(({ id }) => id),
      { now, until: isoTime(nowMs + AHEAD_MS), limit: MAX_WINDOWS },
    );
    const servers = [];
    for (const server of rows) {
      let past: Past = noPast;
      if (page.showHistory === 1) {
        await myTurn(page.id);
        past = await pastOf(server.id);
      }
      servers.push({ server, past });
    }
    await noteSeen(page);
    const status = presentPublicStatus(page, servers, windows, { nowMs, staleAfterMs });
    return prepareJson(publicStatus.parse(status));
  };

  const begin = (tokenHash: string): Kept => {
    const fresh: Kept = { status: make(tokenHash), untilMs: Number.POSITIVE_INFINITY };
    for (const [hash, { untilMs }] of kept) if (clock.now() >= untilMs) kept.delete(hash);
    kept.delete(tokenHash);
    kept.set(tokenHash, fresh);
    const [first] = kept.keys();
    if (kept.size > MAX_KEPT && first !== undefined) kept.delete(first);
    const beganMs = clock.now();
    const forget = () => {
      if (kept.get(tokenHash) === fresh) kept.delete(tokenHash);
    };
    fresh.status.then((status) => {
      // A link that does not work takes no room.
      if (status === null) forget();
      else fresh.untilMs = beganMs + KEEP_MS;
    }, forget);
    return fresh;
  };

  return {
    async read(token) {
      const tokenHash = sha256(token);
      const known = kept.get(tokenHash);
      const current = known === undefined || clock.now() >= known.untilMs ? begin(tokenHash) : known;
      const isBeingMade = current.untilMs === Number.POSITIVE_INFINITY;
      const status = await current.status;
      // All who waited would else be answered in one turn of the event loop.
      if (isBeingMade) await answerTurn();
      if (status === null)
        throw new AppError('not_found', 'There is no status page behind this link.', {
          hint: 'Ask the person who gave you the link for a new one.',
        });
      return status;
    },

    forget: () => kept.clear(),
  };
}
