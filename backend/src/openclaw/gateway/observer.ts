// What the gateway module tells of its calls to whoever counts them: never of which server, nor what was asked or answered.
import type { CallEnd } from '../../lib/observed.ts';

export type GatewayObserver = {
  /** An RPC begins; what is answered is told its end. `method` is one of the names in our own code. */
  call(method: string): CallEnd;
};

export const unobserved: GatewayObserver = { call: () => () => undefined };
