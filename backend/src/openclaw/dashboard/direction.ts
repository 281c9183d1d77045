// One direction of a relay between two WebSockets. What the receiving side has not taken is counted, keeps the other side from being read, and
// is passed on in pieces, so that it shows whether that side takes any of it.
import type { RawData } from 'ws';
import { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.ts';
import { PIECE_COST_BYTES } from '../../lib/frame-pieces.ts';
import type { FrameHolder } from '../gateway/held-frames.ts';

/** Bytes of a piece, and about as many as are handed to the network at a time. */
const PIECE_BYTES = 64 * 1024;
/** Bytes that may wait for a slow side before reading from the other one pauses. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Milliseconds in which a side must take something of what waits for it; one that lives, on whatever network, does. */
const UNTAKEN_MS = 60_000;

export type Direction = {
  send(data: RawData | string, isBinary: boolean): void;
  /** Closes the receiving side behind what waits for it. */
  end(code: number, reason: string): void;
  /** Forgets what waits, and reads the sending side no more. */
  drop(): void;
};

/**
 * @param aheadBytes what the sending side may fill of memory while it is not read
 * @param mask changes the parts of a text frame before it is passed on, until its signal aborts; null to pass frames on as they are
 * @param onUntaken called when the receiving side has taken nothing for too long
 * @param onUnfit called when `mask` rejects: neither that frame nor what is behind it is passed on
 */
export function createDirection({
  from,
  to,
  aheadBytes,
  mask,
  holder,
  onUntaken,
  onUnfit,
  clock,
}: {
  from: WebSocket;
  to: WebSocket;
  aheadBytes: number;
  mask: ((parts: readonly Buffer[], signal: AbortSignal) => Promise<void>) | null;
  holder: FrameHolder;
  onUntaken: () => void;
  onUnfit: () => void;
  clock: Clock;
}): Direction {
  type Frame = { isBinary: boolean; isReady: boolean };
  type Piece = { frame: Frame; bytes: Buffer; isLast: boolean };
  const pieces: Piece[] = [];
  const sizeOf = ({ bytes }: Piece): number => bytes.length + PIECE_COST_BYTES;
  let waitingBytes = 0;
  /** Of those, what the network has and has not yet sent. */
  let sendingBytes = 0;
  let farewell: { code: number; reason: string } | null = null;
  let isHeldBack = false;
  const dropping = new AbortController();
  const isDropped = (): boolean => dropping.signal.aborted;
  let stopPatience = () => {};

  const watch = (): void => {
    stopPatience();
    if (waitingBytes > 0 && !isDropped()) stopPatience = clock.after(UNTAKEN_MS, onUntaken);
  };
  const forget = (bytes: number): void => {
    waitingBytes -= bytes;
    holder.shrink(bytes);
  };
  const hand = (): void => {
    while (sendingBytes < PIECE_BYTES && to.readyState === WebSocket.OPEN) {
      const [piece] = pieces;
      if (!piece?.frame.isReady) break;
      pieces.shift();
      const size = sizeOf(piece);
      sendingBytes += size;
      to.send(piece.bytes, { binary: piece.frame.isBinary, fin: piece.isLast }, () => {
        sendingBytes -= size;
        forget(size);
        watch();
        if (isDropped()) return;
        hand();
        if (isHeldBack && waitingBytes < MAX_WAITING_BYTES) {
          isHeldBack = false;
          from.resume();
          holder.shrink(aheadBytes);
        }
      });
    }
    if (farewell === null || pieces.length > 0 || to.readyState !== WebSocket.OPEN) return;
    to.close(farewell.code, farewell.reason);
  };
  /** Forgets the frame and what is behind it. */
  const refuse = (frame: Frame): void => {
    const at = pieces.findIndex((piece) => piece.frame === frame);
    if (at === -1) return;
    for (const piece of pieces.splice(at)) forget(sizeOf(piece));
    onUnfit();
    hand();
  };

  return {
    send(data, isBinary) {
      if (farewell !== null || isDropped() || to.readyState !== WebSocket.OPEN) return;
      const wasIdle = waitingBytes === 0;
      const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Buffer);
      const frame: Frame = { isBinary, isReady: mask === null || isBinary };
      const parts: Buffer[] = [];
      let addedBytes = 0;
      for (let start = 0; start === 0 || start < bytes.length; start += PIECE_BYTES) {
        const end = start + PIECE_BYTES;
        // A copy: a part would keep all of what it was received with.
        const piece = {
          bytes: Buffer.from(bytes.subarray(start, end)),
          frame,
          isLast: end >= bytes.length,
        };
        pieces.push(piece);
        parts.push(piece.bytes);
        addedBytes += sizeOf(piece);
      }
      waitingBytes += addedBytes;
      if (wasIdle) watch();
      if (waitingBytes >= MAX_WAITING_BYTES && !isHeldBack) {
        isHeldBack = true;
        from.pause();
        addedBytes += aheadBytes;
      }
      holder.grow(addedBytes);
      if (mask === null || isBinary) return hand();
      mask(parts, dropping.signal)
        .then(() => {
          frame.isReady = true;
          hand();
        })
        .catch(() => refuse(frame));
    },
    end(code, reason) {
      farewell ??= { code, reason };
      hand();
    },
    drop() {
      dropping.abort();
      stopPatience();
      from.pause();
      for (const piece of pieces.splice(0)) forget(sizeOf(piece));
      if (isHeldBack) holder.shrink(aheadBytes);
      isHeldBack = false;
    },
  };
}
