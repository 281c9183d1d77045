import { notificationChannelTypes } from '@buoy/contract/constants';
import { describe, expect, it } from 'vitest';
import { channelState } from './channel-state.ts';
import { channelsTexts } from './texts.ts';

const t = channelsTexts.en;
const working = { type: 'email', enabled: true, state: 'ok', lastError: null } as const;
const lastError = 'mail.example.org did not answer.';

describe('the state of a notification channel', () => {
  it('is active while messages are sent', () => {
    expect(channelState(working, t)).toEqual({ words: t.state_ok, tone: 'good', error: null });
  });

  it('stays active after one refused message, with the reason', () => {
    expect(channelState({ ...working, lastError }, t)).toEqual({
      words: t.state_refused,
      tone: 'good',
      error: lastError,
    });
  });

  it('gives the reason of a failure', () => {
    expect(channelState({ ...working, state: 'failing', lastError }, t)).toEqual({
      words: t.state_failing,
      tone: 'bad',
      error: lastError,
    });
  });

  it.each(notificationChannelTypes)('says what to do about a blocked channel: %s', (type) => {
    expect(channelState({ ...working, type, state: 'blocked', lastError }, t)).toEqual({
      words: t[`blocked_${type}`],
      tone: 'bad',
      error: lastError,
    });
  });

  it.each(['ok', 'blocked', 'failing'] as const)('is off when switched off: %s', (state) => {
    expect(channelState({ ...working, state, lastError, enabled: false }, t)).toEqual({
      words: t.state_off,
      tone: 'quiet',
      error: null,
    });
  });

  it('asks for the code before anything else', () => {
    expect(channelState({ ...working, state: 'unconfirmed', enabled: false, lastError }, t).words).toBe(
      t.state_unconfirmed,
    );
  });
});
