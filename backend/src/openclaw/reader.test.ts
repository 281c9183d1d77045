// How a read goes from the gateway to the host to what was last seen, with time that the test moves.
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { createMovedClock, type MovedClock } from '../lib/testing/moved-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { ConnectionState } from '../ssh/ssh.ts';
import { withinLimit } from './call-limit.ts';
import type { GatewayLinkState } from './gateway/gateways.ts';
import { createReader, type Reader, type Reading } from './reader.ts';

const schema = z.object({ agents: z.array(z.string()) });
type Agents = z.output<typeof schema>;
type Asked = { method: string; deadlineMs: number };

let clock: MovedClock;
let reader: Reader;
/** What the gateway does with a call: an answer, or a failure. A promise that never ends is a gateway that hangs. */
let gateway: (method: string) => unknown;
let livesPage: () => unknown;
let command: () => unknown;
let asked: Asked[];
let commands: number;
let puts: Array<{ kind: string; payload: unknown }>;
let rows: Map<string, { payload: unknown; observedAt: string }>;
let storeFails: boolean;
let sshState: ConnectionState;
let tell: (serverId: string, state: GatewayLinkState) => void;

const hang = () => new Promise(() => undefined);
const down = () => {
  throw new AppError('gateway_unavailable', 'Nothing listens on 127.0.0.1:18789 on the server.');
};
const unreachable = () => {
  throw new AppError('unreachable', 'The server does not answer.');
};

beforeEach(() => {
  clock = createMovedClock();
  gateway = () => ({ agents: ['main', 'sales'] });
  livesPage = () => ({ status: 200, body: {} });
  command = () => ({ agents: ['main', 'sales'] });
  asked = [];
  commands = 0;
  puts = [];
  rows = new Map();
  storeFails = false;
  sshState = 'connected';
  reader = createReader({
    gateways: {
      call: (_serverId, method, _params, payload, { deadlineMs, signal }) => {
        asked.push({ method, deadlineMs });
        const work = Promise.resolve().then(() => gateway(method));
        return withinLimit(work, { deadlineMs, signal }, clock).then((value) => payload.parse(value));
      },
      probe: (_serverId, _path, limit) =>
        withinLimit(
          Promise.resolve().then(livesPage) as Promise<{ status: number; body: unknown }>,
          limit,
          clock,
        ),
      onStateChange(listener) {
        tell = listener;
        return () => undefined;
      },
    },
    ssh: { state: () => sshState },
    cli: {
      json: (_serverId, _words, output, limit) => {
        commands += 1;
        const work = Promise.resolve().then(command);
        return withinLimit(work, limit, clock).then((value) => output.parse(value));
      },
    },
    snapshots: {
      async put(serverId, kind, payload, observedAt) {
        if (storeFails) throw new AppError('storage_full', 'The disk is full.');
        puts.push({ kind, payload });
        rows.set(`${serverId} ${kind}`, { payload, observedAt });
      },
      find: async (serverId, kind) => rows.get(`${serverId} ${kind}`) ?? null,
    },
    clock,
    logger: createRecordingLogger().logger,
  });
});

const agents = (more: Partial<Reading<typeof schema>> = {}): Reading<typeof schema> => ({
  what: 'agents',
  schema,
  fromGateway: (call) => call('agents.list', {}, schema),
  fromHost: (call) => call(['agents', 'list', '--json'], schema),
  ...more,
});

const read = (more?: Partial<Reading<typeof schema>>, signal = new AbortController().signal) =>
  reader.read('s1', agents(more), { signal });

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    clock.pass(Math.min(100, left));
    await settled();
  }
}

/** Lets time pass until `work` has ended, a minute at most. */
async function timed<T>(work: Promise<T>): Promise<{ ms: number; value?: T; error?: unknown }> {
  const startedAt = clock.now();
  let outcome: { value?: T; error?: unknown } | null = null;
  work.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  await settled();
  while (outcome === null && clock.now() - startedAt < 60_000) await pass(100);
  return { ms: clock.now() - startedAt, ...(outcome ?? {}) };
}

/** A value some time from now. */
const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => clock.after(ms, () => resolve(value)));

