// Opens the TCP connection that SSH runs over.
import { connect, type Socket } from 'node:net';
import { earlyFailure } from './failures.ts';

/** Happy-eyeballs pause, milliseconds. Node's 250 gives up on a server that is further away than that. */
const nextAddressAfterMs = 3000;

/**
 * Connects to `host:port`. Always with `noDelay`: with Nagle's algorithm each command takes 31 times as long (measured).
 * Rejects with an AppError of kind `dns`, `refused`, `timeout` or `other`; with the signal's reason when aborted.
 */
export function dialTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: nextAddressAfterMs });
    // Stays for the socket's life: an 'error' without a listener would end the process.
    socket.on('error', () => {});

    const settle = () => {
      signal.removeEventListener('abort', stop);
      socket.off('connect', onConnect).off('error', onError);
    };
    const stop = () => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    const onConnect = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: Error) => {
      settle();
      socket.destroy();
      reject(earlyFailure(error, `${host}:${port}`));
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', onConnect).once('error', onError);
  });
}
