// OpenClaw's channel flags as channel states of the contract.
import { expect, test } from 'vitest';
import { channelsStatus, presentChannels } from './channels.ts';

test('channel states › each account has one state, and an error only while it is not connected', () => {
  const telegram = { enabled: true, configured: true, running: true };
  const answer = channelsStatus.parse({
    channelOrder: ['telegram', 'slack', 'irc'],
    channels: { irc: { configured: true, running: true } },
    channelAccounts: {
      telegram: [
        { ...telegram, accountId: 'a', connected: true, lastError: 'old trouble' },
        { ...telegram, accountId: 'b', connected: false, lifecycle: 'starting', lastError: 'fetch failed' },
        { ...telegram, accountId: 'c', connected: false, lifecycle: 'running', lastError: null },
        { ...telegram, accountId: 'd', running: false },
        { ...telegram, accountId: 'e', enabled: false },
      ],
      slack: [{ configured: false }],
    },
  });
  expect(presentChannels(answer)).toEqual([
    { id: 'telegram', account: 'a', state: 'connected', error: null },
    { id: 'telegram', account: 'b', state: 'starting', error: 'fetch failed' },
    { id: 'telegram', account: 'c', state: 'disconnected', error: null },
    { id: 'telegram', account: 'd', state: 'stopped', error: null },
    { id: 'telegram', account: 'e', state: 'disabled', error: null },
    { id: 'slack', account: 'default', state: 'not_configured', error: null },
    { id: 'irc', account: 'default', state: 'connected', error: null },
  ]);
});

test('channel states › an empty answer means no channels', () => {
  expect(presentChannels(channelsStatus.parse({}))).toEqual([]);
});
