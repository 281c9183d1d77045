// What `buoy setup run` and its single steps send and print, and where they take keys and passwords from.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EndpointKey, OpenclawStatus } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const step = (status: string) => ({
  ...{ id: 'install-node', title: 'Install Node', status, startedAt: at, finishedAt: null },
  ...{ detail: null, outputTail: '' },
});
const task = (change: object = {}) => ({
  ...{ id: 'tsk_1', type: 'setup', serverId: 'srv_1', status: 'succeeded', steps: [], progress: 1 },
  ...{ result: null, error: null, createdBy: '1', createdAt: at, startedAt: at, finishedAt: at },
  ...change,
});
const sudoRefused = task({
  status: 'failed',
  error: { code: 'sudo_refused', message: 'The server refused sudo.', hint: 'Enter the password.' },
});

/** Runs a command; `tasks` are what the calls that start a task answer, one after another. */
async function setup(line: string, own: Partial<Terminal> = {}, tasks: object[] = [task()]) {
  const sent: Array<[EndpointKey, unknown]> = [];
  const questions: string[] = [];
  const { fetch } = scriptedBuoy((key, _calls, { body }): ScriptedAnswer => {
    if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    if (key === 'GET /tasks/:id/events')
      return {
        events: [
          ['step', step('skipped')],
          ['task', task({ steps: [step('skipped')] })],
        ],
      };
    const started = tasks[sent.length];
    sent.push([key, body]);
    return { status: 202, body: { task: started } };
  });
  const { ask } = own;
  const ran = await cli.buoy(['setup', ...line.split(' ')], {
    ...own,
    ...(ask === undefined
      ? {}
      : {
          ask: (question, options) => {
            questions.push(`${question}${options?.secret ? '(hidden)' : ''}`);
            return ask(question, options);
          },
        }),
    fetch,
  });
  return { ...ran, sent, questions };
}

const answering = (...answers: string[]): Partial<Terminal> => ({
  canAsk: true,
  ask: async () => answers.shift() ?? '',
});
const piped = (text: string): Partial<Terminal> => ({ readStdin: async () => text });
const defaults = {
  ...{ node: { version: '24' }, openclaw: { version: 'latest' } },
  gateway: { port: 18_789, bind: 'loopback' },
  agent: { id: 'main' },
};
const status: OpenclawStatus = {
  ...{ installed: true, version: '2026.9.6', channels: [], agents: 1, sessions: 0, disk: null, memory: null },
  gateway: {
    ...{ state: 'running', ready: true, pid: 10, uptimeS: 60, port: 18_800, bind: 'loopback' },
    ...{ authMode: 'token', rssBytes: null },
  },
  service: {
    ...{ manager: 'systemd-user', unit: 'openclaw-gateway.service', activeState: 'active' },
    ...{ result: 'success', restarts: 0, startLimitHit: false },
  },
  update: { current: '2026.9.6', latest: null, behind: null },
};
const onboarding = { providerId: 'custom', compatibility: 'openai' };

