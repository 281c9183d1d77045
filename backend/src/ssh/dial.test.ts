// A connection goes to an address that was checked, whatever the name server answers next.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createAddressLookup } from './address-lookup.ts';
import { createAddressPolicy } from './address-policy.ts';
import { type DialOptions, dialTcp } from './dial.ts';
import { deniedAddress } from './failures.ts';

/** 127.0.0.2 stands for a public address here, 127.0.0.1 for the inner network. */
const policy = createAddressPolicy(['127.0.0.1/32', '::1/128']);
const v4 = (address: string) => ({ address, family: 4 });

let listening: Server;
let port: number;
let accepted: string[];

beforeEach(async () => {
  accepted = [];
  listening = createServer((socket) => {
    accepted.push(socket.localAddress ?? '');
    socket.on('error', () => {}).destroy();
  });
  listening.listen(0, '0.0.0.0');
  await once(listening, 'listening');
  port = (listening.address() as AddressInfo).port;
});
afterEach(() => void listening.close());

const dial = (lookup: DialOptions['lookup'], host = 'name.test', signal = AbortSignal.timeout(10_000)) =>
  dialTcp(host, port, {
    refusalOf: (address) => (policy.isDenied(address) ? deniedAddress(`${host}:${port}`) : null),
    lookup,
    signal,
  });

describe('a name', () => {
  test('whose answer changes after the check is connected to at the address that was checked', async () => {
    const answers = [[v4('127.0.0.2')], [v4('127.0.0.1')], [v4('127.0.0.1')]];
    let asked = 0;
    const socket = await dial(async () => answers[asked++] ?? expect.unreachable());
    expect(socket.remoteAddress).toBe('127.0.0.2');
    expect(asked).toBe(1);
    socket.destroy();
  });

  test('with several addresses is connected to at one that is allowed', async () => {
    const socket = await dial(async () => [v4('127.0.0.1'), { address: '::1', family: 6 }, v4('127.0.0.2')]);
    expect(socket.remoteAddress).toBe('127.0.0.2');
    socket.destroy();
  });

  test('with denied addresses alone is refused before a packet is sent, and none of them is named', async () => {
    const refused = dial(async () => [v4('127.0.0.1'), { address: '::1', family: 6 }]);
    await expect(refused).rejects.toMatchObject({
      code: 'unreachable',
      message: `This Buoy does not connect to name.test:${port}: its network is denied.`,
      details: { kind: 'other' },
    });
    expect(JSON.stringify(await refused.catch((error: unknown) => error))).not.toContain('127.0.0.1');
    expect(accepted).toEqual([]);
  });

  test('goes on to its next address where the first refuses', async () => {
    listening.close();
    await once(listening, 'close');
    listening = createServer((socket) => void socket.destroy()).listen(port, '127.0.0.3');
    await once(listening, 'listening');
    const socket = await dial(async () => [v4('127.0.0.2'), v4('127.0.0.3')]);
    expect(socket.remoteAddress).toBe('127.0.0.3');
    socket.destroy();
  });

  test('without any address is reported as unknown', async () => {
    await expect(dial(async () => [])).rejects.toMatchObject({ details: { kind: 'dns' } });
  });

  test('whose lookup hangs is given up with the call', async () => {
    const stop = new AbortController();
    const lookup = createAddressLookup({ resolve: () => new Promise(() => {}) });
    const hanging = dial(
      (host, signal) => lookup(host, { enteredBy: 'ada', signal }),
      'name.test',
      stop.signal,
    );
    stop.abort(new AppError('deadline', 'too late'));
    await expect(hanging).rejects.toMatchObject({ code: 'deadline' });
  });
});

test.each(['127.0.0.1', '::ffff:127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1'])(
  'the address is refused in every form that the system reads: %s',
  async (host) => {
    const refused = dialTcp(host, port, {
      refusalOf: (address) => (policy.isDenied(address) ? deniedAddress(host) : null),
      lookup: (name, signal) => createAddressLookup()(name, { enteredBy: 'ada', signal }),
      signal: AbortSignal.timeout(10_000),
    });
    await expect(refused).rejects.toMatchObject({ details: { kind: 'other' } });
    expect(accepted).toEqual([]);
  },
);
