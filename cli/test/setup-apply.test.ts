// `buoy setup apply` on gateways of a scripted Buoy: what it plans, sends, follows and reports, and what it does not start again.
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EndpointKey, NewServer, OpenclawStatus, Server, ServerChange, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningOpenclaw as status } from '../src/commands/setup-apply/testing/openclaw-status.ts';
import type { Terminal } from '../src/terminal.ts';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const HOST_KEY = `SHA256:${'A'.repeat(43)}`;
const PASSWORD = 'planted-password';
const API_KEY = 'planted-api-key';
const environment = () => ({ ...cli.environment, WEB_PASSWORD: PASSWORD, MODEL_KEY: API_KEY });

const bare: OpenclawStatus = {
  ...status,
  ...{ installed: false, version: null },
  gateway: { ...status.gateway, state: 'not_installed', ready: false, port: null, bind: null },
};
const models = {
  models: [
    {
      ...{ id: 'claude', provider: 'anthropic', name: 'Claude', contextWindow: null, reasoning: null },
      ...{ available: true, isDefault: true },
    },
  ],
  providers: [],
};
const step = (title: string, stepStatus: string) => ({
  ...{ id: title, title, status: stepStatus, startedAt: at, finishedAt: null, detail: null, outputTail: '' },
});
const task = (id: string, serverId: string, change: object = {}): Task =>
  ({
    ...{ id, type: 'setup', serverId, status: 'running', steps: [step('Install Node', 'running')] },
    ...{ progress: 0.1, result: null, error: null, createdBy: '1', createdAt: at, startedAt: at },
    finishedAt: null,
    ...change,
  }) as Task;
const sudoRefused = { code: 'sudo_refused', message: 'The server refused sudo.', hint: 'Give the password.' };

type Fixture = {
  servers: Server[];
  /** By the id of a server; a setup that succeeds makes it healthy. */
  statuses: Map<string, OpenclawStatus>;
  tasks: Map<string, Task>;
  /** How a setup on a server of this name ends; it succeeds by default. */
  ends?: Record<string, object>;
  answers?: Partial<Record<EndpointKey, (body: unknown) => ScriptedAnswer | undefined>>;
};

const fixtureOf = (change: Partial<Fixture> = {}): Fixture => ({
  ...{ servers: [], statuses: new Map(), tasks: new Map() },
  ...change,
});

/** Runs the command on a fixture, which keeps what was done. */
async function apply(
  fixture: Fixture,
  yaml: string,
  { words = ['--yes'], own = {} }: { words?: string[]; own?: Partial<Terminal> } = {},
) {
  const file = path.join(cli.folder, 'servers.yaml');
  writeFileSync(file, yaml);
  const sent: Array<[EndpointKey, unknown]> = [];
  let pathId = '';
  const scripted = scriptedBuoy((key, calls, { body }): ScriptedAnswer => {
    pathId = calls.at(-1)?.split('/')[2] ?? '';
    const isRead = key.startsWith('GET ');
    if (!isRead) sent.push([key, body]);
    const special = fixture.answers?.[key]?.(body);
    if (special !== undefined) return special;
    switch (key) {
      case 'GET /me':
        return { body: { user: me } };
      case 'GET /servers':
        return { body: { servers: fixture.servers, nextCursor: null } };
      case 'GET /servers/:id':
        return { body: { server: fixture.servers.find(({ id }) => id === pathId) } };
      case 'GET /tasks':
        return {
          body: { tasks: [...fixture.tasks.values()].filter(isActive), nextCursor: null },
        };
      case 'GET /tasks/:id':
        return { body: { task: fixture.tasks.get(pathId) } };
      case 'GET /tasks/:id/events':
        return { events: [['task', ended(fixture, pathId)]] };
      case 'GET /servers/:id/openclaw/status':
        return { body: { ...read, status: fixture.statuses.get(pathId) ?? bare } };
      case 'GET /servers/:id/openclaw/models':
        return { body: { ...read, ...models } };
      case 'POST /servers': {
        const { hostKey, jumpServerId = null, ...fields } = body as NewServer;
        const { name, host, port, username, authType, tags } = fields;
        const added: Server = {
          ...{ ...webServer(), id: `srv_${name}`, name, host, port, username, authType, tags, jumpServerId },
          hostKey: { algorithm: 'ssh-ed25519', fingerprint: hostKey ?? HOST_KEY, pinnedAt: at },
        };
        fixture.servers.push(added);
        return { body: { server: added } };
      }
      case 'PUT /servers/:id': {
        const before = fixture.servers.find(({ id }) => id === pathId) ?? server;
        const { hostKey, password: _p, ...fields } = body as ServerChange;
        Object.assign(before, fields, { version: before.version + 1 });
        if (hostKey !== undefined && before.hostKey === null)
          before.hostKey = { algorithm: 'ssh-ed25519', fingerprint: hostKey, pinnedAt: at };
        return { body: { server: before } };
      }
      case 'POST /servers/:id/test':
        return {
          body: {
            ...{ ok: true, latencyMs: 1, openclaw: { installed: false, version: null, path: null } },
            system: { os: 'Debian', arch: 'x86_64', sudo: 'none', systemd: true },
            hostKey: { algorithm: 'ssh-ed25519', fingerprint: HOST_KEY },
          },
        };
      case 'POST /servers/:id/setup/run': {
        const started = task(`tsk_${pathId}`, pathId);
        fixture.tasks.set(started.id, started);
        return { status: 202, body: { task: started } };
      }
      default:
        throw new Error(`Nothing is scripted for ${key}.`);
    }
  });
  const ran = await cli.buoy(['setup', 'apply', '-f', file, ...words], {
    ...{ environment: environment(), fetch: scripted.fetch },
    ...own,
  });
  return { ...ran, sent, keys: sent.map(([key]) => key), err: ran.err.replaceAll(file, 'servers.yaml') };
}

