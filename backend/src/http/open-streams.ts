// How many event streams and terminals are open: each holds a socket and work for as long as its reader likes.
// Counted in this process, since a stream belongs to the process that serves it: two Buoys on one database allow twice as many.
import { AppError } from '../lib/app-error.ts';
import type { Caller } from '../users/caller.ts';

export type StreamKind = 'stream' | 'terminal';

export type StreamLimits = {
  /** Event streams of one person, over all sessions and API tokens. */
  streamsPerUser: number;
  terminalsPerUser: number;
  /** Streams and terminals of everybody together. The last ones are for super-admins: see `reserveOf`. */
  streams: number;
};

/** Who opens a stream; the id is '' for a person who is not signed in. */
export type StreamReader = { id: string; isSuperAdmin: boolean; isApiToken: boolean };

export function readerOf({ user, apiToken }: Pick<Caller, 'user' | 'apiToken'>): StreamReader {
  return { id: user.id, isSuperAdmin: user.isSuperAdmin, isApiToken: apiToken !== null };
}

export type OpenStreams = {
  /**
   * Counts one more for this person until the answer is called, which may be called twice.
   * @throws AppError `rate_limited` or `too_many_streams`
   */
  enter(person: StreamReader, kind: StreamKind): () => void;
  /** @throws AppError as `enter` would, and counts nothing */
  checkRoom(person: StreamReader, kind: StreamKind): void;
};

/** Seconds after which a client may try again: a limit that only a closed stream frees is not worth asking for often. */
const RETRY_AFTER_S = 30;

const words: Record<StreamKind, { many: string; hint: string }> = {
  stream: {
    many: 'live streams',
    hint: 'Close a tab of Buoy, or stop a program that follows events, then try again.',
  },
  terminal: {
    many: 'terminals',
    hint: 'Close one of them; a terminal that nobody uses closes after 30 minutes.',
  },
};

/** Of `streams`, those that super-admins alone may open, so that people together cannot lock them out. */
function reserveOf(streams: number): number {
  return Math.min(Math.max(10, Math.ceil(streams / 20)), Math.floor(streams / 2));
}

export function createOpenStreams(limits: StreamLimits): OpenStreams {
  const perUser: Record<StreamKind, number> = {
    stream: limits.streamsPerUser,
    terminal: limits.terminalsPerUser,
  };
  const open: Record<StreamKind, Map<string, number>> = { stream: new Map(), terminal: new Map() };
  const openByTokens: typeof open = { stream: new Map(), terminal: new Map() };
  const forEverybody = limits.streams - reserveOf(limits.streams);
  let total = 0;

  const checkRoom: OpenStreams['checkRoom'] = ({ id, isSuperAdmin, isApiToken }, kind) => {
    const { many, hint } = words[kind];
    // A thief of an API token leaves the other half to the devices of its person.
    const [by, most, whose] = isApiToken
      ? [openByTokens, Math.ceil(perUser[kind] / 2), 'the API tokens of one person']
      : [open, perUser[kind], 'one person'];
    const held = by[kind].get(id) ?? 0;
    if (held >= most || (open[kind].get(id) ?? 0) >= perUser[kind])
      throw new AppError('rate_limited', `You have ${held} ${many} open, the most that ${whose} may have.`, {
        hint,
        details: { open: held, retryAfterS: RETRY_AFTER_S },
      });
    if (total >= (isSuperAdmin ? limits.streams : forEverybody))
      throw new AppError('too_many_streams', 'Buoy has reached its limit of open live streams.', {
        hint: 'Try again in a minute, or ask the operator of this Buoy to raise MAX_STREAMS.',
        details: { retryAfterS: RETRY_AFTER_S },
      });
  };

  return {
    checkRoom,
    enter(person, kind) {
      checkRoom(person, kind);
      const { id } = person;
      const counts = person.isApiToken ? [open[kind], openByTokens[kind]] : [open[kind]];
      for (const held of counts) held.set(id, (held.get(id) ?? 0) + 1);
      total += 1;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        total -= 1;
        for (const held of counts) {
          const left = (held.get(id) ?? 1) - 1;
          if (left === 0) held.delete(id);
          else held.set(id, left);
        }
      };
    },
  };
}
