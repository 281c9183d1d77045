// Merges transcript pages and live messages: each message once, in order, without gaps.
import type { OpenclawMessage } from '@buoy/contract';

/** A page as the API gives it: oldest message first; `nextCursor` leads to what was said before. */
export type TranscriptPage = { messages: readonly OpenclawMessage[]; nextCursor: string | null };

/**
 * `loaded`: it stood in a page. `received`: an event told it, and no page has been read since. `unconfirmed`: a page that should have had it had
 * it not; the next one decides.
 */
type EntryState = 'loaded' | 'received' | 'unconfirmed';

/** Messages that no page has confirmed: one is read at the end of each turn and tool. */
const MAX_UNCONFIRMED = 200;
/** Messages that newest pages may add to what was there, before the transcript begins anew with the last of them. */
const MAX_ADDED = 1_000;

export type Transcript = {
  /** Oldest first. */
  entries: ReadonlyArray<{ id: string; message: OpenclawMessage; state: EntryState }>;
  /** Leads to what was said before these; null: nothing was; undefined: the next page says. */
  olderCursor: string | null | undefined;
  /** How many messages newest pages have added since it began; what a person asks for does not count. */
  added: number;
};

export const emptyTranscript: Transcript = { entries: [], olderCursor: undefined, added: 0 };

/** Its id in the transcript; what has none is known by who said what and when. */
export function identityOf({ id, role, at, text }: OpenclawMessage): string {
  return id ?? `${role} ${at ?? ''} ${text}`;
}

/** A message that an event tells. Received again, it changes nothing but what it says. */
export function withReceived(transcript: Transcript, message: OpenclawMessage): Transcript {
  const id = identityOf(message);
  const at = transcript.entries.findIndex((entry) => entry.id === id);
  if (at === -1)
    return {
      ...transcript,
      entries: [...withRoom(transcript.entries), { id, message, state: 'received' }],
    };
  const known = transcript.entries[at];
  if (known === undefined || (isSame(known.message, message) && known.state !== 'unconfirmed'))
    return transcript;
  const state = known.state === 'loaded' ? 'loaded' : 'received';
  return { ...transcript, entries: transcript.entries.with(at, { id, message, state }) };
}

/** Without the oldest of what no page has confirmed, where that is more than a page would ever lack; the next page has it. */
function withRoom(entries: Transcript['entries']): Transcript['entries'] {
  const told = entries.filter(({ state }) => state !== 'loaded');
  return told.length < MAX_UNCONFIRMED ? entries : entries.filter((entry) => entry !== told[0]);
}

/** The newest page, read just now. Where it does not touch what was read before, only what it says is certain. */
export function withNewest(transcript: Transcript, page: TranscriptPage): Transcript {
  const fresh = entriesOf(transcript, page);
  const inPage = new Set(fresh.map(({ id }) => id));
  const known = transcript.entries.filter(({ id, state }) => state === 'loaded' && inPage.has(id)).length;
  const added = transcript.added + fresh.length - known;
  const isComplete = page.nextCursor === null;
  const isContinuous = known > 0 && !isComplete && added <= MAX_ADDED;
  const first = page.messages[0]?.at ?? null;
  const before: Transcript['entries'][number][] = [];
  const after: Transcript['entries'][number][] = [];
  for (const entry of transcript.entries) {
    if (inPage.has(entry.id) || entry.state === 'unconfirmed') continue;
    const { at } = entry.message;
    if (entry.state === 'loaded') {
      if (isContinuous) before.push(entry);
    } else if (at === null || first === null || at >= first) after.push({ ...entry, state: 'unconfirmed' });
    // A late message older than the page: it was read already, or `olderCursor` leads to it.
  }
  return {
    entries: [...before, ...fresh, ...after],
    olderCursor: isContinuous ? transcript.olderCursor : page.nextCursor,
    added: isContinuous ? added : 0,
  };
}

/** The page that `cursor` led to. It is passed over when the transcript has begun anew meanwhile. */
export function withOlder(transcript: Transcript, cursor: string, page: TranscriptPage): Transcript {
  if (transcript.olderCursor !== cursor) return transcript;
  const older = entriesOf(transcript, page);
  const inPage = new Set(older.map(({ id }) => id));
  return {
    ...transcript,
    entries: [...older, ...transcript.entries.filter(({ id }) => !inPage.has(id))],
    olderCursor: page.nextCursor,
  };
}

/** The session was reset or compacted: the newest of what is known stays in sight until the next page, and only what that has is kept. */
export function withAllUnconfirmed({ entries }: Transcript): Transcript {
  const kept = entries.slice(-MAX_UNCONFIRMED);
  return { ...emptyTranscript, entries: kept.map((entry) => ({ ...entry, state: 'unconfirmed' })) };
}

/** A message that is as it was stays the same object, so that it is not drawn again. */
function entriesOf(transcript: Transcript, { messages }: TranscriptPage): Transcript['entries'] {
  const known = new Map(transcript.entries.map(({ id, message }) => [id, message]));
  return messages.map((message) => {
    const id = identityOf(message);
    const before = known.get(id);
    return {
      id,
      message: before !== undefined && isSame(before, message) ? before : message,
      state: 'loaded',
    };
  });
}

function isSame(one: OpenclawMessage, other: OpenclawMessage): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