const isActive = ({ status: one }: Task) => one === 'queued' || one === 'running';
const me = {
  ...{ id: '1', username: null, firstName: 'Anna', lastName: null, photoUrl: null, languageCode: null },
  ...{ isSuperAdmin: false, approved: true, mayAddServers: true, createdAt: at },
};

/** Ends the task as the fixture says. */
function ended(fixture: Fixture, id: string): Task {
  const before = fixture.tasks.get(id);
  if (before === undefined) throw new Error(`There is no task ${id}.`);
  const name = fixture.servers.find((one) => one.id === before.serverId)?.name ?? '';
  const change = fixture.ends?.[name] ?? { status: 'succeeded' };
  const after = { ...before, finishedAt: at, steps: [step('Install Node', 'succeeded')], ...change } as Task;
  fixture.tasks.set(id, after);
  if (after.status === 'succeeded') fixture.statuses.set(before.serverId ?? '', status);
  return after;
}

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');
const yamlOf = (...servers: string[]) =>
  lines(
    'defaults:',
    '  username: deploy',
    '  auth: { password: { env: WEB_PASSWORD } }',
    '  setup: { onboard: { provider: anthropic, apiKey: { env: MODEL_KEY } } }',
    'servers:',
    ...servers.map((one) => `  - ${one}`),
  );
const web = `{ name: web, host: web.example, hostKey: ${HOST_KEY} }`;
const db = `{ name: db, host: 10.0.0.9, port: 2222, jump: web, hostKey: ${HOST_KEY} }`;
const webServer = (change: Partial<Server> = {}): Server => ({
  ...server,
  hostKey: { algorithm: 'ssh-ed25519', fingerprint: HOST_KEY, pinnedAt: at },
  ...change,
});

