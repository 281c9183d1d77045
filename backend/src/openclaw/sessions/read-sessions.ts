// Reads the sessions of a server and their messages.
import { oneSession, sessionList, sessionMessages } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createTextSearch } from '../../lib/text-search.ts';
import { boundedArray } from '../reads/bounded.ts';
import { type Answer, type CliCall, type GatewayCall, partFromHost, type Reader } from '../reads/reader.ts';
import { messageRow, presentMessage } from './message-row.ts';
import { type HistoryPosition, historyCursor, historyPositionIn, offsetIn } from './page-offset.ts';
import { agentOf, presentSession, type SessionRow, sessionRow } from './session-row.ts';

/** Rows of one page, the maximum. */
const MAX_PAGE = 200;
/** Rows that OpenClaw's command lists in one call. */
const MAX_LISTED = 5_000;

const listAnswer = z.looseObject({
  sessions: boundedArray(sessionRow, MAX_PAGE),
  hasMore: z.boolean().catch(false),
  nextOffset: z.number().int().nonnegative().nullish().catch(null),
});

/** `session: null`: there is none (both versions). */
export const describeAnswer = z.looseObject({ session: sessionRow.nullable() });

const historyAnswer = z.looseObject({
  /** Absent for a session that does not exist, which is answered with an empty list. */
  sessionId: z.string().nullish().catch(null),
  messages: boundedArray(messageRow, MAX_PAGE),
  hasMore: z.boolean().catch(false),
  nextOffset: z.number().int().nonnegative().nullish().catch(null),
});

/** Without the fields that Buoy does not know: it keeps them for the next reader. */
const cliAnswer = z.looseObject({ sessions: boundedArray(z.object(sessionRow.shape), MAX_LISTED) });

/** All sessions, the newest first: the command knows neither pages nor a search. */
const onHost = {
  what: 'sessions',
  async ask(call: CliCall): Promise<SessionRow[]> {
    const words = ['sessions', '--json', '--all-agents', '--limit', 'all'];
    const { sessions } = await call(words, cliAnswer);
    return sessions.sort((one, other) => (other.updatedAt ?? 0) - (one.updatedAt ?? 0));
  },
};

/** Milliseconds of a gateway's first read of a transcript: measured 1.3 s, more for long ones. */
const HISTORY_MS = 10_000;
/** Pages are requested again when messages arrived in the meantime; once is enough unless more arrive. */
const MAX_CORRECTIONS = 3;

export type SessionQuery = {
  agentId?: string | undefined;
  q?: string | undefined;
  archived: boolean;
  limit: number;
  cursor?: string | undefined;
};

export function noSuchSession(): AppError {
  return new AppError('not_found', 'There is no such session.');
}

type Options = { signal: AbortSignal };

export type SessionReads = {
  /** Pinned ones first, then the newest. @throws AppError `invalid_request` for a bad cursor */
  list(
    serverId: string,
    query: SessionQuery,
    options: Options,
  ): Promise<Answer<z.output<typeof sessionList>>>;
  /** @throws AppError `not_found` */
  find(serverId: string, key: string, options: Options): Promise<Answer<z.output<typeof oneSession>>>;
  /**
   * The newest page first, and each message once, however many arrive between two pages.
   * @throws AppError `not_found`; `invalid_request` for a bad cursor
   */
  messages(
    serverId: string,
    key: string,
    page: { limit: number; cursor?: string | undefined },
    options: Options,
  ): Promise<Answer<z.output<typeof sessionMessages>>>;
};