describe('from the gateway', () => {
  test('the answer says so, with its time, and is kept for later', async () => {
    expect(await read()).toEqual({
      agents: ['main', 'sales'],
      source: 'gateway',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    expect(puts).toEqual([{ kind: 'agents', payload: { agents: ['main', 'sales'] } }]);
    expect(commands).toBe(0);
  });

  test('the same is not written again at once, another answer is', async () => {
    await read();
    await read();
    expect(puts).toHaveLength(1);
    gateway = () => ({ agents: ['main'] });
    await read();
    expect(puts).toHaveLength(2);
    await pass(30_000);
    await read();
    expect(puts).toHaveLength(3);
  });

  test('a storage that fails does not fail the answer, and is tried again', async () => {
    storeFails = true;
    expect(await read()).toMatchObject({ source: 'gateway' });
    storeFails = false;
    await read();
    expect(puts).toHaveLength(1);
  });

  test('an answer that is too large to be kept is given all the same', async () => {
    gateway = () => ({ agents: ['x'.repeat(600_000)] });
    expect(await read()).toMatchObject({ source: 'gateway' });
    expect(puts).toEqual([]);
  });

  test.for(['refused', 'unsupported', 'not_found', 'not_installed'] as const)(
    'that it says "%s" is the answer: nobody else is asked',
    async (code) => {
      await read();
      gateway = () => {
        throw new AppError(code, 'No.');
      };
      await expect(read()).rejects.toMatchObject({ code });
      expect(commands).toBe(0);
    },
  );
});

describe('from the host, when the gateway does not answer', () => {
  beforeEach(() => {
    gateway = down;
  });

  test('the command is asked, and its answer is kept for later', async () => {
    expect(await read()).toMatchObject({ agents: ['main', 'sales'], source: 'cli' });
    expect(puts).toHaveLength(1);
  });

  test('callers at the same moment share one run', async () => {
    command = () => later(2_000, { agents: ['main'] });
    const both = Promise.all([read(), read()]);
    const { ms, value } = await timed(both);
    expect(ms).toBe(2_000);
    expect(value?.map(({ source }) => source)).toEqual(['cli', 'cli']);
    expect(commands).toBe(1);
  });

  test('a slow command is not waited for beyond 5 s, and its answer serves the next read', async () => {
    await storedBefore();
    command = () => later(9_000, { agents: ['main'] });
    const first = await timed(read());
    expect(first.ms).toBeLessThan(5_000);
    expect(first.value).toMatchObject({ source: 'snapshot', agents: ['old'] });
    await pass(5_000);
    expect(await read()).toMatchObject({ source: 'cli', agents: ['main'] });
    expect(commands).toBe(1);
  });

  test('its answer holds for a minute, then the command is asked again', async () => {
    await read();
    await pass(59_000);
    const { observedAt } = await read();
    expect(observedAt).toBe('2026-03-01T10:00:00.000Z');
    expect(commands).toBe(1);
    await pass(2_000);
    await read();
    expect(commands).toBe(2);
  });

  test.for(['connected', 'reset'] as const)(
    'its answer is forgotten when the gateway is %s',
    async (state) => {
      await read();
      tell('s1', state);
      await read();
      expect(commands).toBe(2);
    },
  );

  test('what another server does changes nothing', async () => {
    await read();
    tell('s10', 'reset');
    await read();
    expect(commands).toBe(1);
  });

  test('an answer that comes after the gateway is back does not replace the newer one', async () => {
    command = () => later(6_000, { agents: ['stale'] });
    await timed(read());
    gateway = () => ({ agents: ['fresh'] });
    tell('s1', 'connected');
    await read();
    await pass(10_000);
    expect(rows.get('s1 agents')?.payload).toEqual({ agents: ['fresh'] });
  });

  test('a command that fails is tried again at the next read', async () => {
    await storedBefore();
    command = () => {
      throw new AppError('bad_gateway', 'Not understood.');
    };
    expect(await read()).toMatchObject({ source: 'snapshot' });
    command = () => ({ agents: [] });
    expect(await read()).toMatchObject({ source: 'cli', agents: [] });
  });

  test('that something is not there is an answer', async () => {
    await storedBefore();
    command = () => {
      throw new AppError('not_found', 'There is no such agent.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a caller that leaves is let go at once; the command goes on for the next one', async () => {
    command = () => later(3_000, { agents: ['main'] });
    const caller = new AbortController();
    const left = read({}, caller.signal);
    await pass(1_000);
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    const next = await timed(read());
    expect(next.value).toMatchObject({ source: 'cli' });
    expect(next.ms).toBeLessThan(2_500);
    expect(commands).toBe(1);
  });

  test('without a way to read it there, the last answer is shown', async () => {
    await storedBefore();
    expect(await read({ fromHost: undefined } as Partial<Reading<typeof schema>>)).toMatchObject({
      source: 'snapshot',
    });
    expect(commands).toBe(0);
  });
});

describe('as it was last seen', () => {
  test('a server out of reach is shown with the age of what is known, without asking it again', async () => {
    await storedBefore();
    gateway = unreachable;
    expect(await read()).toEqual({
      agents: ['old'],
      source: 'snapshot',
      observedAt: '2026-02-28T00:00:00.000Z',
    });
    expect(commands).toBe(0);
  });

  test('one that was never read fails with the reason', async () => {
    gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
    gateway = down;
    command = down;
    await expect(read()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });

  test('what an older Buoy wrote in another shape counts as never read', async () => {
    rows.set('s1 agents', { payload: { agents: 3 }, observedAt: '2026-02-28T00:00:00.000Z' });
    gateway = unreachable;
    await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a changed host key is never papered over', async () => {
    await storedBefore();
    gateway = () => {
      throw new AppError('host_key_changed', 'The server shows another key.');
    };
    await expect(read()).rejects.toMatchObject({ code: 'host_key_changed' });
  });
});

describe('a server that is frozen', () => {
  beforeEach(() => {
    gateway = hang;
    command = hang;
    livesPage = hang;
  });

  test('is told within 3 s, with the last answer', async () => {
    await storedBefore();
    const { ms, value } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(value).toMatchObject({ source: 'snapshot' });
  });

  test('is a deadline within 3 s when it was never read', async () => {
    const { ms, error } = await timed(read());
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'deadline' });
  });

  test('does not hold a read that may be slow either', async () => {
    const { ms, error } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBeLessThan(3_000);
    expect(error).toMatchObject({ code: 'deadline' });
    // The call that nobody waits for any more ends in silence.
    await pass(25_000);
  });

  test('has a little longer when Buoy must connect first', async () => {
    sshState = 'connecting';
    const { ms } = await timed(read());
    expect(ms).toBeGreaterThan(4_000);
    expect(ms).toBeLessThanOrEqual(7_000);
  });

  test('but not when the server has answered before: then its connection was lost', async () => {
    tell('s1', 'connected');
    sshState = 'connecting';
    expect((await timed(read())).ms).toBeLessThan(3_000);
  });
});

describe('a read that is slow by nature', () => {
  test('is waited for while the gateway lives', async () => {
    gateway = () => later(8_000, { agents: ['main'] });
    const { ms, value } = await timed(read({ slowMs: 20_000 }));
    expect(ms).toBe(8_000);
    expect(value).toMatchObject({ source: 'gateway' });
    expect(asked).toEqual([{ method: 'agents.list', deadlineMs: 20_000 }]);
  });

  test('is not waited for without that', async () => {
    gateway = () => later(8_000, { agents: ['main'] });
    const { value } = await timed(read());
    expect(value).toMatchObject({ source: 'cli' });
  });
});

test('calls that a reading leaves behind when another fails end in silence', async () => {
  gateway = (method) => {
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
  command = () => later(1_000, null).then(() => unreachable());
  const { value } = await timed(reading);
  expect(value).toMatchObject({ source: 'snapshot' });
  await pass(5_000);
});

describe('what must not be written to a disk', () => {
  test('is kept in memory alone', async () => {
    await read({ keep: 'memory' });
    expect(puts).toEqual([]);
    gateway = unreachable;
    expect(await read({ keep: 'memory' })).toMatchObject({
      source: 'snapshot',
      observedAt: '2026-03-01T10:00:00.000Z',
    });
    await expect(read({ keep: 'memory', what: 'other' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('is forgotten when the server may be another one', async () => {
    await read({ keep: 'memory' });
    gateway = unreachable;
    tell('s1', 'disconnected');
    expect(await read({ keep: 'memory' })).toMatchObject({ source: 'snapshot' });
    tell('s1', 'reset');
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('does not come back with a command that was under way then', async () => {
    gateway = down;
    command = () => later(6_000, { agents: ['of the old server'] });
    await timed(read({ keep: 'memory' }));
    tell('s1', 'reset');
    await pass(10_000);
    gateway = unreachable;
    await expect(read({ keep: 'memory' })).rejects.toMatchObject({ code: 'unreachable' });
  });
});

async function storedBefore(): Promise<void> {
  const payload: Agents = { agents: ['old'] };
  rows.set('s1 agents', { payload, observedAt: '2026-02-28T00:00:00.000Z' });
}