describe('setup apply on new servers', () => {
  test('shows the plan, adds jump servers first, sets all up, and does nothing when run again', async () => {
    const fixture = fixtureOf();
    const first = await apply(fixture, yamlOf(db, web));
    expect(first.out).toBe(
      lines(
        'SERVER  ACTION       WHAT',
        `db      add, set up  deploy@10.0.0.9:2222 through web; password from $WEB_PASSWORD; host key ${HOST_KEY}; OpenClaw latest; provider anthropic with the key from $MODEL_KEY`,
        `web     add, set up  deploy@web.example; password from $WEB_PASSWORD; host key ${HOST_KEY}; OpenClaw latest; provider anthropic with the key from $MODEL_KEY`,
        '2 to add, 2 to set up.',
        'SERVER  RESULT  WHY',
        'db      set up  -',
        'web     set up  -',
        'Applied to 2 servers.',
      ),
    );
    expect(first.exit).toBe(0);
    const added = first.sent.filter(([key]) => key === 'POST /servers').map(([, body]) => body);
    expect(added).toMatchObject([
      { name: 'web', jumpServerId: null, password: PASSWORD, hostKey: HOST_KEY },
      { name: 'db', jumpServerId: 'srv_web', port: 2222 },
    ]);
    const setups = first.sent.filter(([key]) => key === 'POST /servers/:id/setup/run');
    expect(setups.map(([, body]) => body)).toMatchObject([
      { onboard: { provider: 'anthropic', apiKey: API_KEY } },
      { onboard: { provider: 'anthropic', apiKey: API_KEY } },
    ]);
    expect(first.out + first.err).not.toMatch(/planted/);

    // Nothing is to be done, so no secret is needed.
    const again = await apply(fixture, yamlOf(db, web), {
      words: [],
      own: { environment: cli.environment },
    });
    expect(again).toMatchObject({ exit: 0, sent: [], err: '' });
    expect(again.out).toBe(
      lines(
        'SERVER  ACTION  WHAT',
        'db      none    as described',
        'web     none    as described',
        '2 as described.',
        'Nothing is to be done.',
      ),
    );
  });

  test('--dry-run shows the plan and sends nothing', async () => {
    const { exit, out, err, sent } = await apply(fixtureOf(), yamlOf(web), { words: ['--dry-run'] });
    expect({ exit, sent, err }).toEqual({ exit: 0, sent: [], err: 'This is the plan; nothing was done.\n' });
    expect(out).toMatch(/^SERVER {2}ACTION {7}WHAT\nweb {5}add, set up {2}/);
    const json = await apply(fixtureOf(), yamlOf(web), { words: ['--dry-run', '--json'] });
    expect(JSON.parse(json.out)).toEqual({
      servers: [
        {
          ...{ id: null, name: 'web', address: 'deploy@web.example', owner: null },
          ...{ action: 'add', changes: [], notes: [], error: null },
          setup: { action: 'unseen', changes: [], taskId: null },
        },
      ],
    });
  });

  test('without a terminal and without --yes nothing is done', async () => {
    const { exit, err, sent } = await apply(fixtureOf(), yamlOf(web), { words: [] });
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toContain('There is no terminal to ask on.\n  Add --yes to go ahead.');
  });

  test('nothing is done when the answer is no', async () => {
    const { exit, err, sent } = await apply(fixtureOf(), yamlOf(web), {
      words: [],
      own: { canAsk: true, ask: async () => 'no' },
    });
    expect({ exit, err, sent }).toEqual({ exit: 1, err: 'buoy: Nothing was done.\n', sent: [] });
  });

  test('--yes is refused for a new server without a host key in the file', async () => {
    const { exit, err, sent } = await apply(fixtureOf(), yamlOf('{ name: web, host: web.example }'));
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toMatch(/^buoy: The file does not have the host key of web, and with --yes nobody is asked/);
  });

  test('a key that the person rejects keeps that server out, and those behind it', async () => {
    const fixture = fixtureOf({
      answers: {
        'POST /servers/host-key': () => ({
          body: { hostKey: { algorithm: 'ssh-ed25519', fingerprint: HOST_KEY } },
        }),
      },
    });
    const answers = ['yes', 'no'];
    const { exit, out, keys } = await apply(
      fixture,
      yamlOf('{ name: web, host: web.example }', db, `{ name: mail, host: m.example, hostKey: ${HOST_KEY} }`),
      { words: [], own: { canAsk: true, ask: async () => answers.shift() ?? '' } },
    );
    expect(exit).toBe(1);
    expect(fixture.servers.map(({ name }) => name)).toEqual(['mail']);
    expect(keys.filter((key) => key === 'POST /servers/:id/setup/run')).toHaveLength(1);
    expect(out).toContain('It was not added: its host key is not trusted.');
    expect(out).toContain('Its jump server web was not added.');
    expect(out).toMatch(/Failed on 2 of 3 servers: web, db\.\n$/);
  });

  test('a secret that is missing stops everything before it begins', async () => {
    const { exit, err, sent } = await apply(fixtureOf(), yamlOf(web), {
      own: { environment: cli.environment },
    });
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toContain('The environment variable WEB_PASSWORD is not set.');
  });

  test('a server that cannot be reached fails with the cause, and no setup is started on it', async () => {
    const failure = { kind: 'auth', message: 'The login was refused.', hint: 'Check the password.' };
    const fixture = fixtureOf({
      answers: { 'POST /servers/:id/test': () => ({ body: { ok: false, failure } }) },
    });
    const { exit, out, keys } = await apply(fixture, yamlOf(web));
    expect(exit).toBe(1);
    expect(keys).toEqual(['POST /servers', 'POST /servers/:id/test']);
    expect(out).toContain('web     failed  The login was refused. Check the password.');
  });
});

