import { newNotificationChannel } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { type ChannelDraft, emptyChannelDraft, newChannelOf, typedChannelTypes } from './channel-draft.ts';

const typed: ChannelDraft = {
  ...{ address: ' ada@example.org ', url: ' https://hooks.example.org/a ', template: 'slack' },
  ...{ chatId: ' -1001234567890 ', threadId: ' 12 ', label: ' on call ' },
};

describe('a new notification channel', () => {
  it('has the fields of its type, without blanks around them', () => {
    expect(typedChannelTypes.map((type) => newChannelOf(type, typed))).toEqual([
      { type: 'email', address: 'ada@example.org', label: 'on call' },
      { type: 'webhook', url: 'https://hooks.example.org/a', template: 'slack', label: 'on call' },
      { type: 'telegram', chatId: '-1001234567890', threadId: 12, label: 'on call' },
    ]);
  });

  it('leaves out what may be absent', () => {
    const draft = { ...typed, threadId: ' ', label: '' };
    expect(newChannelOf('telegram', draft)).toEqual({ type: 'telegram', chatId: '-1001234567890' });
    expect(newChannelOf('email', draft)).toEqual({ type: 'email', address: 'ada@example.org' });
  });

  it.each(typedChannelTypes)('is what the contract accepts: %s', (type) => {
    for (const draft of [typed, { ...typed, threadId: '', label: '', template: emptyChannelDraft.template }])
      expect(newNotificationChannel.safeParse(newChannelOf(type, draft)).error).toBe(undefined);
  });
});
