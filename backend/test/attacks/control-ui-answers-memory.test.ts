// A gateway sends an answer in pieces of a single byte to a browser that reads nothing: what waits in Buoy must not take hundreds of times its size.
import { createServer } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createOneATurn } from '../../src/lib/one-a-turn.ts';
import { until } from '../../src/lib/testing/until.ts';
import { relayRequest } from '../../src/openclaw/dashboard/relay-request.ts';
import { createHeldFrames } from '../../src/openclaw/gateway/held-frames.ts';

const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A network that holds almost nothing itself, so that only Buoy's memory is measured. */
function network(): [Duplex, Duplex] {
  const [one, other] = duplexPair();
  const nothing = () => one;
  for (const end of [one, other])
    Object.assign(end, {
      setNoDelay: nothing,
      setKeepAlive: nothing,
      setTimeout: nothing,
      ref: nothing,
      unref: nothing,
    });
  return [one, other];
}

test('an answer in single bytes that nobody reads does not fill the memory', async () => {
  const [stream, gateway] = network();
  const [browser, connection] = network();
  const pieces = Buffer.from('1\r\nx\r\n'.repeat(10_000));
  gateway.once('data', () => {
    const send = (): void => {
      while (gateway.write(pieces));
    };
    gateway.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n');
    gateway.on('drain', send);
    send();
  });
  const access = { port: 1, auth: { token: 'a-secret-of-the-gateway' }, problem: null };
  const gatewayTunnel = { open: async () => ({ stream, access, isFresh: true }), refused: () => undefined };
  const heldFrames = createHeldFrames();
  let isHeldBack = false;
  const leaving = new AbortController();
  const relayed = Promise.withResolvers<unknown>();
  const buoy = createServer((request, response) => {
    relayRequest(
      {
        ...{ gatewayTunnel, clock: systemClock, hold: () => () => undefined, myTurn: createOneATurn() },
        holdUnread(onTooMuch) {
          const holder = heldFrames.open('ada', onTooMuch);
          return {
            ...holder,
            grow(bytes) {
              isHeldBack = true;
              holder.grow(bytes);
            },
          };
        },
      },
      { serverId: 'srv_1', path: '/x', stillAdmitted: async () => undefined, signal: leaving.signal },
      request,
      response,
    ).then(relayed.resolve, relayed.resolve);
  });
  const before = usedBytes();
  buoy.emit('connection', connection);
  browser.write('GET /x HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => isHeldBack, 'nothing more of it is read', 20_000);
  expect((usedBytes() - before) / MIB).toBeLessThan(35);
  leaving.abort();
  browser.destroy();
  connection.destroy();
  await relayed.promise;
}, 60_000);