describe('setup apply on present servers', () => {
  test('changes what differs, and leaves alone what the file does not name', async () => {
    const fixture = fixtureOf({
      servers: [webServer({ authType: 'password', tags: ['old'], port: 2200 })],
      statuses: new Map([['srv_1', status]]),
    });
    const { exit, out, sent } = await apply(
      fixture,
      yamlOf('{ name: web, host: web.example, tags: [prod] }'),
    );
    expect(exit).toBe(0);
    expect(out).toContain('web     change  deploy@web.example:2200; tags: old → prod\n');
    expect(sent).toEqual([['PUT /servers/:id', { tags: ['prod'] }]]);
  });

  test('a server that moves gets its secret again', async () => {
    const fixture = fixtureOf({ servers: [webServer()], statuses: new Map([['srv_1', status]]) });
    const { out, sent } = await apply(fixture, yamlOf('{ name: web, host: 10.0.0.1 }'));
    expect(out).toContain(
      'host: web.example → 10.0.0.1; login: by key → by password; password from $WEB_PASSWORD',
    );
    expect(sent[0]).toEqual([
      'PUT /servers/:id',
      { host: '10.0.0.1', authType: 'password', password: PASSWORD },
    ]);
  });

  test('sets up a gateway that is stopped, and keeps its port', async () => {
    const stopped = {
      ...status,
      gateway: { ...status.gateway, state: 'stopped' as const, ready: false, port: 18_800 },
    };
    const fixture = fixtureOf({
      servers: [webServer({ authType: 'password' })],
      statuses: new Map([['srv_1', stopped]]),
      answers: { 'GET /servers/:id/openclaw/agents': () => ({ body: { ...read, agents: [] } }) },
    });
    const { exit, out, sent } = await apply(fixture, yamlOf(web));
    expect(exit).toBe(0);
    expect(out).toContain(
      'web     set up  deploy@web.example; gateway: stopped → running; provider anthropic with the key from $MODEL_KEY',
    );
    expect(sent).toMatchObject([['POST /servers/:id/setup/run', { gateway: { port: 18_800 } }]]);
  });

  test('follows a setup that runs already, and starts none', async () => {
    const fixture = fixtureOf({
      servers: [webServer({ authType: 'password' })],
      tasks: new Map([['tsk_9', task('tsk_9', 'srv_1')]]),
    });
    const { exit, out, sent, err } = await apply(fixture, yamlOf(web));
    expect({ exit, sent }).toEqual({ exit: 0, sent: [] });
    expect(out).toContain(
      'web     follow  deploy@web.example; task tsk_9 sets it up already; then, if it is not as described: OpenClaw latest; provider anthropic with the key from $MODEL_KEY\n',
    );
    expect(err).toBe(lines('web: Install Node (1/1)', 'web: set up'));
  });

  test('a secret that may be needed after a setup that runs already stops everything if it is missing', async () => {
    const fixture = fixtureOf({
      servers: [webServer({ authType: 'password' })],
      tasks: new Map([['tsk_9', task('tsk_9', 'srv_1')]]),
    });
    const { exit, err, sent } = await apply(fixture, yamlOf(web), { own: { environment: cli.environment } });
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toContain('The environment variable MODEL_KEY is not set.');
  });

  test('joins a setup that somebody started meanwhile', async () => {
    const other = task('tsk_9', 'srv_1');
    const fixture = fixtureOf({ servers: [webServer({ authType: 'password' })] });
    fixture.answers = {
      'POST /servers/:id/setup/run': () => {
        fixture.tasks.set(other.id, other);
        const problem = {
          error: 'A setup runs.',
          code: 'task_already_running',
          requestId: 'r',
          taskId: 'tsk_9',
        };
        return { status: 409, body: problem };
      },
    };
    const { exit, out } = await apply(fixture, yamlOf(web));
    expect(exit).toBe(0);
    expect(out).toContain('web     set up');
  });

  test('runs its own setup after one that it joined and that left something else', async () => {
    const fixture = fixtureOf({ servers: [webServer({ authType: 'password' })] });
    const others = ['tsk_8', 'tsk_9'];
    fixture.answers = {
      'POST /servers/:id/setup/run': () => {
        const taskId = others.shift();
        if (taskId === undefined) return undefined;
        fixture.tasks.set(taskId, task(taskId, 'srv_1'));
        const problem = { error: 'A setup runs.', code: 'task_already_running', requestId: 'r', taskId };
        return { status: 409, body: problem };
      },
      'GET /servers/:id/openclaw/status': () =>
        fixture.tasks.has('tsk_srv_1') ? undefined : { body: { ...read, status: bare } },
    };
    const { exit, keys, out } = await apply(fixture, yamlOf(web));
    expect({ exit, keys }).toEqual({ exit: 0, keys: Array(3).fill('POST /servers/:id/setup/run') });
    expect(out).toContain('web     set up');
  });

  test('sends no key to a server that was moved after the plan was shown', async () => {
    const fixture = fixtureOf({ servers: [webServer({ authType: 'password' })] });
    fixture.answers = {
      'GET /servers/:id': () => ({ body: { server: webServer({ host: 'evil.example' }) } }),
    };
    const { exit, out, sent } = await apply(fixture, yamlOf(web));
    expect({ exit, sent }).toEqual({ exit: 1, sent: [] });
    expect(out).toContain('Someone else changed its address, login or host key meanwhile');
  });

  test.each<[what: string, change: Partial<Server>, message: string]>([
    [
      'of another person at the same address',
      { owner: { id: '2', name: 'Bob', givenBy: null } },
      'web (srv_1) of Bob (2) has this name, so it is not clear which server is meant.',
    ],
    [
      'that somebody transferred to the caller',
      { host: 'other.example', owner: { id: '1', name: 'Anna', givenBy: 'Bob' } },
      'web (srv_1) of Anna (1), given by Bob has this name',
    ],
  ])('a name of a server %s is not taken for it', async (_what, change, message) => {
    const fixture = fixtureOf({ servers: [webServer(change)] });
    const { exit, out, sent } = await apply(fixture, yamlOf(web));
    expect({ exit, sent }).toEqual({ exit: 1, sent: [] });
    expect(out).toContain(message);
  });

  test('the id in the file chooses a server of somebody else, and renames it', async () => {
    const fixture = fixtureOf({
      servers: [
        webServer({
          name: 'old',
          role: 'admin',
          authType: 'password',
          owner: { id: '2', name: 'Bob', givenBy: null },
        }),
      ],
      statuses: new Map([['srv_1', status]]),
    });
    const { exit, out, sent } = await apply(fixture, yamlOf('{ id: srv_1, name: web, host: web.example }'));
    expect({ exit, sent }).toEqual({ exit: 0, sent: [['PUT /servers/:id', { name: 'web' }]] });
    expect(out).toContain('web     change  deploy@web.example, srv_1 of Bob (2); name: old → web\n');
  });

  test('a jump server of somebody else is shown with its id and owner, whichever way the file names it', async () => {
    const gate = webServer({ id: 'srv_9', name: 'gate', owner: { id: '2', name: 'Bob', givenBy: null } });
    const behind = (jump: string) => `{ name: db, host: db.example, jump: ${jump}, hostKey: ${HOST_KEY} }`;
    const byId = await apply(fixtureOf({ servers: [gate] }), yamlOf(behind('srv_9')), {
      words: ['--dry-run'],
    });
    expect(byId.out).toContain(
      'add, set up  deploy@db.example through gate (srv_9) of Bob (2); password from',
    );
    const inFile = yamlOf(behind('gate'), '{ id: srv_9, name: gate, host: web.example, setup: null }');
    const listed = await apply(fixtureOf({ servers: [gate] }), inFile, { words: ['--dry-run'] });
    expect(listed.out).toContain(
      'add, set up  deploy@db.example through gate (srv_9) of Bob (2); password from',
    );
    const there = webServer({ name: 'db', host: 'db.example', authType: 'password', jumpServerId: 'srv_9' });
    const kept = await apply(
      fixtureOf({ servers: [gate, there] }),
      yamlOf(`{ name: db, host: db.example, tags: [eu] }`),
      { words: ['--dry-run'] },
    );
    expect(kept.out).toContain('deploy@db.example through gate (srv_9) of Bob (2); tags: none → eu');
  });

  test('a server that does not answer is named, and the others are set up', async () => {
    const away = {
      error: 'The server is unreachable.',
      code: 'unreachable',
      requestId: 'r',
      hint: 'Test it.',
    };
    const fixture = fixtureOf({
      servers: [
        webServer({ authType: 'password' }),
        webServer({ id: 'srv_2', name: 'db', authType: 'password' }),
      ],
    });
    let reads = 0;
    fixture.answers = {
      'GET /servers/:id/openclaw/status': () => {
        reads += 1;
        return reads === 1 ? { status: 503, body: away } : { body: { ...read, status: bare } };
      },
    };
    const { exit, out, keys } = await apply(
      fixture,
      yamlOf('{ name: web, host: web.example }', '{ name: db, host: web.example }'),
    );
    expect(exit).toBe(1);
    expect(out).toContain('web     not possible  The server is unreachable. Test it.');
    expect(keys).toEqual(['POST /servers/:id/setup/run']);
    expect(out).toMatch(/Failed on 1 of 2 servers: web\.\n$/);
  });
});

