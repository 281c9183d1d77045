// Merges transcript pages and live messages: each message once, in order, without gaps.
import type { OpenclawMessage } from '@buoy/contract';

/** A page as the API gives it: oldest message first; `nextCursor` leads to what was said before. */
export type TranscriptPage = { messages: readonly OpenclawMessage[]; nextCursor: string | null };

/**
 * `read`: it stood in a page. `heard`: an event told it, and no page has been read since. `doubted`: a page that should have had it had
 * it not; the next one decides.
 */
type Standing = 'read' | 'heard' | 'doubted';

export type Transcript = {
  /** Oldest first. */
  entries: ReadonlyArray<{ id: string; message: OpenclawMessage; standing: Standing }>;
  /** Leads to what was said before these; null: nothing was; undefined: the next page says. */
  olderCursor: string | null | undefined;
};

export const emptyTranscript: Transcript = { entries: [], olderCursor: undefined };

/** Its id in the transcript; what has none is known by who said what and when. */
export function identityOf({ id, role, at, text }: OpenclawMessage): string {
  return id ?? `${role} ${at ?? ''} ${text}`;
}

/** A message that an event tells. Received again, it changes nothing but what it says. */
export function withHeard(transcript: Transcript, message: OpenclawMessage): Transcript {
  const id = identityOf(message);
  const at = transcript.entries.findIndex((entry) => entry.id === id);
  if (at === -1)
    return { ...transcript, entries: [...transcript.entries, { id, message, standing: 'heard' }] };
  const known = transcript.entries[at];
  if (known === undefined || (isSame(known.message, message) && known.standing !== 'doubted'))
    return transcript;
  const standing = known.standing === 'read' ? 'read' : 'heard';
  return { ...transcript, entries: transcript.entries.with(at, { id, message, standing }) };
}

/** The newest page, read just now. Where it does not touch what was read before, only what it says is certain. */
export function withNewest(transcript: Transcript, page: TranscriptPage): Transcript {
  const fresh = entriesOf(transcript, page);
  const inPage = new Set(fresh.map(({ id }) => id));
  const touches = transcript.entries.some(({ id, standing }) => standing === 'read' && inPage.has(id));
  const isWhole = page.nextCursor === null;
  const goesOn = touches && !isWhole;
  const first = page.messages[0]?.at ?? null;
  const before: Transcript['entries'][number][] = [];
  const after: Transcript['entries'][number][] = [];
  for (const entry of transcript.entries) {
    if (inPage.has(entry.id) || entry.standing === 'doubted') continue;
    const { at } = entry.message;
    if (entry.standing === 'read') {
      if (goesOn) before.push(entry);
    } else if (at === null || first === null || at >= first) after.push({ ...entry, standing: 'doubted' });
    // A late message older than the page: it was read already, or `olderCursor` leads to it.
  }
  return {
    entries: [...before, ...fresh, ...after],
    olderCursor: goesOn ? transcript.olderCursor : page.nextCursor,
  };
}

/** The page that `cursor` led to. It is passed over when the transcript has begun anew meanwhile. */
export function withOlder(transcript: Transcript, cursor: string, page: TranscriptPage): Transcript {
  if (transcript.olderCursor !== cursor) return transcript;
  const older = entriesOf(transcript, page);
  const inPage = new Set(older.map(({ id }) => id));
  return {
    entries: [...older, ...transcript.entries.filter(({ id }) => !inPage.has(id))],
    olderCursor: page.nextCursor,
  };
}

/** The session was reset or compacted: what is known stays in sight until the next page, and only what that has is kept. */
export function inDoubt({ entries }: Transcript): Transcript {
  return { entries: entries.map((entry) => ({ ...entry, standing: 'doubted' })), olderCursor: undefined };
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
      standing: 'read',
    };
  });
}

function isSame(one: OpenclawMessage, other: OpenclawMessage): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
