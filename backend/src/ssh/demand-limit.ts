// Counts the unsolicited messages of one server that Buoy answers: more than any sshd sends are an attack on Buoy's time or memory.
import type { Clock } from '../lib/clock.ts';

/**
 * Unsolicited messages that Buoy answers in one window: sshd sends a keep-alive every few seconds, and a key exchange each gigabyte.
 * A server that sends more tries to use up Buoy's time, or its memory by not reading the answers.
 */
const DEMANDS_WINDOW_MS = 10_000;
const MAX_DEMANDS = 200;
/** An exchange of keys takes Buoy some 5 ms. */
const DEMANDS_OF_KEY_EXCHANGE = 20;
/** Bytes in both directions after which an exchange is no demand: a server may have a RekeyLimit of a megabyte, and a file be long. */
const BYTES_OF_KEY_EXCHANGE = 512 * 1024;

export type DemandLimit = {
  /** False when the server has sent too many messages. */
  message(): boolean;
  /** The same after an exchange of keys. `bytes`: how many the connection has carried so far. */
  keyExchange(bytes: number): boolean;
};

export function createDemandLimit(clock: Clock): DemandLimit {
  let since = clock.now();
  let count = 0;
  let bytesAtExchange = 0;

  function add(demands: number): boolean {
    if (clock.now() - since >= DEMANDS_WINDOW_MS) {
      since = clock.now();
      count = 0;
    }
    count += demands;
    return count <= MAX_DEMANDS;
  }

  return {
    message: () => add(1),
    keyExchange(bytes) {
      const isDue = bytes - bytesAtExchange >= BYTES_OF_KEY_EXCHANGE;
      bytesAtExchange = bytes;
      return add(isDue ? 0 : DEMANDS_OF_KEY_EXCHANGE);
    },
  };
}