describe('setup apply on a server that moves and whose host key Buoy does not know', () => {
  const unpinned = () => fixtureOf({ servers: [webServer({ hostKey: null, authType: 'password' })] });
  const moved = '{ name: web, host: 10.0.0.1, setup: null }';
  const showing = (): Fixture => ({
    ...unpinned(),
    answers: {
      'POST /servers/host-key': () => ({
        body: { hostKey: { algorithm: 'ssh-ed25519', fingerprint: HOST_KEY } },
      }),
    },
  });

  test('the key of the file goes with the secret, in one call', async () => {
    const { exit, sent } = await apply(
      unpinned(),
      yamlOf(`{ name: web, host: 10.0.0.1, setup: null, hostKey: ${HOST_KEY} }`),
    );
    expect(exit).toBe(0);
    const change = { host: '10.0.0.1', authType: 'password', password: PASSWORD, hostKey: HOST_KEY };
    expect(sent).toEqual([
      ['PUT /servers/:id', change],
      ['POST /servers/:id/test', undefined],
    ]);
  });

  test('the person is asked for the key, and it goes with the secret', async () => {
    const { exit, out, err, sent } = await apply(showing(), yamlOf(moved), {
      words: [],
      own: { canAsk: true, ask: async () => 'yes' },
    });
    expect(exit).toBe(0);
    expect(out).toContain('password from $WEB_PASSWORD; its host key is asked for');
    expect(err).toContain(`10.0.0.1:22 shows the host key ssh-ed25519 ${HOST_KEY}`);
    expect(sent.find(([key]) => key === 'PUT /servers/:id')?.[1]).toMatchObject({ hostKey: HOST_KEY });
  });

  test('nothing is changed when the person rejects the key', async () => {
    const answers = ['yes', 'no'];
    const { exit, out, keys } = await apply(showing(), yamlOf(moved), {
      words: [],
      own: { canAsk: true, ask: async () => answers.shift() ?? '' },
    });
    expect({ exit, keys }).toEqual({ exit: 1, keys: ['POST /servers/host-key'] });
    expect(out).toContain('It was not changed: its host key is not trusted.');
  });

  test('--yes is refused', async () => {
    const { exit, err, sent } = await apply(unpinned(), yamlOf(moved));
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toMatch(/^buoy: The file does not have the host key of web, and with --yes nobody is asked/);
  });
});

