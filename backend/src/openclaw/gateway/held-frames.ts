// Bounds the memory of frames that the other side keeps open, or does not take, as long as it likes: what has arrived of those that are not
// whole, and what waits for a slow reader. What is held for one person is counted together, so that it does not use up the memory of others;
// and that of everybody, since one person may have several accounts.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { PIECE_COST_BYTES } from '../../lib/frame-pieces.ts';

/** Bytes of one person: four of the longest frames at the same time. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Bytes of everybody together, as much as eight people may use. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** Of one connection, or of the two that are relayed to each other. */
export type FrameHolder = {
  grow(bytes: number): void;
  shrink(bytes: number): void;
  /** It has ended and holds nothing any more. */
  close(): void;
};

export type HeldFrames = {
  /**
   * @param person for whom it is counted
   * @param onTooMuch called when this person holds too much, or everybody does and this person the most, and this is their longest holder:
   * it is to free its memory and end
   */
  open(person: string, onTooMuch: () => void): FrameHolder;
};

/** Counted in this process, whose memory it is. */
export function createHeldFrames(maxBytes = MAX_BYTES, maxTotalBytes = MAX_TOTAL_BYTES): HeldFrames {
  type Holder = { bytes: number; onTooMuch: () => void };
  type Person = { bytes: number; holders: Set<Holder> };
  const people = new Map<string, Person>();
  let total = 0;

  function endLongest({ holders }: Person): void {
    mostOf([...holders]).onTooMuch();
  }

  function makeRoom(person: Person): void {
    if (person.bytes > maxBytes) endLongest(person);
    // Of the one with the most: people with little are not cut for the sake of one with many short frames.
    if (total > maxTotalBytes) endLongest(mostOf([...people.values()]));
  }

  return {
    open(name, onTooMuch) {
      const holder: Holder = { bytes: 0, onTooMuch };
      const person = people.get(name) ?? { bytes: 0, holders: new Set() };
      people.set(name, person);
      person.holders.add(holder);
      const add = (bytes: number): void => {
        if (!person.holders.has(holder)) return;
        holder.bytes += bytes;
        person.bytes += bytes;
        total += bytes;
      };
      return {
        grow(bytes) {
          add(bytes);
          if (person.holders.has(holder)) makeRoom(person);
        },
        shrink: (bytes) => add(-bytes),
        close() {
          add(-holder.bytes);
          person.holders.delete(holder);
          if (person.holders.size === 0 && people.get(name) === person) people.delete(name);
        },
      };
    },
  };
}

function mostOf<T extends { bytes: number }>(all: readonly T[]): T {
  return all.reduce((one, other) => (other.bytes > one.bytes ? other : one));
}

/**
 * Counts what arrives on `stream` until it is a whole message of `socket`, which must be open.
 * @returns tells how much that is now
 */
export function countUnfinished(socket: WebSocket, stream: Duplex, holder: FrameHolder): () => number {
  let arrived = 0;
  stream.on('data', (chunk: Buffer) => {
    const bytes = chunk.length + PIECE_COST_BYTES;
    arrived += bytes;
    holder.grow(bytes);
  });
  socket.on('message', () => {
    holder.shrink(arrived);
    arrived = 0;
  });
  return () => arrived;
}
