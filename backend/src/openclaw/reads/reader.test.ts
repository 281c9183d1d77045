// How a read goes from the gateway to the host to what was last seen, with time that the test moves.
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import {
  createReadFixture,
  down,
  hang,
  type ReadFixture,
  schema,
  unreachable,
} from '../testing/read-fixture.ts';
import type { Reading } from './reader.ts';

let world: ReadFixture;
beforeEach(() => {
  world = createReadFixture();
});

const read = (more?: Partial<Reading<typeof schema>>, signal?: AbortSignal) => world.read(more, signal);
const pass = (ms: number) => world.pass(ms);
const timed = <T>(work: Promise<T>) => world.timed(work);
const later = <T>(ms: number, value: T) => world.later(ms, value);

describe('from the gateway', () => {
  test('the answer says so, with its time, and is kept for later', async () => {
    expect(await read()).toEqual({
      agents: ['main', 'sales'],
      source: 'gateway',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    expect(world.puts).toEqual([{ kind: 'agents', payload: { agents: ['main', 'sales'] } }]);
    expect(world.commands).toBe(0);
  });

  test('the same is not written again at once, another answer is', async () => {
    await read();
    await read();
    expect(world.puts).toHaveLength(1);
    world.gateway = () => ({ agents: ['main'] });
    await read();
    expect(world.puts).toHaveLength(2);
    await pass(30_000);
    await read();
    expect(world.puts).toHaveLength(3);
  });

  test('a storage that fails does not fail the answer, and is tried again', async () => {
    world.storeFails = true;
    expect(await read()).toMatchObject({ source: 'gateway' });
    world.storeFails = false;
    await read();
    expect(world.puts).toHaveLength(1);
  });

  test('an answer that is too large to be kept is given all the same', async () => {
    world.gateway = () => ({ agents: ['x'.repeat(600_000)] });
    expect(await read()).toMatchObject({ source: 'gateway' });
    expect(world.puts).toEqual([]);
  });

  test.for(['refused', 'unsupported', 'not_found', 'not_installed'] as const)(
    'that it says "%s" is the answer: nobody else is asked',
    async (code) => {
      await read();
      world.gateway = () => {
        throw new AppError(code, 'No.');
      };
      await expect(read()).rejects.toMatchObject({ code });
      expect(world.commands).toBe(0);
    },
  );
});

describe('from the host, when the gateway does not answer', () => {
  beforeEach(() => {
    world.gateway = down;
  });

  test('the command is asked, and its answer is kept for later', async () => {
    expect(await read()).toMatchObject({ agents: ['main', 'sales'], source: 'cli' });
    expect(world.puts).toHaveLength(1);
  });

  test('callers at the same moment share one run', async () => {
    world.command = () => later(2_000, { agents: ['main'] });
    const both = Promise.all([read(), read()]);
    const { ms, value } = await timed(both);
    expect(ms).toBe(2_000);
    expect(value?.map(({ source }) => source)).toEqual(['cli', 'cli']);
    expect(world.commands).toBe(1);
  });

  test('a slow command is not waited for beyond 5 s, and its answer serves the next read', async () => {
    await storedBefore();
    world.command = () => later(9_000, { agents: ['main'] });
    const first = await timed(read());
    expect(first.ms).toBeLessThan(5_000);
    expect(first.value).toMatchObject({ source: 'snapshot', agents: ['old'] });
    await pass(5_000);
    expect(await read()).toMatchObject({ source: 'cli', agents: ['main'] });
    expect(world.commands).toBe(1);
  });

  test('its answer holds for a minute, then the command is asked again', async () => {
    await read();
    await pass(59_000);
    const { observedAt } = await read();
    expect(observedAt).toBe('2026-03-01T10:00:00.000Z');
    expect(world.commands).toBe(1);
    await pass(2_000);
    await read();
    expect(world.commands).toBe(2);
  });

  test.for(['connected', 'reset'] as const)(
    'its answer is forgotten when the gateway is %s',
    async (state) => {
      await read();
      world.tell('s1', state);
      await read();
      expect(world.commands).toBe(2);
    },
  );

  test('what another server does changes nothing', async () => {
    await read();
    world.tell('s10', 'reset');
    await read();
    expect(world.commands).toBe(1);
  });

  test('an answer that comes after the gateway is back does not replace the newer one', async () => {
    world.command = () => later(6_000, { agents: ['stale'] });
    await timed(read());
    world.gateway = () => ({ agents: ['fresh'] });
    world.tell('s1', 'connected');
    await read();
    await pass(10_000);
    expect(world.rows.get('s1 agents')?.payload).toEqual({ agents: ['fresh'] });
  });

  test('a command that fails is tried again at the next read', async () => {
    await storedBefore();
    world.command = () => {
      throw new AppError('bad_gateway', 'Not understood.');
    };
    expect(await read()).toMatchObject({ source: 'snapshot' });
    world.command = () => ({ agents: [] });
    expect(await read()).toMatchObject({ source: 'cli', agents: [] });
  });

  test('that something is not there is an answer', async () => {
    await storedBefore();
    world.command = () => {
      throw new AppError('not_found', 'There is no such agent.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a caller that leaves is let go at once; the command goes on for the next one', async () => {
    world.command = () => later(3_000, { agents: ['main'] });
    const caller = new AbortController();
    const left = read({}, caller.signal);
    await pass(1_000);
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    const next = await timed(read());
    expect(next.value).toMatchObject({ source: 'cli' });
    expect(next.ms).toBeLessThan(2_500);
    expect(world.commands).toBe(1);
  });

  test('an answer that is too large is no reason to ask it: the gateway lives, and the last answer is shown', async () => {
    world.gateway = () => ({ agents: ['main', 'sales'] });
    await read();
    world.gateway = () => {
      throw new AppError('output_too_large', 'The answer of the gateway is larger than Buoy accepts.');
    };
    expect(await read()).toMatchObject({ agents: ['main', 'sales'], source: 'snapshot' });
    expect(world.commands).toBe(0);
  });

  test('without a way to read it there, the last answer is shown', async () => {
    await storedBefore();
    expect(await read({ fromHost: undefined } as Partial<Reading<typeof schema>>)).toMatchObject({
      source: 'snapshot',
    });
    expect(world.commands).toBe(0);
  });
});

describe('as it was last seen', () => {
  test('a server out of reach is shown with the age of what is known, without asking it again', async () => {
    await storedBefore();
    world.gateway = unreachable;
    expect(await read()).toEqual({
      agents: ['old'],
      source: 'snapshot',
      observedAt: '2026-02-28T00:00:00.000Z',
    });
    expect(world.commands).toBe(0);
  });

  test('one that was never read fails with the reason', async () => {
    world.gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
    world.gateway = down;
    world.command = down;
    await expect(read()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });

  test('what an older Buoy wrote in another shape counts as never read', async () => {
    world.rows.set('s1 agents', { payload: { agents: 3 }, observedAt: '2026-02-28T00:00:00.000Z' });
    world.gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a changed host key is never papered over', async () => {
    await storedBefore();
    world.gateway = () => {
      throw new AppError('host_key_changed', 'The server shows another key.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'host_key_changed' });
  });
});

describe('a server that is frozen', () => {
  beforeEach(() => {
    world.gateway = hang;
    world.command = hang;
    world.livesPage = hang;
  });

  test('is told within 3 s, with the last answer', async () => {
    await storedBefore();
    const { ms, value } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(value).toMatchObject({ source: 'snapshot' });
  });

  test('is told to be out of reach within 3 s when it was never read', async () => {
    const { ms, error } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'unreachable', status: 503 });
  });

  test('does not hold a read that may be slow either', async () => {
    const { ms, error } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'unreachable', status: 503 });
    // The call that nobody waits for any more ends in silence.
    await pass(25_000);
  });

  test('has a little longer when Buoy must connect first', async () => {
    world.sshState = 'connecting';
    const { ms } = await timed(read());
    expect(ms).toBeGreaterThan(4_000);
    expect(ms).toBeLessThanOrEqual(7_000);
  });

  test('but not when the server has answered before: then its connection was lost', async () => {
    world.tell('s1', 'connected');
    world.sshState = 'connecting';
    expect((await timed(read())).ms).toBeLessThan(3_000);
  });
});

describe('a read that is slow by nature', () => {
  test('is waited for while the gateway lives', async () => {
    world.gateway = () => later(8_000, { agents: ['main'] });
    const { ms, value } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBeGreaterThanOrEqual(8_000);
    expect(ms).toBeLessThan(9_000);
    expect(value).toMatchObject({ source: 'gateway' });
    expect(world.asked).toEqual([{ method: 'agents.list', deadlineMs: 20_000 }]);
  });

  test('is not waited for without that', async () => {
    world.gateway = () => later(8_000, { agents: ['main'] });
    const { value } = await timed(read());
    expect(value).toMatchObject({ source: 'cli' });
  });
});

test('calls that a reading leaves behind when another fails end in silence', async () => {
  world.gateway = (method) => {
    if (method === 'quick') down();
    return later(1_000, null).then(() => unreachable());
  };
  await storedBefore();
  const reading = read({
    fromGateway: async (call) => {
      const slow = call('slow', {}, schema);
      await call('quick', {}, schema);
      return slow;
    },
    fromHost: async (call) => {
      void call(['slow'], schema);
      throw new AppError('bad_gateway', 'Not understood.');
    },
  });
  world.command = () => later(1_000, null).then(() => unreachable());
  const { value } = await timed(reading);
  expect(value).toMatchObject({ source: 'snapshot' });
  await pass(5_000);
});

describe('what must not be written to a disk', () => {
  test('is kept in memory alone', async () => {
    await read({ keep: 'memory' });
    expect(world.puts).toEqual([]);
    world.gateway = unreachable;
    expect(await read({ keep: 'memory' })).toMatchObject({
      source: 'snapshot',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    await expect(read({ keep: 'memory', what: 'other' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is forgotten when the server may be another one', async () => {
    await read({ keep: 'memory' });
    world.gateway = unreachable;
    world.tell('s1', 'disconnected');
    expect(await read({ keep: 'memory' })).toMatchObject({ source: 'snapshot' });
    world.tell('s1', 'reset');
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('does not come back with a command that was under way then', async () => {
    world.gateway = down;
    world.command = () => later(6_000, { agents: ['of the old server'] });
    await timed(read({ keep: 'memory' }));
    world.tell('s1', 'reset');
    await pass(10_000);
    world.gateway = unreachable;
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });
});

async function storedBefore(): Promise<void> {
  const payload = { agents: ['old'] };
  world.rows.set('s1 agents', { payload, observedAt: '2026-02-28T00:00:00.000Z' });
}