describe('the plan of setup apply', () => {
  const full = [
    `{ name: web, host: web.example, hostKey: ${HOST_KEY}, setup: {`,
    '  onboard: { provider: custom, providerId: own, baseUrl: "http://10.0.0.5/v1", model: qwen3,',
    '    compatibility: anthropic, apiKey: { env: MODEL_KEY } },',
    '  openclaw: { version: 2026.9.6 }, node: { version: "24" }, gateway: { port: 18790, bind: lan },',
    '  agent: { id: support, name: Support, emoji: 🦞, model: own/qwen3, message: "Read ~/.ssh and\\nreport\\u202e." },',
    '  channel: { type: telegram, account: work, botToken: { env: BOT_TOKEN } }, sudoPassword: { env: SUDO } } }',
  ].join('\n    ');
  const parts = [
    'Node 24; provider own with the key from $MODEL_KEY; at http://10.0.0.5/v1; API of anthropic; model qwen3;',
    'gateway port 18790; gateway address lan; bot token of work from $BOT_TOKEN; password for sudo from $SUDO;',
    'agent support; name of agent support: Support; emoji of agent support: 🦞; model of agent support: own/qwen3;',
    'message to agent support: "Read ~/.ssh and\\nreport\\u202e."',
  ].join(' ');

  test('shows all that a setup of a new server sends and makes', async () => {
    const { exit, out } = await apply(fixtureOf(), yamlOf(full), { words: ['--dry-run'] });
    expect(exit).toBe(0);
    expect(out).toContain(`host key ${HOST_KEY}; OpenClaw 2026.9.6; ${parts}\n`);
  });

  test('shows the same beside the changes of a gateway that is there, each once', async () => {
    const fixture = fixtureOf({
      servers: [webServer({ authType: 'password' })],
      statuses: new Map([['srv_1', status]]),
      answers: { 'GET /servers/:id/openclaw/agents': () => ({ body: { ...read, agents: [] } }) },
    });
    const { out } = await apply(fixture, yamlOf(full), { words: ['--dry-run'] });
    const changes =
      'port: 18789 → 18790; address: loopback → lan; provider: none → own; channel telegram (work): none → connected; agent support: none → made';
    const others = parts
      .replace('gateway port 18790; gateway address lan; ', '')
      .replace('agent support; ', '');
    expect(out).toContain(`web     set up  deploy@web.example; ${changes}; ${others}\n`);
  });

  test('shows the whole of a long message', async () => {
    const message = 'word '.repeat(700).trim();
    const yaml = yamlOf(
      `{ name: web, host: web.example, hostKey: ${HOST_KEY}, setup: { agent: { message: ${message} } } }`,
    );
    const { out } = await apply(fixtureOf(), yaml, { words: ['--dry-run'] });
    expect(out).toContain(`message to agent main: "${message}"\n`);
  });

  test('shows each hidden character that a setup sends, in a message and in what stands around it', async () => {
    const hidden = {
      message: 'Tidy up\u{e0072}\u{e006d}\u200b\u00a0\u2800.',
      emoji: '\u200d🦞',
      model: 'own/qwen3\u00a0',
    };
    const agent = JSON.stringify({ id: 'support', ...hidden });
    const onboard = JSON.stringify({
      provider: 'openai',
      model: 'gpt\u{e0041}',
      apiKey: { env: 'MODEL_KEY' },
    });
    const yaml = yamlOf(
      `{ name: web, host: web.example, hostKey: ${HOST_KEY}, setup: { onboard: ${onboard}, agent: ${agent} } }`,
    );
    const { exit, out } = await apply(fixtureOf(), yaml, { words: ['--dry-run'] });
    expect(exit).toBe(0);
    expect(out).toContain('model gpt\\u{e0041};');
    expect(out).toContain(
      'message to agent support: "Tidy up\\udb40\\udc72\\udb40\\udc6d\\u200b\\u00a0\\u2800."\n',
    );
    expect(out).toContain('emoji of agent support: \\u200d🦞;');
    expect(out).toContain('model of agent support: own/qwen3\\u00a0;');
  });

  test('shows where a link leads, and opens no file before the person says yes', async () => {
    symlinkSync(path.join(cli.folder, 'elsewhere'), path.join(cli.folder, 'link'));
    writeFileSync(path.join(cli.folder, 'elsewhere'), 'x');
    const yaml = yamlOf(
      `{ name: web, host: web.example, hostKey: ${HOST_KEY}, auth: { password: { file: link } } }`,
      `{ name: db, host: db.example, hostKey: ${HOST_KEY}, auth: { password: { file: . } } }`,
    );
    const asked = await apply(fixtureOf(), yaml, { words: [], own: { canAsk: true, ask: async () => 'no' } });
    expect(asked.err).toBe('buoy: Nothing was done.\n');
    expect(asked.out).toMatch(/password from file link \(which is \/.*\/elsewhere\);/);
    const going = await apply(fixtureOf(), yaml);
    expect({ exit: going.exit, sent: going.sent }).toEqual({ exit: 2, sent: [] });
    expect(going.err).toContain('The secret file . is not a regular file.');
  });
});

