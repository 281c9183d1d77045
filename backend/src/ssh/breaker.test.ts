// Back-off, open circuit and login pause, with a FakeClock.
import { describe, expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';
import { failure } from './failures.ts';
import { defaultLimits } from './limits.ts';

function setUp() {
  let now = 1_000_000;
  const clock = { now: () => now, after: () => () => {} };
  const breaker = createBreaker({ clock, limits: defaultLimits, random: () => 1 });
  return {
    breaker,
    pass(ms: number) {
      now += ms;
    },
  };
}
const down = () => failure('refused', 'unreachable', 'Nothing answers.', { hint: 'Check.' });

describe('the breaker of a server', () => {
  test('lets the first connection through', () => {
    expect(setUp().breaker.admit()).toEqual({ go: 'now' });
  });

  test('makes calls wait 250 ms, 500 ms, 1 s and 2 s after the first four failures', () => {
    const { breaker, pass } = setUp();
    for (const ms of [250, 500, 1000, 2000]) {
      breaker.failed(down());
      expect(breaker.admit()).toEqual({ go: 'wait', ms });
      expect(breaker.state()).toBe('backing_off');
      pass(ms);
      expect(breaker.admit()).toEqual({ go: 'now' });
    }
  });

  test('fails at once after five failures, and says when the next try is due', () => {
    const { breaker } = setUp();
    for (let i = 0; i < 5; i += 1) breaker.failed(down());
    expect(breaker.state()).toBe('circuit_open');
    expect(breaker.refusal()).toMatchObject({
      code: 'circuit_open',
      status: 503,
      hint: 'Buoy tries again in 5 s. Last failure: Nothing answers.',
      details: { kind: 'refused', retryInMs: 5000 },
    });
  });

  test('lets exactly one through when the pause is over, and closes when that one succeeds', () => {
    const { breaker, pass } = setUp();
    for (let i = 0; i < 5; i += 1) breaker.failed(down());
    pass(5000);
    expect(breaker.admit()).toEqual({ go: 'now' });
    expect(breaker.admit()).toMatchObject({ go: 'refuse', error: { code: 'circuit_open' } });
    breaker.succeeded();
    expect(breaker.admit()).toEqual({ go: 'now' });
    expect(breaker.state()).toBe('idle');
  });

  test('never pauses longer than 10 s, so that a restored network is noticed soon', () => {
    const { breaker, pass } = setUp();
    for (let i = 0; i < 50; i += 1) {
      breaker.failed(down());
      pass(10_000);
      expect(breaker.admit()).toEqual({ go: 'now' });
    }
  });

  test('a trial without an outcome of its own lets the next one through', () => {
    const { breaker, pass } = setUp();
    for (let i = 0; i < 5; i += 1) breaker.failed(down());
    pass(5000);
    breaker.admit();
    breaker.undecided();
    expect(breaker.admit()).toEqual({ go: 'now' });
  });

  test.each(['ssh_auth', 'host_key_changed'] as const)(
    'repeats a %s for 5 minutes without connecting',
    (code) => {
      const { breaker, pass } = setUp();
      const error = failure(code === 'ssh_auth' ? 'auth' : 'host_key_changed', code, 'No.', {
        hint: 'Look.',
      });
      breaker.failed(error);
      expect(breaker.admit()).toEqual({ go: 'refuse', error });
      pass(299_999);
      expect(breaker.refusal()).toBe(error);
      pass(1);
      expect(breaker.admit()).toEqual({ go: 'now' });
    },
  );

  test('a reset ends every pause', () => {
    const { breaker } = setUp();
    for (let i = 0; i < 7; i += 1) breaker.failed(down());
    breaker.reset();
    expect(breaker.admit()).toEqual({ go: 'now' });
  });
});
