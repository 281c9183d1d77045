// Pairing requests of both versions, as they come from the gateway, from files and from devices.
import { pairingRequest } from '@buoy/contract';
import { expect, test } from 'vitest';
import { pairingInFiles } from './pairing-files.ts';
import {
  fromDevices,
  fromList,
  fromStored,
  listedRequests,
  pendingDevices,
  storedRequests,
} from './requests.ts';

const createdAt = '2026-11-25T10:00:00.000Z';
const nowMs = Date.parse('2026-11-25T10:30:00.000Z');
const inFile = {
  id: '77',
  code: 'ABCDEFGH',
  createdAt,
  lastSeenAt: createdAt,
  meta: { username: 'anna_k', firstName: 'Anna', lastName: 'K', accountId: 'default' },
};

test('pairing requests › a person from the list of 2026.9.6', () => {
  const [request] = fromList(
    listedRequests.parse({
      accounts: [],
      requests: [
        {
          requestId: 'abc_-1',
          channel: 'telegram',
          channelLabel: 'Telegram',
          accountId: 'default',
          senderId: '77',
          senderLabel: 'telegramUserId',
          metadata: { username: 'anna_k', firstName: 'Anna' },
          createdAt,
          lastSeenAt: createdAt,
          expiresAt: '2026-11-25T11:00:00.000Z',
          notifySupported: true,
        },
      ],
    }),
  );
  expect(pairingRequest.parse(request)).toEqual({
    id: 'abc_-1',
    kind: 'dm',
    channel: 'telegram',
    account: 'default',
    from: { id: '77', name: 'Anna @anna_k' },
    code: null,
    device: null,
    requestedAt: createdAt,
    expiresAt: '2026-11-25T11:00:00.000Z',
  });
});

test('pairing requests › a person in the file of 2026.7.35 has the code, an expiry an hour later, and the id of 2026.9.6', () => {
  const [request] = fromStored('telegram', storedRequests.parse({ version: 1, requests: [inFile] }), nowMs);
  expect(pairingRequest.parse(request)).toEqual({
    // base64url of SHA-256 over channel, account, sender and time, with NUL between them.
    id: 'kSYcQrToGhXCBZEAlZhXGmzkQxS6qGHo',
    kind: 'dm',
    channel: 'telegram',
    account: 'default',
    from: { id: '77', name: 'Anna K @anna_k' },
    code: 'ABCDEFGH',
    device: null,
    requestedAt: createdAt,
    expiresAt: '2026-11-25T11:00:00.000Z',
  });
});

test('pairing requests › ignores one older than an hour or without a time', () => {
  const requests = [inFile, { ...inFile, createdAt: 'yesterday' }, { id: 'x' }];
  const stored = storedRequests.parse({ requests });
  expect(fromStored('telegram', stored, nowMs + 31 * 60_000)).toEqual([]);
  expect(fromStored('telegram', stored, nowMs)).toHaveLength(1);
});

test('pairing requests › truncates a name chosen by a stranger, and a missing one is null', () => {
  const long = { ...inFile, meta: { firstName: `${'a'.repeat(199)}😀` } };
  const stored = storedRequests.parse({ requests: [long, { ...inFile, meta: null }] });
  const [first, second] = fromStored('telegram', stored, nowMs);
  expect(first?.from.name).toHaveLength(200);
  expect(first?.from.name?.isWellFormed()).toBe(true);
  expect(second?.from.name).toBeNull();
});

test('pairing requests › reads one file for each channel; a broken one counts as empty', () => {
  const printed = [
    'slack-pairing.json',
    JSON.stringify({ version: 1, requests: [{ ...inFile, id: 'U1' }] }),
    'signal-pairing.json',
    '{"version":1,"requ',
    'telegram-pairing.json',
    JSON.stringify({ version: 1, requests: [inFile] }),
    '',
  ].join('\n');
  expect(pairingInFiles(printed, nowMs).map(({ channel, from }) => [channel, from.id])).toEqual([
    ['slack', 'U1'],
    ['telegram', '77'],
  ]);
  expect(pairingInFiles('', nowMs)).toEqual([]);
});

test('pairing requests › a device has its name and requested scopes', () => {
  const [device] = fromDevices(
    pendingDevices.parse({
      pending: [
        {
          requestId: '2b9f73b6-5712-4b7c-93f4-1f475847238f',
          deviceId: '71944e7e',
          publicKey: 'ncDa7NbH1',
          platform: 'linux',
          clientId: 'cli',
          clientMode: 'cli',
          role: 'operator',
          scopes: ['operator.admin'],
          remoteIp: '10.99.77.1',
          ts: Date.parse(createdAt),
        },
      ],
      paired: [],
    }),
  );
  expect(pairingRequest.parse(device)).toEqual({
    id: '2b9f73b6-5712-4b7c-93f4-1f475847238f',
    kind: 'device',
    channel: null,
    account: null,
    from: { id: '71944e7e', name: null },
    code: null,
    device: {
      client: 'cli',
      platform: 'linux',
      remoteIp: '10.99.77.1',
      role: 'operator',
      scopes: ['operator.admin'],
    },
    requestedAt: createdAt,
    expiresAt: null,
  });
});
