// A reader over a scripted gateway, host and store, with a FakeClock.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { ConnectionState } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { GatewayConnectionState } from '../gateway/gateways.ts';
import { type Answer, createReader, type Reading } from '../reads/reader.ts';

export const schema = z.object({ agents: z.array(z.string()) });

export type ReadFixture = {
  clock: FakeClock;
  /** What the gateway does with a call: an answer, or a failure. A promise that never ends is a gateway that hangs. */
  gateway: (method: string) => unknown;
  livesPage: () => unknown;
  command: () => unknown;
  asked: Array<{ method: string; deadlineMs: number }>;
  commands: number;
  puts: Array<{ kind: string; payload: unknown }>;
  rows: Map<string, { payload: unknown; observedAt: string }>;
  storeFails: boolean;
  sshState: ConnectionState;
  setGatewayState: (serverId: string, state: GatewayConnectionState) => void;
  read(
    more?: Partial<Reading<typeof schema>>,
    signal?: AbortSignal,
    serverId?: string,
  ): Promise<Answer<z.output<typeof schema>>>;
  pass(ms: number): Promise<void>;
  /** Lets time pass until `work` has ended, a minute at most. */
  timed<T>(work: Promise<T>): Promise<{ ms: number; value?: T; error?: unknown }>;
  /** A value some time from now. */
  later<T>(ms: number, value: T): Promise<T>;
};

export const hang = () => new Promise(() => undefined);
export const down = () => {
  throw new AppError('gateway_unavailable', 'Nothing listens on 127.0.0.1:18789 on the server.');
};
export const unreachable = () => {
  throw new AppError('unreachable', 'The server does not answer.');
};

export function createReadFixture(): ReadFixture {
  const clock = createFakeClock();
  let tellListener: ReadFixture['setGatewayState'] = () => undefined;
  const reader = createReader({
    gateways: {
      call: (_serverId, method, _params, payload, { deadlineMs, signal }) => {
        fixture.asked.push({ method, deadlineMs });
        const work = Promise.resolve().then(() => fixture.gateway(method));
        return withTimeout(work, { deadlineMs, signal }, clock, deadlineError).then((value) =>
          payload.parse(value),
        );
      },
      probe: (_serverId, _path, limit) =>
        withTimeout(
          Promise.resolve().then(() => fixture.livesPage()) as Promise<{ status: number; body: unknown }>,
          limit,
          clock,
          deadlineError,
        ),
      onStateChange(listener) {
        tellListener = listener;
        return () => undefined;
      },
    },
    ssh: { state: () => fixture.sshState },
    cli: {
      json: (_serverId, _words, output, limit) => {
        fixture.commands += 1;
        const work = Promise.resolve().then(() => fixture.command());
        return withTimeout(work, limit, clock, deadlineError).then((value) => output.parse(value));
      },
    },
    snapshots: {
      async put(serverId, kind, payload, observedAt) {
        if (fixture.storeFails) throw new AppError('storage_full', 'The disk is full.');
        fixture.puts.push({ kind, payload });
        fixture.rows.set(`${serverId} ${kind}`, { payload, observedAt });
      },
      find: async (serverId, kind) => fixture.rows.get(`${serverId} ${kind}`) ?? null,
    },
    clock,
    logger: createRecordingLogger().logger,
  });
  /** Work that takes a turn of the event loop of its own is done as well. */
  const settled = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };

  const fixture: ReadFixture = {
    clock,
    gateway: () => ({ agents: ['main', 'sales'] }),
    livesPage: () => ({ status: 200, body: {} }),
    command: () => ({ agents: ['main', 'sales'] }),
    asked: [],
    commands: 0,
    puts: [],
    rows: new Map(),
    storeFails: false,
    sshState: 'connected',
    setGatewayState: (serverId, state) => tellListener(serverId, state),
    read: (more = {}, signal = new AbortController().signal, serverId = 's1') =>
      reader.read(
        serverId,
        {
          what: 'agents',
          schema,
          fromGateway: (call) => call('agents.list', {}, schema),
          fromHost: (call) => call(['agents', 'list', '--json'], schema),
          ...more,
        },
        { signal },
      ),
    async pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        clock.pass(Math.min(100, left));
        await settled();
      }
    },
    async timed<T>(work: Promise<T>) {
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
      while (outcome === null && clock.now() - startedAt < 60_000) await fixture.pass(100);
      return { ms: clock.now() - startedAt, ...(outcome ?? {}) };
    },
    later: (ms, value) => new Promise((resolve) => clock.after(ms, () => resolve(value))),
  };
  return fixture;
}
