import { describe, expect, test } from 'vitest';
import { createOpenStreams } from './open-streams.ts';

const limits = { streamsPerUser: 2, terminalsPerUser: 1, streams: 4 };

describe('open streams', () => {
  test("refuses one stream more than a person's limit, with a message and Retry-After", () => {
    const open = createOpenStreams(limits);
    open.enter('a', 'stream');
    open.enter('a', 'stream');
    expect(() => open.enter('a', 'stream')).toThrow(
      expect.objectContaining({
        code: 'rate_limited',
        message: 'You have 2 live streams open, the most that one person may have.',
        details: { open: 2, retryAfterS: 30 },
      }),
    );
  });

  test('counts terminals and streams separately, and per person', () => {
    const open = createOpenStreams(limits);
    open.enter('a', 'stream');
    open.enter('a', 'terminal');
    expect(() => open.checkRoom('a', 'terminal')).toThrow('You have 1 terminals open');
    open.enter('b', 'terminal');
    open.enter('b', 'stream');
  });

  test('refuses everybody at the total limit', () => {
    const open = createOpenStreams(limits);
    for (const userId of ['a', 'b', 'c', 'd']) open.enter(userId, 'stream');
    expect(() => open.enter('e', 'stream')).toThrow(expect.objectContaining({ code: 'too_many_streams' }));
  });

  test('a closed stream frees one place, even when its end is reported twice', () => {
    const open = createOpenStreams(limits);
    const close = open.enter('a', 'stream');
    open.enter('a', 'stream');
    close();
    close();
    open.enter('a', 'stream');
    expect(() => open.enter('a', 'stream')).toThrow();
  });
});
