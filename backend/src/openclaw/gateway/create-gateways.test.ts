// The gateway client against a scripted gateway on loopback that speaks the real frames.
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { until } from '../../lib/testing/until.ts';
import type { GatewayAccess, Installations } from '../host/installation.ts';
import type { PortGuard } from '../host/port-guard.ts';
import { boundedArray } from '../reads/bounded.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../testing/loopback-ssh.ts';
import { openPort } from '../testing/open-port.ts';
import { createGateways } from './create-gateways.ts';
import type { GatewayEvent, Gateways } from './gateways.ts';
import { type ScriptedGateway, startScriptedGateway } from './testing/scripted-gateway.ts';

const options = { deadlineMs: 5_000 };
const anything = z.unknown();

let gateway: ScriptedGateway;
let ssh: LoopbackSsh;
let gateways: Gateways;
let states: string[];
let events: GatewayEvent[];
let log: ReturnType<typeof createRecordingLogger>;
/** What the config file of the host says, and how often it was read anew. */
let host: { access: GatewayAccess; freshReads: number };
/** The check of who holds the port. */
let checkPort: PortGuard['check'];

beforeEach(async () => {
  gateway = await startScriptedGateway();
  gateway.methods['agents.list'] = () => ({ payload: { agents: [{ id: 'main' }] } });
  ssh = createLoopbackSsh();
  checkPort = openPort.check;
  log = createRecordingLogger();
  host = { access: { port: gateway.port, auth: { token: 'right-token' }, problem: null }, freshReads: 0 };
  let read: GatewayAccess | null = null;
  const installations = {
    async access(_serverId: string, { fresh }: { fresh?: boolean }) {
      if (fresh) host.freshReads += 1;
      if (fresh || read === null) read = host.access;
      return read;
    },
  } as unknown as Installations;
  gateways = createGateways({
    portGuard: { check: (...asked) => checkPort(...asked) },
    ...{ ssh, installations, clock: systemClock, logger: log.logger },
    ownerOf: async (serverId) => (serverId === "other's" ? 'berta' : 'ada'),
  });
  states = [];
  events = [];
  gateways.onStateChange((_serverId, state) => states.push(state));
  gateways.onEvent((_serverId, event) => events.push(event));
});

afterEach(async () => {
  await gateways.close();
  await gateway.stop();
});

function listAgents(more: object = {}) {
  return gateways.call('s1', 'agents.list', {}, z.object({ agents: z.array(anything) }), {
    ...options,
    ...more,
  });
}