describe('setup run', () => {
  test('asks for the key without showing it, sends it, and prints that the task succeeded', async () => {
    const { exit, out, sent, questions } = await setup('run web --provider anthropic', answering('sk-1'));
    expect({ exit, out }).toEqual({ exit: 0, out: 'setup succeeded.\n' });
    expect(questions).toEqual(['Key for anthropic: (hidden)']);
    expect(sent).toEqual([
      [
        'POST /servers/:id/setup/run',
        { ...defaults, onboard: { ...onboarding, provider: 'anthropic', apiKey: 'sk-1' } },
      ],
    ]);
  });

  test('sends versions, port, model and address', async () => {
    const { exit, sent } = await setup(
      'run web --provider custom --provider-id fake --base-url http://10.0.0.1/v1 --model fake-1 --compatibility anthropic --port 18790 --node-version 24.21.0 --openclaw-version 2026.9.6',
    );
    expect(exit).toBe(0);
    expect(sent[0]?.[1]).toEqual({
      ...{ node: { version: '24.21.0' }, openclaw: { version: '2026.9.6' } },
      gateway: { port: 18_790, bind: 'loopback' },
      agent: { id: 'main' },
      onboard: {
        ...{ provider: 'custom', providerId: 'fake', baseUrl: 'http://10.0.0.1/v1', model: 'fake-1' },
        compatibility: 'anthropic',
      },
    });
  });

  test.each<[string, Partial<Terminal>]>([
    ['--key-stdin', piped('sk-1\n')],
    ['--key-env MY_KEY', { environment: { MY_KEY: 'sk-1' } }],
  ])('takes the key from %s', async (option, own) => {
    const environment = { ...cli.environment, ...own.environment };
    const { exit, sent } = await setup(`run web --provider openai ${option}`, { ...own, environment });
    expect(exit).toBe(0);
    expect(sent[0]?.[1]).toMatchObject({ onboard: { provider: 'openai', apiKey: 'sk-1' } });
  });

  test.each([
    ['run web', 'Which model provider?'],
    ['run web --provider anthropic', '--provider anthropic needs a key.'],
    ['run web --provider anthropic --key-env NOT_SET', 'The environment variable NOT_SET is not set.'],
    ['run web --provider anthropic --key-env A --key-stdin', '--key-stdin and --key-env do not go together.'],
    ['run web --provider anthropic --key-stdin', 'Key for anthropic is missing.'],
    ['run web --provider anthropic --key-stdin --sudo-stdin', 'Standard input holds one secret'],
    ['run web --provider skip --key-stdin', '--provider skip takes no key.'],
    ['run web --provider custom --model m', '--provider custom needs --base-url and --model.'],
    ['run web --provider skip --compatibility none', '--compatibility takes one of openai, anthropic'],
    ['run web --provider skip --port 0', '--port takes a whole number'],
    ['run web --provider anthropic --key sk-1', '--key is not an option'],
    ['service web --manager none', '--manager takes one of'],
  ])('refuses %s', async (line, message) => {
    const { exit, err, sent } = await setup(line);
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toContain(message);
  });

  test('follows the steps of the task until it ends', async () => {
    const running = task({ status: 'running', finishedAt: null, steps: [step('running')] });
    const { exit, out, err } = await setup('run web --provider skip', {}, [running]);
    expect({ exit, out }).toEqual({ exit: 0, out: 'setup succeeded.\n' });
    expect(err).toMatch(/^… Install Node\n- Install Node\n/);
  });

  test('prints the id of the task with --no-wait, and the task with --json', async () => {
    const running = task({ status: 'running', finishedAt: null });
    const { out } = await setup('run web --provider skip --no-wait', {}, [running]);
    expect(out).toBe('Started. Follow it: buoy tasks watch tsk_1\n');
    const json = await setup('run web --provider skip --json');
    expect(JSON.parse(json.out)).toEqual({ task: task() });
  });
});

describe('the password for sudo', () => {
  test('is asked for when the server refuses sudo, and the setup starts again with it', async () => {
    const { exit, out, err, sent, questions } = await setup(
      'run web --provider skip',
      answering('of deploy'),
      [sudoRefused, task()],
    );
    expect({ exit, out }).toEqual({ exit: 0, out: 'setup succeeded.\n' });
    expect(err).toContain('The server refused sudo.');
    expect(questions).toEqual(['Password for sudo on web: (hidden)']);
    const onboard = { ...onboarding, provider: 'skip' };
    expect(sent.map(([, body]) => body)).toEqual([
      { ...defaults, onboard },
      { ...defaults, onboard, sudoPassword: 'of deploy' },
    ]);
  });

  test('fails the setup with the fix when there is no terminal to ask on, or nothing was typed', async () => {
    const failed = { exit: 1, out: 'setup failed: The server refused sudo.\nEnter the password.\n' };
    for (const own of [{}, answering('')]) {
      const { exit, out, sent } = await setup('run web --provider skip', own, [sudoRefused]);
      expect({ exit, out }).toEqual(failed);
      expect(sent).toHaveLength(1);
    }
  });

  test('is read from standard input with --sudo-stdin, and not asked for again', async () => {
    const own = { ...piped('of deploy\n') };
    const { exit, sent } = await setup('service web --manager systemd-system --sudo-stdin', own, [
      sudoRefused,
    ]);
    expect(exit).toBe(1);
    expect(sent).toEqual([
      ['POST /servers/:id/setup/systemd', { manager: 'systemd-system', sudoPassword: 'of deploy' }],
    ]);
  });
});

describe('scripts of a setup', () => {
  async function previewed(line: string, own: Partial<Terminal> = {}) {
    const sent: Array<[EndpointKey, unknown]> = [];
    const { fetch } = scriptedBuoy((key, _calls, { body }): ScriptedAnswer => {
      if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
      sent.push([key, body]);
      const ids = key.includes('/run/') ? ['install-node', 'onboard'] : ['install-openclaw'];
      return {
        body: { scripts: ids.map((id) => ({ stepId: id, title: `Do ${id}`, script: `echo ${id}` })) },
      };
    });
    return { ...(await cli.buoy(['setup', ...line.split(' ')], { ...own, fetch })), sent };
  }

  test('of a step goes alone to standard output, and starts nothing', async () => {
    const { out, sent } = await previewed('openclaw web --preview');
    expect(out).toBe('echo install-openclaw\n');
    expect(sent).toEqual([['POST /servers/:id/setup/install-openclaw/preview', { version: 'latest' }]]);
  });

  test('of a whole setup are shown by step, without asking for a key', async () => {
    const { out, sent } = await previewed('run web --provider anthropic --preview');
    expect(out).toBe(
      '# install-node: Do install-node\necho install-node\n\n# onboard: Do onboard\necho onboard\n\n',
    );
    expect(sent.map(([key]) => key)).toEqual(['POST /servers/:id/setup/run/preview']);
  });
});

