// The observer of SSH calls, for metrics: gets only names and kinds, never the server.
import type { FailureKind } from '@buoy/contract';
import { isAppError } from '../lib/app-error.ts';
import type { CallEnd } from '../lib/observed.ts';
import type { Connection } from './connection.ts';
import type { Connector } from './connector.ts';
import { kindOf } from './failures.ts';

export type SshCallName = 'exec' | 'script' | 'write_file' | 'forward' | 'shell' | 'test' | 'scan_host_key';

export type SshObserver = {
  /** Called when a call begins; the returned function is called with its end. */
  call(name: SshCallName): CallEnd;
  /** Called when an attempt to connect and log in ends: null on success. Not called for an aborted attempt. */
  connected(failure: FailureKind | null): void;
};

export const unobserved: SshObserver = { call: () => () => undefined, connected: () => undefined };

/** The same connector, which reports each login attempt to `observe`. */
export function observedConnector(connector: Connector, observe: SshObserver): Connector {
  const told = async (attempt: Promise<Connection>): Promise<Connection> => {
    try {
      const connection = await attempt;
      observe.connected(null);
      return connection;
    } catch (error) {
      if (!isAppError(error, 'cancelled', 'shutting_down'))
        observe.connected(isAppError(error) ? kindOf(error) : 'other');
      throw error;
    }
  };
  return {
    connectKnown: (...parts) => told(connector.connectKnown(...parts)),
    connect: (...parts) => told(connector.connect(...parts)),
    scan: connector.scan,
  };
}