describe('setup apply of several servers', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (name) => `{ name: ${name}, host: ${name}.example, hostKey: ${HOST_KEY} }`,
  );

  test('runs four at a time, goes on when one fails, and names it with cause and fix', async () => {
    const fixture = fixtureOf({ ends: { b: { status: 'failed', error: sudoRefused } } });
    const { exit, out, err, keys } = await apply(fixture, yamlOf(...six));
    expect(exit).toBe(1);
    expect(keys.filter((key) => key === 'POST /servers/:id/setup/run')).toHaveLength(6);
    expect(out).toContain(
      'b       failed  The server refused sudo. Give the password. In the file: sudoPassword: { env: VARIABLE } in setup. Its output: buoy tasks output tsk_srv_b\n',
    );
    expect(out).toMatch(/Failed on 1 of 6 servers: b\.\n$/);
    expect(err).toContain('b: failed: The server refused sudo.\n');
    const [again] = [await apply({ ...fixture, ends: {} }, yamlOf(...six))];
    expect(again?.keys.filter((key) => key === 'POST /servers/:id/setup/run')).toHaveLength(1);
  });

  test('prints only the outcomes with --json, and the names with -o name', async () => {
    const fixture = fixtureOf();
    const json = await apply(fixture, yamlOf(web), { words: ['--yes', '--json'] });
    expect({ exit: json.exit, err: json.err, answer: JSON.parse(json.out) }).toEqual({
      ...{ exit: 0, err: '' },
      answer: {
        servers: [{ id: 'srv_web', name: 'web', result: 'set_up', taskId: 'tsk_srv_web', error: null }],
      },
    });
    expect((await apply(fixtureOf(), yamlOf(web), { words: ['--yes', '-o', 'name'] })).out).toBe('web\n');
  });

  test('redraws one line per server on a terminal, and keeps the line of its end', async () => {
    const { err } = await apply(fixtureOf(), yamlOf(web), { own: { isErrTty: true, columns: 40 } });
    expect(err).toBe(
      [
        'web: testing the connection\n',
        '\x1b[1A\x1b[Jweb: Install Node (1/1)\n',
        '\x1b[1A\x1b[Jweb: set up\n',
      ].join(''),
    );
  });

  test('Ctrl-C stops the display, names the tasks that go on, and how to continue', async () => {
    const interrupted = new AbortController();
    const fixture = fixtureOf({
      answers: {
        'GET /tasks/:id/events': () => {
          interrupted.abort();
          return { events: [] };
        },
      },
    });
    const { exit, err, out } = await apply(fixture, yamlOf(web), { own: { signal: interrupted.signal } });
    expect(exit).toBe(130);
    expect(out).not.toContain('RESULT');
    expect(err).toContain('web: buoy tasks watch tsk_srv_web\n');
    expect(err).toMatch(
      /buoy: Stopped watching; these setups continue\.\n {2}Go on with the file: buoy setup apply -f servers\.yaml\n$/,
    );
  });
});
