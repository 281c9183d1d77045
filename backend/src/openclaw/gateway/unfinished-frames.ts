// Bounds the memory of unfinished frames, which a gateway can keep open as long as it likes. The servers of one person are
// counted together, so that they do not use up the memory of others.

/** Bytes of the servers of one person: four of the longest answers at the same time. */
const MAX_BYTES = 32 * 1024 * 1024;

export type UnfinishedFrame = {
  grow(bytes: number): void;
  /** The frame is whole; another one may begin. */
  finish(): void;
  /** The connection has ended. */
  close(): void;
};

export type UnfinishedFrames = {
  /**
   * @param owner whose server it is
   * @param onTooMuch called when the owner's servers hold too much together and this frame is the longest: its connection is to end
   */
  open(owner: string, onTooMuch: () => void): UnfinishedFrame;
};

/** Counted in this process, whose memory it is. */
export function createUnfinishedFrames(maxBytes = MAX_BYTES): UnfinishedFrames {
  type Held = { bytes: number; onTooMuch: () => void };
  const owners = new Map<string, Set<Held>>();

  function expectRoom(frames: ReadonlySet<Held>): void {
    const inAll = [...frames].reduce((sum, { bytes }) => sum + bytes, 0);
    if (inAll <= maxBytes) return;
    [...frames].reduce((one, other) => (other.bytes > one.bytes ? other : one)).onTooMuch();
  }

  return {
    open(owner, onTooMuch) {
      const held: Held = { bytes: 0, onTooMuch };
      const frames = owners.get(owner) ?? new Set();
      owners.set(owner, frames.add(held));
      return {
        grow(bytes) {
          if (!frames.has(held)) return;
          held.bytes += bytes;
          expectRoom(frames);
        },
        finish() {
          held.bytes = 0;
        },
        close() {
          frames.delete(held);
          if (frames.size === 0 && owners.get(owner) === frames) owners.delete(owner);
        },
      };
    },
  };
}
