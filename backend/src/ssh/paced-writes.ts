// Sends what is written into a channel in slices that share the turns of the event loop with all other work: the server chooses how small its
// packets are. Nothing is sent while keys are exchanged, so that whoever writes waits until it may be.
import type { ClientChannel } from 'ssh2';
import type { KeyExchanges } from './key-exchanges.ts';
import { packetBytes } from './ssh2-internals.ts';
import type { TurnScheduler } from './turn-scheduler.ts';

/** Packets sent at once: about half a millisecond of work. */
const SLICE_PACKETS = 16;
/** The same for long packets. */
const MAX_SLICE_BYTES = 256 * 1024;

/** Bytes that are sent at once to a server which takes packets of this size. */
export function sliceBytes(packetSize: number): number {
  return Math.min(MAX_SLICE_BYTES, SLICE_PACKETS * packetSize);
}

/** Call before the first write into `channel`. */
export function paceWrites(
  channel: ClientChannel,
  {
    exchanges,
    turns,
    isUp,
  }: { exchanges: Pick<KeyExchanges, 'isUnderWay' | 'onEnded'>; turns: TurnScheduler; isUp: () => boolean },
): void {
  const write = channel._write.bind(channel);
  const maxBytes = sliceBytes(packetBytes(channel));
  channel._write = (data: Buffer, encoding, done) => {
    let at = 0;
    // What a lost connection has not sent is dropped; ssh2 itself drops it for a closed channel.
    const sendSlice = (): boolean => {
      if (!isUp()) return false;
      if (exchanges.isUnderWay()) {
        exchanges.onEnded(sendLater);
        return false;
      }
      const slice = data.subarray(at, at + maxBytes);
      at += slice.length;
      write(slice, encoding, at < data.length ? sendLater : done);
      return false;
    };
    const sendLater = (): void => turns.runLater(sendSlice);
    sendSlice();
  };
}