describe('an edited script', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-script-'));
    writeFileSync(path.join(folder, 'own.sh'), 'echo mine\n');
    writeFileSync(path.join(folder, 'long.sh'), 'x'.repeat(65_537));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['node web', 'POST /servers/:id/setup/install-node'],
    ['openclaw web', 'POST /servers/:id/setup/install-openclaw'],
    ['onboard web --provider skip', 'POST /servers/:id/setup/onboard'],
    ['service web', 'POST /servers/:id/setup/systemd'],
  ])('is sent by setup %s --script', async (line, key) => {
    const { exit, sent } = await setup(`${line} --script ${folder}/own.sh`);
    expect(exit).toBe(0);
    expect(sent).toEqual([[key, expect.objectContaining({ script: 'echo mine\n' })]]);
  });

  test.each([
    ['own.sh --preview', 2, '--script and --preview do not go together.'],
    ['none.sh', 1, 'none.sh does not exist.'],
    ['long.sh', 1, 'long.sh is larger than 64 KiB.'],
  ])('is refused as %s', async (words, code, message) => {
    const { exit, err, sent } = await setup(`node web --script ${folder}/${words}`);
    expect({ exit, sent }).toEqual({ exit: code, sent: [] });
    expect(err).toContain(message);
  });
});

describe('setup gateway', () => {
  /** The gateway listens on port 18800; `refusals` calls are refused for sudo first. */
  async function gateway(line: string, own: Partial<Terminal> = {}, refusals = 0) {
    const sent: unknown[] = [];
    const { fetch } = scriptedBuoy((key, _calls, { body }): ScriptedAnswer => {
      if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
      if (key === 'GET /servers/:id/openclaw/status') return { body: { ...read, status } };
      sent.push(body);
      if (sent.length <= refusals)
        return { status: 422, body: { error: 'The server refused sudo.', code: 'sudo_refused' } };
      const { port } = body as { port: number };
      return {
        body: { gateway: { port, bind: 'loopback', authMode: 'token' }, restarted: true },
      };
    });
    return { ...(await cli.buoy(['setup', 'gateway', 'web', ...line.split(' ')], { ...own, fetch })), sent };
  }

  test('keeps port and address that are not given', async () => {
    const { out, sent } = await gateway('--rotate-token');
    expect(out).toBe('The gateway listens on port 18800 (loopback).\nIt was restarted.\n');
    expect(sent).toEqual([{ port: 18_800, bind: 'loopback', rotateToken: true }]);
  });

  test('asks for the password for sudo once it is refused, and sends the change again with it', async () => {
    const { exit, sent } = await gateway('--port 18790', answering('of deploy'), 1);
    expect(exit).toBe(0);
    const change = { port: 18_790, bind: 'loopback', rotateToken: false };
    expect(sent).toEqual([change, { ...change, sudoPassword: 'of deploy' }]);
  });

  test('fails for a refused sudo without a terminal', async () => {
    expect((await gateway('--port 18790', {}, 1)).exit).toBe(1);
  });
});

test.each<[line: string, key: EndpointKey, body: object]>([
  ['node web', 'POST /servers/:id/setup/install-node', { version: '24' }],
  ['node web --node-version 26', 'POST /servers/:id/setup/install-node', { version: '26' }],
  [
    'openclaw web --openclaw-version 2026.9.6',
    'POST /servers/:id/setup/install-openclaw',
    { version: '2026.9.6' },
  ],
  [
    'onboard web --provider ollama --model llama',
    'POST /servers/:id/setup/onboard',
    { ...onboarding, provider: 'ollama', model: 'llama' },
  ],
  ['service web --port 18790', 'POST /servers/:id/setup/systemd', { manager: 'auto', port: 18_790 }],
])('setup %s starts that step alone', async (line, key, body) => {
  const { exit, sent } = await setup(line);
  expect({ exit, sent }).toEqual({ exit: 0, sent: [[key, body]] });
});
