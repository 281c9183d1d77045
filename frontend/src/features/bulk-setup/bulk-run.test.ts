import type { Contract, ErrorCode, RequestOf, Server, Task } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { emptyDraft } from '../servers/server-draft.ts';
import { serverRecord } from '../servers/testing/server-record.ts';
import { emptySetupDraft } from '../setup/setup-draft.ts';
import { type BulkRow, type BulkRun, createBulkRun, isBusy, needsLogin, rowOf } from './bulk-run.ts';
import { targetOf } from './bulk-targets.ts';

type Key = keyof Contract;
type Input = {
  params?: { id: string };
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
};
type Call = { key: Key } & Input;

const FINGERPRINT = `SHA256:${'a'.repeat(43)}`;
const fresh = (name: string): BulkRow =>
  rowOf({
    ...{ name, host: `${name}.example.com`, port: 22, username: 'root', jumpServerId: null, server: null },
    hostKey: { algorithm: 'ssh-ed25519', fingerprint: FINGERPRINT },
  });
const pinned = (fingerprint = FINGERPRINT) => ({
  hostKey: { algorithm: 'ssh-ed25519', fingerprint, pinnedAt: '2026-01-01T00:00:00.000Z' },
});
const answers = {
  login: { ...emptyDraft, way: 'password' as const, password: 'pw-secret', tags: 'prod' },
  setup: { ...emptySetupDraft, apiKey: 'sk-secret', sudoPassword: 'sudo-secret' },
};
const refusal = (status: number, code: ErrorCode, hint?: string) =>
  new ApiError(status, { error: `Refused: ${code}.`, code, ...(hint === undefined ? {} : { hint }) });
const silence = () => new ApiError(0, { error: 'Buoy does not answer.' });
const works = { ok: true, openclaw: { installed: false } };
const taskFor = (id: string) => ({ id: `tsk_${id}`, type: 'setup', serverId: id, status: 'queued' }) as Task;

/** Buoy as the run sees it. `replies` takes the place of what a call answers: a value, or an error that it throws. */
function fakeBuoy() {
  const calls: Call[] = [];
  const replies: Array<(call: Call) => unknown> = [];
  const servers = new Map<string, Server>();
  const usual = (call: Call): unknown => {
    const id = call.params?.id ?? '';
    switch (call.key) {
      case 'POST /servers': {
        const { name, host, port, username } = call.body as RequestOf<Contract['POST /servers']>['body'];
        const server = serverRecord({ id: `srv_${name}`, name, host, port: port ?? 22, username });
        servers.set(server.id, server);
        return { server };
      }
      case 'GET /servers':
        return { servers: [...servers.values()], nextCursor: null };
      case 'GET /servers/:id':
      case 'PUT /servers/:id':
        return { server: servers.get(id) };
      case 'POST /servers/:id/test':
        return works;
      case 'POST /servers/:id/setup/run':
        return { task: taskFor(id) };
      default:
        throw new Error(`No answer to ${call.key}.`);
    }
  };
  const call = async (key: Key, input: Input = {}) => {
    const sent = { key, ...input };
    calls.push(sent);
    const reply = replies.map((one) => one(sent)).find((one) => one !== undefined) ?? usual(sent);
    const answer = await reply;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    api: { call } as unknown as Api,
    calls,
    servers,
    /** As the first connection does, before the login. */
    pin(id = '') {
      const server = servers.get(id);
      if (server !== undefined) servers.set(id, { ...server, ...pinned() });
    },
    reply: (one: (sent: Call) => unknown) => void replies.unshift(one),
    callsOf: (key: Key) => calls.filter((sent) => sent.key === key),
  };
}

let buoy: ReturnType<typeof fakeBuoy>;
let run: BulkRun;
let waits: number;

beforeEach(() => {
  buoy = fakeBuoy();
  waits = 0;
  run = createBulkRun({
    api: buoy.api,
    userId: '1',
    async pause() {
      waits += 1;
    },
  });
});

const stages = () => Object.fromEntries(run.rows().map(({ name, stage }) => [name, stage]));
const rowNamed = (name: string) => run.rows().find((row) => row.name === name);

