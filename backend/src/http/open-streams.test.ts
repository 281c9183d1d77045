import { describe, expect, test } from 'vitest';
import { createOpenStreams } from './open-streams.ts';

const limits = { streamsPerUser: 2, terminalsPerUser: 1, streams: 14 };
const person = (id: string) => ({ id, isSuperAdmin: false, isApiToken: false });
const superAdmin = (id: string) => ({ ...person(id), isSuperAdmin: true });
const apiTokenOf = (id: string) => ({ ...person(id), isApiToken: true });

describe('open streams', () => {
  test("refuses one stream more than a person's limit, with a message and Retry-After", () => {
    const open = createOpenStreams(limits);
    open.enter(person('a'), 'stream');
    open.enter(person('a'), 'stream');
    expect(() => open.enter(person('a'), 'stream')).toThrow(
      expect.objectContaining({
        code: 'rate_limited',
        message: 'You have 2 live streams open, the most that one person may have.',
        details: { open: 2, retryAfterS: 30 },
      }),
    );
  });

  test('counts terminals and streams separately, and per person', () => {
    const open = createOpenStreams(limits);
    open.enter(person('a'), 'stream');
    open.enter(person('a'), 'terminal');
    expect(() => open.checkRoom(person('a'), 'terminal')).toThrow('You have 1 terminals open');
    open.enter(person('b'), 'terminal');
    open.enter(person('b'), 'stream');
  });

  test('leaves half of the places to the devices of a person, whatever their API tokens open', () => {
    const open = createOpenStreams(limits);
    const leave = open.enter(apiTokenOf('a'), 'stream');
    expect(() => open.enter(apiTokenOf('a'), 'stream')).toThrow(
      'You have 1 live streams open, the most that the API tokens of one person may have.',
    );
    open.enter(person('a'), 'stream');
    expect(() => open.enter(person('a'), 'stream')).toThrow('the most that one person may have');
    leave();
    open.enter(apiTokenOf('a'), 'stream');
  });

  test('keeps the last places for super-admins, and refuses them too at the total limit', () => {
    const open = createOpenStreams(limits);
    const full = expect.objectContaining({ code: 'too_many_streams' });
    for (let at = 0; at < 7; at += 1) open.enter(person(`p${at}`), 'stream');
    expect(() => open.enter(person('late'), 'stream')).toThrow(full);
    expect(() => open.checkRoom(person('late'), 'terminal')).toThrow(full);
    for (let at = 0; at < 7; at += 1) open.enter(superAdmin(`s${at}`), 'stream');
    expect(() => open.enter(superAdmin('late'), 'stream')).toThrow(full);
  });

  test.each([
    [1, 1],
    [10, 5],
    [100, 90],
    [1_000, 950],
    [10_000, 9_500],
  ])('of %i in all, people who are no super-admins get %i', (streams, forEverybody) => {
    const open = createOpenStreams({ ...limits, streams });
    for (let at = 0; at < forEverybody; at += 1) open.enter(person(`p${at}`), 'stream');
    expect(() => open.enter(person('late'), 'stream')).toThrow();
  });

  test('a closed stream frees one place, even when its end is reported twice', () => {
    const open = createOpenStreams(limits);
    const close = open.enter(person('a'), 'stream');
    open.enter(person('a'), 'stream');
    close();
    close();
    open.enter(person('a'), 'stream');
    expect(() => open.enter(person('a'), 'stream')).toThrow();
  });
});
