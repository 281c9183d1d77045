// Channels as clients get them, and starting and stopping them.
import { channel } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import { type CalledGateways, createCalledGateways, readerOf } from '../testing/called-gateways.ts';
import { type Channels, createChannels } from './channels.ts';

const { signal } = new AbortController();
const account = {
  accountId: 'default',
  enabled: true,
  configured: true,
  running: true,
  connected: true,
  lastStartAt: Date.parse('2026-03-01T09:00:00.000Z'),
  lastInboundAt: Date.parse('2026-03-01T09:30:00.000Z'),
  lastOutboundAt: null,
  lastError: null,
};
let gateways: CalledGateways;
let channels: Channels;
let accounts: object[];
beforeEach(() => {
  gateways = createCalledGateways();
  accounts = [account];
  gateways.methods['channels.status'] = () => ({
    channelOrder: ['telegram'],
    channelLabels: { telegram: 'Telegram' },
    channels: { telegram: {} },
    channelAccounts: { telegram: accounts },
  });
  channels = createChannels({ reader: readerOf(gateways), gateways });
});

test('channels › an account has its times and its own name, or else that of the channel', async () => {
  accounts = [account, { accountId: 'work', name: 'Work', running: false }];
  const { channels: list } = await channels.list('s1', { signal });
  expect(list.map((one) => channel.parse(one))).toEqual([
    {
      id: 'telegram',
      account: 'default',
      name: 'Telegram',
      enabled: true,
      configured: true,
      state: 'connected',
      error: null,
      startedAt: '2026-03-01T09:00:00.000Z',
      lastActivityAt: '2026-03-01T09:30:00.000Z',
    },
    {
      id: 'telegram',
      account: 'work',
      name: 'Work',
      enabled: null,
      configured: null,
      state: 'stopped',
      error: null,
      startedAt: null,
      lastActivityAt: null,
    },
  ]);
});

test('channels › an error hides the bot token', async () => {
  const token = '700000001:AAFakeTokenOfTheTestBedWithThirtyFiveChars';
  accounts = [{ ...account, connected: false, lastError: `fetch failed http://x/bot${token}/getMe` }];
  const { channels: list } = await channels.list('s1', { signal });
  expect(list[0]?.error).toContain('fetch failed');
  expect(list[0]?.error).not.toContain('AAFake');
});

test('channels › stopping a busy channel returns a note', async () => {
  gateways.methods['channels.stop'] = () => ({ channel: 'telegram', accountId: 'default', stopped: false });
  const { note } = await channels.stop('s1', { channelId: 'telegram' }, signal);
  expect(note).toContain('still busy');
  expect(gateways.calls.find(({ method }) => method === 'channels.stop')?.params).toEqual({
    channel: 'telegram',
    accountId: 'default',
  });
});

test('channels › returns 404 for an unknown channel or account, and 409 when several match', async () => {
  gateways.methods['channels.start'] = () => ({ started: true });
  accounts = [account, { ...account, accountId: 'work' }];
  const start = (target: { channelId: string; account?: string }) => channels.start('s1', target, signal);
  await expect(start({ channelId: 'slack' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(start({ channelId: 'telegram', account: 'x' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(start({ channelId: 'telegram' })).rejects.toMatchObject({
    code: 'conflict',
    details: { accounts: ['default', 'work'] },
  });
  expect((await start({ channelId: 'telegram', account: 'work' })).channel.account).toBe('work');
});
