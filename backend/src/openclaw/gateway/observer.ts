// The observer of gateway calls, for metrics: never gets the server, the parameters or the answer.
import type { CallEnd } from '../../lib/observed.ts';

export type GatewayObserver = {
  /** An RPC begins; what is answered is told its end. `method` is one of the names in our own code. */
  call(method: string): CallEnd;
};

export const unobserved: GatewayObserver = { call: () => () => undefined };