describe('a bulk run', () => {
  it('adds each server with the trusted host key, tests it and starts its setup', async () => {
    await run.start([fresh('a'), fresh('b')], answers);
    expect(stages()).toEqual({ a: 'started', b: 'started' });
    expect(buoy.callsOf('POST /servers').map(({ body }) => body)).toEqual(
      ['a', 'b'].map((name) => ({
        ...{ name, host: `${name}.example.com`, port: 22, username: 'root', tags: ['prod'] },
        ...{ jumpServerId: null, authType: 'password', password: 'pw-secret', hostKey: FINGERPRINT },
      })),
    );
    expect(buoy.callsOf('POST /servers/:id/setup/run').map(({ params, body }) => [params, body])).toEqual(
      ['a', 'b'].map((name) => [
        { id: `srv_${name}` },
        {
          onboard: { provider: 'anthropic', apiKey: 'sk-secret' },
          ...{ node: { version: '24' }, openclaw: { version: 'latest' }, gateway: { port: 18_789 } },
          sudoPassword: 'sudo-secret',
        },
      ]),
    );
    expect(rowNamed('a')).toMatchObject({ server: { id: 'srv_a' }, task: { id: 'tsk_srv_a' } });
  });

  it('adds a server through the jump server behind which its host key was shown', async () => {
    await run.start([{ ...fresh('a'), jumpServerId: 'srv_jump' }], answers);
    expect(buoy.callsOf('POST /servers')).toMatchObject([{ body: { jumpServerId: 'srv_jump' } }]);
  });

  it('works on four servers at a time', async () => {
    let open = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const test = async () => {
      open += 1;
      most = Math.max(most, open);
      if (open === 4) gate.resolve();
      await gate.promise;
      open -= 1;
      return works;
    };
    buoy.reply(({ key }) => (key === 'POST /servers/:id/test' ? test() : undefined));
    const names = Array.from({ length: 11 }, (_, index) => `s${index}`);
    await run.start(names.map(fresh), answers);
    expect(most).toBe(4);
    expect(Object.values(stages())).toEqual(Array(11).fill('started'));
  });

  it('continues with the others when one is refused, and says why', async () => {
    buoy.reply(({ key, body }) =>
      key === 'POST /servers' && body?.name === 'a' ? refusal(409, 'conflict', 'Remove one.') : undefined,
    );
    await run.start([fresh('a'), fresh('b')], answers);
    expect(stages()).toEqual({ a: 'failed', b: 'started' });
    expect(rowNamed('a')?.failure).toEqual({
      ...{ code: 'conflict', message: 'Refused: conflict.', hint: 'Remove one.', isLogin: false },
    });
    expect(run.rows().map(needsLogin)).toEqual([true, false]);
  });

  it('starts no setup where the test fails', async () => {
    const failure = { kind: 'timeout', message: 'Nothing answers.', hint: 'Check the address.' };
    buoy.reply(({ key }) => (key === 'POST /servers/:id/test' ? { ok: false, failure } : undefined));
    await run.start([fresh('a')], answers);
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toEqual([]);
    expect(rowNamed('a')).toMatchObject({
      stage: 'failed',
      failure: { code: 'unreachable', message: 'Nothing answers.', hint: 'Check the address.' },
    });
    expect(run.rows().map(needsLogin)).toEqual([false]);
  });

  it('leaves a server alone that has OpenClaw already', async () => {
    buoy.reply(({ key }) =>
      key === 'POST /servers/:id/test' ? { ok: true, openclaw: { installed: true } } : undefined,
    );
    await run.start([fresh('a')], answers);
    expect(stages()).toEqual({ a: 'present' });
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toEqual([]);
  });

  it('repeats a call that was not answered under the same key, three times at most', async () => {
    let silent = 2;
    buoy.reply(({ key }) => (key === 'POST /servers' && silent-- > 0 ? silence() : undefined));
    buoy.reply(({ key }) => (key === 'POST /servers/:id/setup/run' ? silence() : undefined));
    await run.start([fresh('a')], answers);
    for (const key of ['POST /servers', 'POST /servers/:id/setup/run'] as const) {
      const keys = buoy.callsOf(key).map(({ headers }) => headers?.['idempotency-key']);
      expect(keys).toHaveLength(3);
      expect(new Set(keys).size).toBe(1);
    }
    expect(waits).toBe(4);
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'network' } });
  });

  it('does nothing for a second start while the first is under way', async () => {
    const first = run.start([fresh('a')], answers);
    expect(isBusy(run.rows())).toBe(true);
    await run.start([fresh('a')], answers);
    await first;
    expect(isBusy(run.rows())).toBe(false);
    expect(buoy.callsOf('POST /servers')).toHaveLength(1);
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toHaveLength(1);
  });

  it('begins nothing more once it is stopped', async () => {
    buoy.reply(({ key }) => {
      if (key === 'POST /servers/:id/test') run.stop();
      return undefined;
    });
    await run.start(['a', 'b', 'c', 'd', 'e'].map(fresh), answers);
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toEqual([]);
    expect(stages().e).toBe('stopped');
    await run.start([fresh('f')], answers);
    expect(rowNamed('f')).toBeUndefined();
  });

  it('keeps no secret once each server is accepted or refused', async () => {
    buoy.reply(({ key }) => (key === 'POST /servers' ? refusal(409, 'duplicate') : undefined));
    await run.start([fresh('a')], answers);
    expect(JSON.stringify(run.rows())).not.toContain('secret');
  });
});