describe('connecting', () => {
  test('says hello as a backend client without an Origin, and passes on what the gateway says of itself', async () => {
    expect(await gateways.hello('s1', options)).toEqual({
      version: '2026.9.6',
      bootId: 'boot-1',
      uptimeMs: 1234,
      authMode: 'token',
    });
    const [{ headers, params }] = gateway.connects as [(typeof gateway.connects)[0]];
    expect(params).toMatchObject({
      minProtocol: 4,
      maxProtocol: 4,
      role: 'operator',
      client: { id: 'gateway-client', mode: 'backend', displayName: 'Buoy' },
      auth: { token: 'right-token' },
    });
    expect(Object.keys(headers).filter((name) => name === 'origin' || name.startsWith('x-'))).toEqual([]);
  });

  test('one connection serves many calls at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => listAgents()));
    expect(answers).toHaveLength(50);
    expect(gateway.connects).toHaveLength(1);
  });

  test('many connections of one owner do not hold up those of another', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `s${index}`);
    for (const id of [...ids, "other's"]) await gateways.hello(id, options);
    const answered: string[] = [];
    const call = async (id: string) => {
      await gateways.call(id, 'agents.list', {}, anything, options);
      answered.push(id);
    };
    await Promise.all([...ids, "other's"].map(call));
    expect(answered.indexOf("other's")).toBeLessThan(20);
  });

  test('an older gateway without a boot id is accepted', async () => {
    gateway.version = '2026.7.35';
    gateway.bootId = null;
    expect(await gateways.hello('s1', options)).toMatchObject({ version: '2026.7.35', bootId: null });
  });

  test('a changed token is read again from the config file', async () => {
    await gateways.hello('s1', options);
    gateways.reset('s1');
    gateway.token = 'new-token';
    host.access = { ...host.access, auth: { token: 'new-token' } };
    expect((await gateways.hello('s1', options)).version).toBe('2026.9.6');
    expect(host.freshReads).toBe(1);
  });

  test('a gateway that refuses its own token is not retried in a loop', async () => {
    gateway.token = 'another-token';
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(gateways.hello('s1', options)).rejects.toMatchObject({
        code: 'gateway_unavailable',
        message: 'The gateway refuses the token in its own config file.',
      });
    }
    expect(gateway.connects).toHaveLength(1);
  });

  test('a host without a usable secret says why', async () => {
    host.access = { ...host.access, auth: null, problem: 'The secret is kept in a "store" reference.' };
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({
      code: 'gateway_unavailable',
      message: 'The secret is kept in a "store" reference.',
    });
    expect(gateway.connects).toHaveLength(0);
  });

  test('a port of another account gets no secret, and a closed one is not even checked', async () => {
    const asked: GatewayAccess[] = [];
    checkPort = (_serverId, access) => {
      asked.push(access);
      return Promise.reject(new AppError('bad_gateway', 'Another account has it.'));
    };
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({ message: 'Another account has it.' });
    // It would connect again.
    gateways.reset('s1');
    await until(() => gateway.open() === 0, 'the connection is closed');
    expect(gateway.connects).toHaveLength(0);
    expect(asked.splice(0)[0]).toEqual(host.access);
    await gateway.stop();
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({ code: 'gateway_unavailable' });
    expect(asked).toEqual([]);
  });

  test('a slow check of the port counts within the time of connecting', async () => {
    checkPort = (_serverId, _access, { deadlineMs, signal }) => {
      expect(deadlineMs).toBeLessThanOrEqual(10_000);
      expect(signal?.aborted).toBe(false);
      return new Promise(() => {});
    };
    await expect(gateways.hello('s1', { deadlineMs: 50 })).rejects.toMatchObject({ code: 'deadline' });
    expect(gateway.connects).toHaveLength(0);
  });

  test('another protocol version is reported as unsupported', async () => {
    gateway.connectErrors.push({
      code: 'INVALID_REQUEST',
      message: 'protocol mismatch',
      details: { code: 'PROTOCOL_MISMATCH', expectedProtocol: 5 },
    });
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('a gateway that grants no permissions is unavailable, rather than each call forbidden', async () => {
    gateway.scopes = [];
    await expect(listAgents()).rejects.toMatchObject({
      code: 'gateway_unavailable',
      details: { reason: 'no_scopes' },
    });
  });

  test('a port where nothing listens is unavailable', async () => {
    await gateway.stop();
    await expect(listAgents()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });

  test.for([
    ['a web server', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'],
    ['a mail server', '220 mail ESMTP\r\n'],
  ] as const)('%s on the port is not accepted as a gateway', async ([, greeting]) => {
    const other = createServer((socket) => socket.on('error', () => {}).end(greeting));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    host.access = { ...host.access, port };
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({
      code: 'bad_gateway',
      details: { port },
    });
    other.close();
  });

  test('a changed port is found again', async () => {
    await gateways.hello('s1', options);
    const moved = await startScriptedGateway();
    await gateway.stop();
    gateway = moved;
    host.access = { ...host.access, port: moved.port };
    await until(() => states.includes('disconnected'), 'the lost connection is noticed');
    expect((await gateways.hello('s1', { ...options, retry: true })).bootId).toBe('boot-1');
  });
});

describe('calls', () => {
  test('an unknown method is unsupported and names the version', async () => {
    await expect(gateways.call('s1', 'memory.search', {}, anything, options)).rejects.toMatchObject({
      code: 'unsupported',
      message: 'OpenClaw 2026.9.6 does not support the call memory.search.',
    });
  });

  test('a refusal carries the message of OpenClaw', async () => {
    gateway.methods['agents.create'] = () => ({
      error: { code: 'INVALID_REQUEST', message: 'agent "bot" already exists', details: { field: 'name' } },
    });
    await expect(
      gateways.call('s1', 'agents.create', { name: 'bot' }, anything, options),
    ).rejects.toMatchObject({
      code: 'refused',
      details: {
        openclaw: {
          code: 'INVALID_REQUEST',
          message: 'agent "bot" already exists',
          details: { field: 'name' },
        },
      },
    });
  });

  test('an answer of another shape is a bad gateway, and its values stay out of the error', async () => {
    gateway.methods['agents.list'] = () => ({ payload: { agents: 'private words' } });
    const error = await listAgents().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bad_gateway', details: { issues: [{ path: 'agents' }] } });
    expect(JSON.stringify(error)).not.toContain('private words');
  });

  test('a read waits while the gateway restarts, for as long as the gateway requests', async () => {
    let asked = 0;
    gateway.methods['agents.list'] = () => {
      asked += 1;
      return asked < 3
        ? { error: { code: 'UNAVAILABLE', message: 'restarting', retryable: true, retryAfterMs: 30 } }
        : { payload: { agents: [] } };
    };
    const startedAt = Date.now();
    expect(await listAgents({ retry: true })).toEqual({ agents: [] });
    expect(asked).toBe(3);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(55);
  });

  test('a gateway that wants to be asked again at once is asked four times a second', async () => {
    let asked = 0;
    gateway.methods['agents.list'] = () => {
      asked += 1;
      return { error: { code: 'UNAVAILABLE', message: 'again', retryable: true, retryAfterMs: 0 } };
    };
    await expect(listAgents({ retry: true, deadlineMs: 600 })).rejects.toMatchObject({
      code: 'gateway_unavailable',
    });
    expect(asked).toBeLessThanOrEqual(3);
  });

  test('a change is not sent twice: without retry the same answer is an error immediately', async () => {
    let asked = 0;
    gateway.methods['config.patch'] = () => {
      asked += 1;
      return {
        error: {
          code: 'UNAVAILABLE',
          message: 'restarting',
          retryable: true,
          retryAfterMs: 1,
          details: { reason: 'gateway-restarting' },
        },
      };
    };
    await expect(gateways.call('s1', 'config.patch', {}, anything, options)).rejects.toMatchObject({
      code: 'gateway_unavailable',
      details: { reason: 'gateway-restarting', retryAfterMs: 1 },
    });
    expect(asked).toBe(1);
  });

  test('a call waits for a gateway that is still starting', async () => {
    const starting = {
      code: 'UNAVAILABLE',
      message: 'starting',
      retryable: true,
      retryAfterMs: 20,
      details: { reason: 'startup-sidecars' },
    };
    gateway.connectErrors.push(starting, starting);
    await expect(gateways.hello('s1', options)).rejects.toMatchObject({
      message: 'The gateway is still starting.',
    });
    expect((await gateways.hello('s1', { ...options, retry: true })).version).toBe('2026.9.6');
  });

  test('a call ends at its deadline, and the connection stays', async () => {
    gateway.methods.slow = () => 'silent';
    await expect(gateways.call('s1', 'slow', {}, anything, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline',
    });
    await listAgents();
    expect(gateway.connects).toHaveLength(1);
  });

  test('a call ends when it is cancelled', async () => {
    const abort = new AbortController();
    gateway.methods.slow = () => {
      abort.abort();
      return 'silent';
    };
    const slow = gateways.call('s1', 'slow', {}, anything, { ...options, signal: abort.signal });
    await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('connecting ends at the deadline when the gateway does not answer', async () => {
    gateway.silent = true;
    await expect(gateways.hello('s1', { deadlineMs: 60 })).rejects.toMatchObject({ code: 'deadline' });
  });
});

describe('when the connection breaks', () => {
  /** A call that is under way when `breakIt` runs. */
  async function callDuring(breakIt: () => void): Promise<unknown> {
    gateway.methods.slow = () => {
      setImmediate(breakIt);
      return 'silent';
    };
    return gateways.call('s1', 'slow', {}, anything, options).catch((error: unknown) => error);
  }

  test('a restart rejects pending calls and reconnects by itself', async () => {
    const error = await callDuring(() => {
      gateway.bootId = 'boot-2';
      gateway.closeAll(1012, 'service restart');
    });
    expect(error).toMatchObject({ code: 'gateway_unavailable', message: 'The gateway is restarting.' });
    await until(() => states.join() === 'connected,disconnected,connected', 'it is connected again');
    expect((await gateways.hello('s1', options)).bootId).toBe('boot-2');
  });

  test('a changed token is read again before reconnecting', async () => {
    const error = await callDuring(() => {
      gateway.token = 'rotated';
      host.access = { ...host.access, auth: { token: 'rotated' } };
      gateway.closeAll(4001, 'gateway auth changed');
    });
    expect(error).toMatchObject({ code: 'gateway_unavailable', details: { reason: 'token_changed' } });
    await until(() => states.at(-1) === 'connected' && states.length === 3, 'it is connected again');
    expect(gateway.connects.at(-1)?.params.auth).toEqual({ token: 'rotated' });
    expect(host.freshReads).toBe(1);
  });

  test('a gateway that stops responding is disconnected and retried', async () => {
    gateway.tickIntervalMs = 20;
    await gateways.hello('s1', options);
    gateway.tickIntervalMs = 30_000;
    await until(() => states.join() === 'connected,disconnected,connected', 'it is connected again');
    expect(gateway.connects).toHaveLength(2);
  });

  test('ticks keep an idle connection open', async () => {
    gateway.tickIntervalMs = 40;
    await gateways.hello('s1', options);
    const ticking = setInterval(() => gateway.emit('tick', {}), 20);
    await until(() => events.filter(({ event }) => event === 'tick').length >= 10, 'several ticks came');
    clearInterval(ticking);
    expect(states).toEqual(['connected']);
  });

  test('an invalid frame ends the connection, and the next call opens a new one', async () => {
    const error = await callDuring(() => gateway.sendRaw('{"type":'));
    expect(error).toMatchObject({ code: 'bad_gateway' });
    expect((await listAgents({ retry: true })).agents).toHaveLength(1);
    expect(gateway.connects).toHaveLength(2);
  });

  test('a malformed answer fails its own call only', async () => {
    const error = await callDuring(() => gateway.sendRaw('{"type":"res","id":"2","ok":"yes"}'));
    expect(error).toMatchObject({ code: 'bad_gateway' });
    await listAgents();
    expect(gateway.connects).toHaveLength(1);
  });

  test.each([
    ['an event', '{"type":"res","id":"2","type":"event","event":"tick","payload":{}}'],
    ['an event, its kind in escapes', '{"type":"res","id":"2","\\u0074ype":"event","event":"tick"}'],
    ['the answer of another call', '{"type":"res","id":"2","ok":true,"id":"3","payload":{}}'],
    ['a malformed answer of another call', '{"type":"res","id":"2","ok":"yes","id":"3"}'],
    [
      'the answer of a call that an object inside names',
      '{"type":"res","payload":{"id":"2"},"id":"3","ok":true}',
    ],
    ['an answer without an id of the protocol', '{"type":"res","id":"2","id":2,"ok":true,"payload":{}}'],
    ['a frame of an unknown kind', '{"type":"res","id":"2","type":"novelty"}'],
  ])('%s that begins as the answer of a call ends the connection', async (_, frame) => {
    const error = await callDuring(() => gateway.sendRaw(frame));
    expect(error).toMatchObject({ code: 'bad_gateway', details: { reason: 'not_a_gateway' } });
    expect(events).toEqual([]);
    expect((await listAgents({ retry: true })).agents).toHaveLength(1);
    expect(gateway.connects).toHaveLength(2);
  });

  test('an answer that does not begin with its id has the room of an event', async () => {
    const answer = (text: string) => `{"ok":true,"payload":{"text":"${text}"},"type":"res","id":"2"}`;
    expect(await callDuring(() => gateway.sendRaw(answer('x')))).toEqual({ text: 'x' });
    gateway.methods['config.get'] = (_params, id) => {
      gateway.sendRaw(answer('x'.repeat(1_100_000)).replace('"2"', `"${id}"`));
      return 'silent';
    };
    await expect(gateways.call('s1', 'config.get', {}, anything, { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'deadline',
    });
  });

  test('frames of unknown kinds and events of unknown shapes pass', async () => {
    await gateways.hello('s1', options);
    gateway.sendRaw('{"type":"novelty","x":1}');
    gateway.sendRaw('{"type":"event"}');
    gateway.emit('sessions.changed', { sessionKey: 'agent:main:main' });
    await listAgents();
    expect(events).toEqual([{ event: 'sessions.changed', payload: { sessionKey: 'agent:main:main' } }]);
  });

  test('a frame beyond the limit is refused without reading it all', async () => {
    const error = await callDuring(() => gateway.sendRaw(`"${'x'.repeat(26_214_400)}"`));
    expect(error).toMatchObject({ code: 'output_too_large' });
    expect((await listAgents({ retry: true })).agents).toHaveLength(1);
  });

  test.each([
    ['of too many bytes', `"${'x'.repeat(1_100_000)}"`],
    ['of too many values', `[${'{},'.repeat(50_000)}{}]`],
  ])('an answer %s fails its own call only, and is not parsed', async (_, payload) => {
    const error = await callDuring(() =>
      gateway.sendRaw(`{"type":"res","id":"2","ok":true,"payload":{"agents":${payload}}}`),
    );
    expect(error).toMatchObject({ code: 'output_too_large' });
    expect((await listAgents()).agents).toHaveLength(1);
    expect(gateway.connects).toHaveLength(1);
  });

  test('an answer that carries a file may be larger', async () => {
    const content = 'x'.repeat(3_000_000);
    gateway.methods['agents.files.get'] = () => ({ payload: { content } });
    const answer = await gateways.call(
      's1',
      'agents.files.get',
      {},
      z.looseObject({ content: z.string() }),
      options,
    );
    expect(answer.content).toHaveLength(3_000_000);
  });

  test('an event that is too large is dropped', async () => {
    await gateways.hello('s1', options);
    gateway.emit('health', { text: 'x'.repeat(1_100_000) });
    gateway.emit('tick', {});
    await until(() => events.length > 0, 'the next event comes');
    expect(events).toEqual([{ event: 'tick', payload: {} }]);
  });

  test('of frames without an end, the longest of one person is cut off where they come to too much', async () => {
    const lost: string[] = [];
    gateways.onStateChange((serverId, state) => {
      if (state === 'disconnected') lost.push(serverId);
    });
    for (const serverId of ['s1', 's2', 's3', "other's"]) await gateways.hello(serverId, options);
    gateway.beginFrame(7_000_000);
    await gateways.hello('s4', options);
    gateway.beginFrame(8_000_000);
    await gateways.hello('s5', options);
    gateway.beginFrame(7_000_000);
    await until(() => lost.length > 0, 'one is cut off');
    expect(lost).toEqual(['s4']);
  });

  test('an event with thousands of values is dropped', async () => {
    await gateways.hello('s1', options);
    gateway.emit('health', { list: Array(6_000).fill(1) });
    gateway.emit('tick', {});
    await until(() => events.length > 0, 'the next event comes');
    expect(events).toEqual([{ event: 'tick', payload: {} }]);
  });

  test('a list beyond its bound is refused with the number of entries that Buoy reads', async () => {
    gateway.methods['many.list'] = () => ({ payload: { rows: Array(5).fill('a') } });
    await expect(
      gateways.call('s1', 'many.list', {}, z.looseObject({ rows: boundedArray(z.string(), 4) }), options),
    ).rejects.toMatchObject({
      code: 'output_too_large',
      message:
        'The gateway answered many.list with a list of more than 4 entries, and Buoy reads no more than that.',
    });
  });

  test('no attempt is made while SSH is down, and it connects when SSH is back', async () => {
    await gateways.hello('s1', options);
    ssh.setState('backing_off');
    await until(() => states.includes('disconnected'), 'the loss is noticed');
    ssh.setState('connected');
    await until(() => states.join() === 'connected,disconnected,connected', 'it is connected again');
  });

  test('a reset leaves nothing of the old connection', async () => {
    await gateways.hello('s1', options);
    gateways.reset('s1');
    await until(() => gateway.open() === 0, 'the old connection is closed');
    expect(states).toEqual(['connected', 'reset']);
    await gateways.hello('s1', options);
    expect(gateway.connects).toHaveLength(2);
  });
});

describe('health pages', () => {
  test('any HTTP status is returned with its JSON', async () => {
    gateway.pages['/readyz'] = { status: 503, body: '{"ready":false,"failing":["startup-sidecars"]}' };
    expect(await gateways.probe('s1', '/readyz', options)).toEqual({
      status: 503,
      body: { ready: false, failing: ['startup-sidecars'] },
    });
  });

  test('the web interface, which answers any unknown path, is not taken for a health page', async () => {
    await expect(gateways.probe('s1', '/healthz', options)).rejects.toMatchObject({ code: 'bad_gateway' });
  });

  test('an endless page is cut off', async () => {
    gateway.pages['/readyz'] = { status: 200, body: `"${'x'.repeat(200_000)}"` };
    await expect(gateways.probe('s1', '/readyz', options)).rejects.toMatchObject({ code: 'bad_gateway' });
  });
});

test('gateways › log neither tokens nor payloads', async () => {
  gateway.methods['agents.list'] = () => ({ payload: { agents: ['private words'] } });
  await listAgents();
  gateway.closeAll(4001, 'gateway auth changed');
  await until(() => states.length === 3, 'it is connected again');
  gateway.token = 'other';
  gateways.reset('s1');
  await expect(listAgents()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  expect(log.text()).toContain('gateway connected');
  expect(log.text()).not.toMatch(/right-token|private words/);
});
