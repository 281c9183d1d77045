// A read tries the gateway, then the host, then the snapshot, with a FakeClock.
import { beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import {
  createReadFixture,
  down,
  hang,
  type ReadFixture,
  schema,
  unreachable,
} from '../testing/read-fixture.ts';
import { type CliCall, partFromHost, type Reading } from './reader.ts';

let fixture: ReadFixture;
beforeEach(() => {
  fixture = createReadFixture();
});

const read = (more?: Partial<Reading<typeof schema>>, signal?: AbortSignal) => fixture.read(more, signal);
const pass = (ms: number) => fixture.pass(ms);
const timed = <T>(work: Promise<T>) => fixture.timed(work);
const later = <T>(ms: number, value: T) => fixture.later(ms, value);

describe('read from the gateway', () => {
  test('has its source and time, and is stored as a snapshot', async () => {
    expect(await read()).toEqual({
      agents: ['main', 'sales'],
      source: 'gateway',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    expect(fixture.puts).toEqual([{ kind: 'agents', payload: { agents: ['main', 'sales'] } }]);
    expect(fixture.commands).toBe(0);
  });

  test('does not store an unchanged answer again soon, but a changed one', async () => {
    await read();
    await read();
    expect(fixture.puts).toHaveLength(1);
    fixture.gateway = () => ({ agents: ['main'] });
    await read();
    expect(fixture.puts).toHaveLength(2);
    await pass(30_000);
    await read();
    expect(fixture.puts).toHaveLength(3);
  });

  test('answers when the snapshot cannot be stored, and tries again', async () => {
    fixture.storeFails = true;
    expect(await read()).toMatchObject({ source: 'gateway' });
    fixture.storeFails = false;
    await read();
    expect(fixture.puts).toHaveLength(1);
  });

  test('answers when the answer is too large to store', async () => {
    fixture.gateway = () => ({ agents: ['x'.repeat(600_000)] });
    expect(await read()).toMatchObject({ source: 'gateway' });
    expect(fixture.puts).toEqual([]);
  });

  test.for(['refused', 'unsupported', 'not_found', 'not_installed'] as const)(
    'returns "%s" without asking the host',
    async (code) => {
      await read();
      fixture.gateway = () => {
        throw new AppError(code, 'No.');
      };
      await expect(read()).rejects.toMatchObject({ code });
      expect(fixture.commands).toBe(0);
    },
  );
});

describe('read from the host, when the gateway does not answer', () => {
  beforeEach(() => {
    fixture.gateway = down;
  });

  test('runs the command, and stores its answer', async () => {
    expect(await read()).toMatchObject({ agents: ['main', 'sales'], source: 'cli' });
    expect(fixture.puts).toHaveLength(1);
  });

  test('shares one run between concurrent callers', async () => {
    fixture.command = () => later(2_000, { agents: ['main'] });
    const both = Promise.all([read(), read()]);
    const { ms, value } = await timed(both);
    expect(ms).toBe(2_000);
    expect(value?.map(({ source }) => source)).toEqual(['cli', 'cli']);
    expect(fixture.commands).toBe(1);
  });

  test('waits at most 5 s for a slow command, whose answer serves the next read', async () => {
    await storedBefore();
    fixture.command = () => later(9_000, { agents: ['main'] });
    const first = await timed(read());
    expect(first.ms).toBeLessThan(5_000);
    expect(first.value).toMatchObject({ source: 'snapshot', agents: ['old'] });
    await pass(5_000);
    expect(await read()).toMatchObject({ source: 'cli', agents: ['main'] });
    expect(fixture.commands).toBe(1);
  });

  test('reuses the answer for a minute, then runs the command again', async () => {
    await read();
    await pass(59_000);
    const { observedAt } = await read();
    expect(observedAt).toBe('2026-03-01T10:00:00.000Z');
    expect(fixture.commands).toBe(1);
    await pass(2_000);
    await read();
    expect(fixture.commands).toBe(2);
  });

  test.for(['connected', 'reset'] as const)('drops the answer when the gateway is %s', async (state) => {
    await read();
    fixture.setGatewayState('s1', state);
    await read();
    expect(fixture.commands).toBe(2);
  });

  test('ignores events of other servers', async () => {
    await read();
    fixture.setGatewayState('s10', 'reset');
    await read();
    expect(fixture.commands).toBe(1);
  });

  test('keeps the newer answer when the command ends after the gateway is back', async () => {
    fixture.command = () => later(6_000, { agents: ['stale'] });
    await timed(read());
    fixture.gateway = () => ({ agents: ['fresh'] });
    fixture.setGatewayState('s1', 'connected');
    await read();
    await pass(10_000);
    expect(fixture.rows.get('s1 agents')?.payload).toEqual({ agents: ['fresh'] });
  });

  test('drops the answer of a command that was running when the gateway was reset', async () => {
    fixture.command = () => later(2_000, { agents: ['of the old server'] });
    const left = read();
    await pass(1_000);
    fixture.setGatewayState('s1', 'reset');
    await timed(left);
    fixture.command = () => ({ agents: ['of the new server'] });
    expect(await read()).toMatchObject({ agents: ['of the new server'] });
    expect(fixture.commands).toBe(2);
  });

  test('gives each caller a copy of the answer', async () => {
    await read();
    const { agents } = await read();
    agents.push('changed');
    expect((await read()).agents).toEqual(['main', 'sales']);
    expect(fixture.commands).toBe(1);
  });

  test('keeps the last 32 answers of a server, and those of another one beside', async () => {
    const other = () => fixture.read({}, undefined, 's2');
    await other();
    for (let search = 0; search < 1_100; search += 1) await read({ what: `sessions ${search}` });
    expect(fixture.commands).toBe(1_101);
    for (let search = 1_100 - 32; search < 1_100; search += 1) await read({ what: `sessions ${search}` });
    await other();
    expect(fixture.commands).toBe(1_101);
    await read({ what: `sessions ${1_100 - 33}` });
    expect(fixture.commands).toBe(1_102);
  });

  describe('in parts', () => {
    const all = { what: 'all', ask: (call: CliCall) => call(['agents', 'list'], schema) };
    const only = (name: string): Partial<Reading<typeof schema>> => ({
      what: `agents?q=${name}`,
      fromHost: partFromHost(all, ({ agents }: z.output<typeof schema>) => {
        if (!agents.includes(name)) throw new AppError('not_found', 'There is no such agent.');
        return { agents: [name] };
      }),
    });

    test('runs the command once for all parts, each told as old as it is, with a snapshot of its own', async () => {
      const [main, sales] = await Promise.all([read(only('main')), read(only('sales'))]);
      expect([main.agents, sales.agents]).toEqual([['main'], ['sales']]);
      await pass(59_000);
      expect(await read(only('main'))).toMatchObject({ source: 'cli', observedAt: main.observedAt });
      await expect(read(only('nobody'))).rejects.toMatchObject({ code: 'not_found' });
      expect(fixture.commands).toBe(1);
      expect([...fixture.rows.keys()]).toEqual(['s1 agents?q=main', 's1 agents?q=sales']);
      await pass(2_000);
      await read(only('sales'));
      expect(fixture.commands).toBe(2);
    });

    test('stores no part of an answer that comes when the gateway is back', async () => {
      fixture.command = () => later(2_000, { agents: ['main'] });
      const reading = read(only('main'));
      await pass(1_000);
      fixture.setGatewayState('s1', 'connected');
      expect((await timed(reading)).value).toMatchObject({ agents: ['main'], source: 'cli' });
      expect(fixture.puts).toEqual([]);
    });
  });

  test('runs a failed command again at the next read', async () => {
    await storedBefore();
    fixture.command = () => {
      throw new AppError('bad_gateway', 'Not understood.');
    };
    expect(await read()).toMatchObject({ source: 'snapshot' });
    fixture.command = () => ({ agents: [] });
    expect(await read()).toMatchObject({ source: 'cli', agents: [] });
  });

  test('returns not_found from the command as the answer', async () => {
    await storedBefore();
    fixture.command = () => {
      throw new AppError('not_found', 'There is no such agent.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('releases an aborted caller immediately, and the command continues for the next one', async () => {
    fixture.command = () => later(3_000, { agents: ['main'] });
    const caller = new AbortController();
    const left = read({}, caller.signal);
    await pass(1_000);
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    const next = await timed(read());
    expect(next.value).toMatchObject({ source: 'cli' });
    expect(next.ms).toBeLessThan(2_500);
    expect(fixture.commands).toBe(1);
  });

  test('returns the snapshot, without asking the host, when the answer of the gateway is too large', async () => {
    fixture.gateway = () => ({ agents: ['main', 'sales'] });
    await read();
    fixture.gateway = () => {
      throw new AppError('output_too_large', 'The answer of the gateway is larger than Buoy accepts.');
    };
    expect(await read()).toMatchObject({ agents: ['main', 'sales'], source: 'snapshot' });
    expect(fixture.commands).toBe(0);
  });

  test('returns the snapshot when no host command exists', async () => {
    await storedBefore();
    expect(await read({ fromHost: undefined } as Partial<Reading<typeof schema>>)).toMatchObject({
      source: 'snapshot',
    });
    expect(fixture.commands).toBe(0);
  });
});

describe('read from the snapshot', () => {
  test('returns the snapshot of an unreachable server with its age, without asking again', async () => {
    await storedBefore();
    fixture.gateway = unreachable;
    expect(await read()).toEqual({
      agents: ['old'],
      source: 'snapshot',
      observedAt: '2026-02-28T00:00:00.000Z',
    });
    expect(fixture.commands).toBe(0);
  });

  test('fails with the reason when no snapshot exists', async () => {
    fixture.gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
    fixture.gateway = down;
    fixture.command = down;
    await expect(read()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });

  test('ignores a snapshot that an older Buoy stored in another format', async () => {
    fixture.rows.set('s1 agents', { payload: { agents: 3 }, observedAt: '2026-02-28T00:00:00.000Z' });
    fixture.gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('fails for a changed host key, also with a snapshot', async () => {
    await storedBefore();
    fixture.gateway = () => {
      throw new AppError('host_key_changed', 'The server shows another key.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'host_key_changed' });
  });
});

describe('read of a frozen server', () => {
  beforeEach(() => {
    fixture.gateway = hang;
    fixture.command = hang;
    fixture.livesPage = hang;
  });

  test('returns the snapshot within 3 s', async () => {
    await storedBefore();
    const { ms, value } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(value).toMatchObject({ source: 'snapshot' });
  });

  test('fails as unreachable within 3 s without a snapshot', async () => {
    const { ms, error } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'unreachable', status: 503 });
  });

  test('does not delay a read that may be slow either', async () => {
    const { ms, error } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'unreachable', status: 503 });
    // The abandoned call must not raise an unhandled rejection.
    await pass(25_000);
  });

  test('waits a little longer when Buoy must connect first', async () => {
    fixture.sshState = 'connecting';
    const { ms } = await timed(read());
    expect(ms).toBeGreaterThan(4_000);
    expect(ms).toBeLessThanOrEqual(7_000);
  });

  test('does not wait longer when the server has answered before', async () => {
    fixture.setGatewayState('s1', 'connected');
    fixture.sshState = 'connecting';
    expect((await timed(read())).ms).toBeLessThan(3_000);
  });
});

describe('slow read', () => {
  test('waits while the gateway is healthy', async () => {
    fixture.gateway = () => later(8_000, { agents: ['main'] });
    const { ms, value } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBeGreaterThanOrEqual(8_000);
    expect(ms).toBeLessThan(9_000);
    expect(value).toMatchObject({ source: 'gateway' });
    expect(fixture.asked).toEqual([{ method: 'agents.list', deadlineMs: 20_000 }]);
  });

  test('does not wait without a healthy gateway', async () => {
    fixture.gateway = () => later(8_000, { agents: ['main'] });
    const { value } = await timed(read());
    expect(value).toMatchObject({ source: 'cli' });
  });
});

test('reader › swallows errors of parallel calls after one has failed', async () => {
  fixture.gateway = (method) => {
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
  fixture.command = () => later(1_000, null).then(() => unreachable());
  const { value } = await timed(reading);
  expect(value).toMatchObject({ source: 'snapshot' });
  await pass(5_000);
});

describe('read that must not be stored on disk', () => {
  test('is kept only in memory', async () => {
    await read({ keep: 'memory' });
    expect(fixture.puts).toEqual([]);
    fixture.gateway = unreachable;
    expect(await read({ keep: 'memory' })).toMatchObject({
      source: 'snapshot',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    await expect(read({ keep: 'memory', what: 'other' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is dropped when the server may be another host', async () => {
    await read({ keep: 'memory' });
    fixture.gateway = unreachable;
    fixture.setGatewayState('s1', 'disconnected');
    expect(await read({ keep: 'memory' })).toMatchObject({ source: 'snapshot' });
    fixture.setGatewayState('s1', 'reset');
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is not restored by a command that was running then', async () => {
    fixture.gateway = down;
    fixture.command = () => later(6_000, { agents: ['of the old server'] });
    await timed(read({ keep: 'memory' }));
    fixture.setGatewayState('s1', 'reset');
    await pass(10_000);
    fixture.gateway = unreachable;
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });
});

async function storedBefore(): Promise<void> {
  const payload = { agents: ['old'] };
  fixture.rows.set('s1 agents', { payload, observedAt: '2026-02-28T00:00:00.000Z' });
}