export function createSessionReads({ reader }: { reader: Reader }): SessionReads {
  return {
    list(serverId, query, options) {
      const { agentId, q, archived, limit } = query;
      const offset = offsetIn(query.cursor);
      const isPlain = offset === 0 && agentId === undefined && q === undefined && !archived && limit === 50;
      return reader.read(
        serverId,
        {
          what: isPlain ? 'sessions' : `sessions ${JSON.stringify([agentId, q, archived, limit, offset])}`,
          schema: sessionList,
          fromGateway: async (call) => {
            const { sessions, hasMore, nextOffset } = await call(
              'sessions.list',
              {
                limit,
                offset,
                ...(agentId === undefined ? {} : { agentId }),
                ...(q === undefined ? {} : { search: q }),
                ...(archived ? { archived: true } : {}),
              },
              listAnswer,
            );
            return {
              sessions: sessions.map(presentSession),
              nextCursor: hasMore ? String(nextOffset ?? offset + sessions.length) : null,
            };
          },
          fromHost: partFromHost(onHost, (rows) => {
            const wanted = q === undefined ? undefined : createTextSearch(q.toLowerCase());
            const found = rows.filter(
              (row) =>
                (agentId === undefined || agentOf(row) === agentId) &&
                (wanted === undefined || isAbout(row, wanted)) &&
                (row.archived ?? false) === archived,
            );
            const page = found.slice(offset, offset + limit);
            return {
              sessions: page.map(presentSession),
              nextCursor: offset + limit < found.length ? String(offset + limit) : null,
            };
          }),
          ...(isPlain ? {} : { keep: 'memory' as const }),
        },
        options,
      );
    },

    find(serverId, key, options) {
      return reader.read(
        serverId,
        {
          what: `sessions/${key}`,
          schema: oneSession,
          fromGateway: async (call) => {
            const { session } = await call('sessions.describe', { key }, describeAnswer);
            if (session === null) throw noSuchSession();
            return { session: presentSession(session) };
          },
          fromHost: partFromHost(onHost, (rows) => {
            const row = rows.find((one) => one.key === key);
            if (row === undefined) throw noSuchSession();
            return { session: presentSession(row) };
          }),
          keep: 'memory',
        },
        options,
      );
    },

    messages(serverId, key, { limit, cursor }, options) {
      const place = cursor === undefined ? null : historyPositionIn(cursor);
      return reader.read(
        serverId,
        {
          what: `sessions/${key}/messages ${limit} ${cursor ?? ''}`,
          schema: sessionMessages,
          fromGateway: async (call) => {
            const { page, offset } = await pageBefore(call, key, limit, place);
            if (page.messages.length === 0 && page.sessionId == null) throw noSuchSession();
            const nextOffset = page.nextOffset ?? offset + page.messages.length;
            const goesOn = page.hasMore && nextOffset > offset;
            const [oldest] = page.messages;
            return {
              messages: page.messages
                .filter((row) => place?.seq == null || (seqOf(row) ?? 0) < place.seq)
                .map(presentMessage),
              nextCursor: goesOn ? historyCursor({ offset: nextOffset, seq: seqOf(oldest) }) : null,
            };
          },
          keep: 'memory',
          slowMs: HISTORY_MS,
        },
        options,
      );
    },
  };
}

/**
 * The page that ends right before that position, though messages arrived since: OpenClaw pages by offset from the newest one, and its
 * totals lag behind a turn that has just ended (2026.7.35).
 */
async function pageBefore(
  call: GatewayCall,
  key: string,
  limit: number,
  place: HistoryPosition | null,
): Promise<{ page: z.output<typeof historyAnswer>; offset: number }> {
  let offset = place?.offset ?? 0;
  let page = await history(call, key, limit, offset);
  for (let correction = 0; place?.seq != null && correction < MAX_CORRECTIONS; correction += 1) {
    const newest = seqOf(page.messages.at(-1));
    if (newest === null || newest === place.seq - 1) break;
    offset = Math.max(0, offset + newest - (place.seq - 1));
    page = await history(call, key, limit, offset);
  }
  return { page, offset };
}

function seqOf(row: z.output<typeof messageRow> | undefined): number | null {
  return row?.__openclaw?.seq ?? null;
}

/** `offset` counts from the newest message. */
function history(call: GatewayCall, key: string, limit: number, offset: number) {
  return call('chat.history', { sessionKey: key, limit, offset }, historyAnswer);
}

function isAbout(row: SessionRow, wanted: ReturnType<typeof createTextSearch>): boolean {
  return [row.key, row.label, row.displayName, row.sessionId].some(
    (text) => text != null && wanted.isIn(text.toLowerCase()),
  );
}