describe('a server whose name is taken', () => {
  const taken = (server: Server) => {
    buoy.servers.set(server.id, server);
    buoy.reply(({ key }) => (key === 'POST /servers' ? refusal(409, 'duplicate') : undefined));
  };
  const place = { name: 'a', host: 'a.example.com', username: 'root' };

  it('is the one of an earlier try whose answer was lost, and is set up with the login that it has', async () => {
    taken(serverRecord({ id: 'srv_earlier', ...place, ...pinned() }));
    await run.start([fresh('a')], answers);
    expect(rowNamed('a')).toMatchObject({ stage: 'started', server: { id: 'srv_earlier' } });
    expect(buoy.callsOf('PUT /servers/:id')).toEqual([]);
  });

  it.each([
    ['at another address', { host: '203.0.113.9' }],
    ['with another login', { username: 'deploy' }],
    ['behind another jump server', { jumpServerId: 'srv_jump' }],
    ['of someone else', { owner: { id: '2', name: 'Berta', givenBy: null } }],
    ['that someone gave the person', { owner: { id: '1', name: 'Anna', givenBy: '2' } }],
    ['of nobody that the person may know', { owner: null }],
  ])('gets no key when it is a server %s', async (_which, change) => {
    taken(serverRecord({ id: 'srv_other', ...place, ...pinned(), ...change }));
    await run.start([fresh('a')], answers);
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'duplicate' } });
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toEqual([]);
  });

  it.each([
    ['another host key', pinned(`SHA256:${'b'.repeat(43)}`)],
    ['no host key yet', { hostKey: null }],
  ])('gets no key when it has %s, and not the trusted one', async (_which, change) => {
    taken(serverRecord({ id: 'srv_own', ...place, ...change }));
    await run.start([fresh('a')], answers);
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'host_key_mismatch' } });
    expect(buoy.callsOf('POST /servers/:id/test')).toEqual([]);
    expect(buoy.callsOf('POST /servers/:id/setup/run')).toEqual([]);
  });
});

describe('another try', () => {
  const wrongLogin = { kind: 'auth', message: 'Permission denied.', hint: 'Check the password.' };
  const again = (change: object = {}) => run.start(run.rows(), { ...answers, ...change });

  it('brings another login where the first was refused', async () => {
    let isWrong = true;
    buoy.reply(({ key, params }) => {
      if (key !== 'POST /servers/:id/test' || !isWrong) return undefined;
      buoy.pin(params?.id);
      return { ok: false, failure: wrongLogin };
    });
    await run.start([fresh('a')], answers);
    expect(rowNamed('a')?.failure?.code).toBe('ssh_auth');
    expect(run.rows().map(needsLogin)).toEqual([true]);
    isWrong = false;
    await again({ login: { ...answers.login, password: 'other' } });
    expect(buoy.callsOf('PUT /servers/:id')).toMatchObject([
      { params: { id: 'srv_a' }, body: { authType: 'password', password: 'other' } },
    ]);
    expect(stages()).toEqual({ a: 'started' });
    expect(run.rows().map(needsLogin)).toEqual([false]);
  });

  it('asks for the login again when Buoy did not get the other one', async () => {
    buoy.reply(({ key, params }) => {
      if (key !== 'POST /servers/:id/test') return undefined;
      buoy.pin(params?.id);
      return { ok: false, failure: wrongLogin };
    });
    await run.start([fresh('a')], answers);
    buoy.reply(({ key }) => (key === 'PUT /servers/:id' ? refusal(409, 'stale_version') : undefined));
    await again();
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'stale_version' } });
    expect(run.rows().map(needsLogin)).toEqual([true]);
  });

  it('sends no other login where no host key is pinned, because whichever answers would get it', async () => {
    buoy.reply(({ key }) =>
      key === 'POST /servers/:id/test' ? { ok: false, failure: wrongLogin } : undefined,
    );
    await run.start([fresh('a')], answers);
    await again({ login: { ...answers.login, password: 'other' } });
    expect(buoy.callsOf('PUT /servers/:id')).toEqual([]);
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'conflict' } });
  });

  it('keeps the stored login otherwise, adds nothing twice, and resumes a setup that has installed OpenClaw', async () => {
    await run.start([fresh('a'), fresh('b')], answers);
    buoy.reply(({ key }) =>
      key === 'POST /servers/:id/test' ? { ok: true, openclaw: { installed: true } } : undefined,
    );
    await again();
    expect(run.rows().map(({ name, stage }) => [name, stage])).toEqual([
      ['a', 'started'],
      ['b', 'started'],
    ]);
    expect(buoy.callsOf('POST /servers')).toHaveLength(2);
    expect(buoy.callsOf('PUT /servers/:id')).toEqual([]);
    const keys = buoy.callsOf('POST /servers/:id/setup/run').map(({ headers }) => headers);
    expect(new Set(keys.map((headers) => headers?.['idempotency-key'])).size).toBe(4);
  });

  it('sends nothing to a server that someone has moved meanwhile', async () => {
    const server = serverRecord({ id: 'srv_a', name: 'a' });
    buoy.servers.set(server.id, { ...server, host: 'elsewhere.example.com' });
    await run.start([rowOf(targetOf(server))], answers);
    expect(rowNamed('a')).toMatchObject({ stage: 'failed', failure: { code: 'stale_version' } });
    expect(buoy.calls.map(({ key }) => key)).toEqual(['GET /servers/:id']);
  });
});
