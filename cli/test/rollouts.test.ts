// Rollouts: usage errors and an empty list against a real Buoy; plans and progress against a scripted one.
import type { EndpointKey, Rollout, RolloutServer, RolloutStatus } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';
import { at, type ScriptedAnswer, type ScriptedCall, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

describe('against a real Buoy', () => {
  let fixture: CliFixture;
  beforeAll(async () => {
    fixture = await startCliFixture();
  });
  afterAll(() => fixture.close());

  test('rollouts start --dry-run prints the plan and starts nothing', async () => {
    expect(await fixture.buoy(['rollouts', 'list'])).toEqual({ exit: 0, out: '', err: 'No rollouts.\n' });
    // Nothing listens on port 1 of this machine.
    await fixture.buoy(['servers', 'add', 'deploy@127.0.0.1:1', '--name', 'away', '--password'], {
      readStdin: () => Promise.resolve('one-of-the-tests\n'),
    });
    const start = ['rollouts', 'start', 'away', '--openclaw-version', '2026.9.6'];
    expect(await fixture.buoy([...start, '--dry-run'])).toEqual({
      exit: 0,
      out: lines('WAVE  SERVER  FROM  TO        STATUS', '1     away    -     2026.9.6  pending'),
      err: 'This is the plan; nothing was started.\n',
    });
    expect(await fixture.buoy(start)).toMatchObject({
      exit: 2,
      err: 'buoy: Update OpenClaw on 1 server to 2026.9.6, in 1 wave? Each gateway is down for about a minute. There is no terminal to ask on.\n  Add --yes to go ahead.\n',
    });
    expect((await fixture.buoy(['rollouts', 'list'])).err).toBe('No rollouts.\n');
  });

  test.each(['show', 'pause', 'resume', 'cancel'])('rollouts %s of an unknown id says so', async (verb) => {
    expect(await fixture.buoy(['rollouts', verb, 'rol_none'])).toEqual({
      exit: 1,
      out: '',
      err: 'buoy: There is no rollout "rol_none" that you can see.\n  List them: buoy rollouts list\n',
    });
  });

  test.each([
    [['start'], 'buoy: Which servers? Give their names, or --tag TAG.\n  List them: buoy servers list\n'],
    [['start', 'web', '--tag', 'prod'], 'buoy: SERVER and --tag do not go together.\n'],
    [
      ['start', '--tag', 'prod', '--canary', '101'],
      'buoy: --canary takes a whole number from 0 to 100, not "101".\n',
    ],
    [['start', '--tag', 'prod', '--pause', '2d'], 'buoy: --pause takes at most 1d, not "2d".\n'],
    [['show', ' '], 'buoy: Which rollout? The id is empty.\n  List them: buoy rollouts list\n'],
  ])('rollouts %j exits with 2', async (words, err) => {
    expect(await fixture.buoy(['rollouts', ...words])).toEqual({ exit: 2, out: '', err });
  });

  test('rollouts --help lists the commands', async () => {
    const { exit, out } = await fixture.buoy(['rollouts', '--help']);
    expect(exit).toBe(0);
    for (const verb of ['list', 'start', 'show', 'pause', 'resume', 'cancel'])
      expect(out).toContain(`  rollouts ${verb} `);
  });
});

describe('against a scripted Buoy', () => {
  let cli: TestCli;
  beforeAll(() => {
    cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
  });
  afterAll(() => cli.close());

  const web: RolloutServer = {
    ...{ serverId: 'srv_1', name: 'web', from: '2026.8.1', to: '2026.9.6', status: 'pending' },
    ...{ taskId: null, error: null },
  };
  const db: RolloutServer = { ...web, serverId: 'srv_2', name: 'd\x1b[2Jb\nup', from: null };
  const failed: RolloutServer = {
    ...{ ...db, status: 'rolled_back', taskId: 'tsk_1' },
    error: { code: 'step_failed', message: 'The gateway\x1b[8m crashed.\nTwice.', hint: 'See its log.' },
  };
  const rollout = (status: RolloutStatus, ...waves: RolloutServer[][]): Rollout => ({
    ...{ id: status === 'planned' ? null : 'rol_1', component: 'openclaw', version: '2026.9.6', status },
    ...{ waves, nextWaveAt: null, createdBy: '1', createdAt: at, finishedAt: null },
  });

  /** Runs a command with the API answers. */
  function buoy(
    line: string,
    answers: Partial<Record<EndpointKey, (call: ScriptedCall) => ScriptedAnswer>>,
    own: Partial<Terminal> = {},
  ) {
    const { fetch } = scriptedBuoy((key, _calls, call) => {
      const answer = answers[key];
      if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
      return answer(call);
    });
    return cli.buoy(line.split(' '), { fetch, now: () => Date.parse('2026-03-01T10:05:00Z'), ...own });
  }
  const planned = rollout('planned', [web], [db]);
  const started = rollout('running', [{ ...web, status: 'running' }], [db]);
  const starting = (bodies: unknown[] = []) => ({
    'POST /rollouts': ({ body }: ScriptedCall) => {
      bodies.push(body);
      return { body: { rollout: (body as { dryRun: boolean }).dryRun ? planned : started } };
    },
  });

  test('rollouts start shows the plan, starts exactly that, and prints each change', async () => {
    const bodies: unknown[] = [];
    const updated: RolloutServer = { ...web, status: 'updated' };
    const later = [
      started,
      { ...rollout('running', [updated], [db]), nextWaveAt: '2026-03-01T10:15:00.000Z' },
      rollout('stopped', [updated], [failed]),
    ];
    const waits: number[] = [];
    const ran = await buoy(
      'rollouts start --tag prod --wave-size 2 --pause 10m --yes',
      {
        ...starting(bodies),
        'GET /rollouts/:id': () => ({ body: { rollout: later.shift() } }),
      },
      { pause: async (ms) => void waits.push(ms) },
    );
    const options = { component: 'openclaw', canary: 1, waveSize: 2, pauseS: 600 };
    expect(bodies).toEqual([
      { ...options, tag: 'prod', version: 'latest', dryRun: true },
      { ...options, serverIds: ['srv_1', 'srv_2'], version: '2026.9.6', dryRun: false },
    ]);
    expect(ran).toEqual({
      exit: 1,
      out: lines(
        'WAVE  SERVER  FROM      TO        STATUS',
        '1     web     2026.8.1  2026.9.6  pending',
        '2     db up   -         2026.9.6  pending',
        'The rollout has stopped: 1/2 updated, 1 rolled back.',
      ),
      err: lines(
        'Started rollout rol_1.',
        'web: 2026.8.1 → 2026.9.6, running',
        'web: 2026.8.1 → 2026.9.6, updated',
        'The next wave starts at 2026-03-01T10:15:00.000Z.',
        'db up: unknown → 2026.9.6, rolled back',
        '  The gateway crashed.',
        '  Twice.',
        '  See its log.',
        '  Its task: buoy tasks show tsk_1',
        'Go on: buoy rollouts resume rol_1; without the failed servers: buoy rollouts resume rol_1 --skip-failed',
      ),
    });
    expect(waits).toEqual([2_000, 2_000, 2_000]);
  });

  test('rollouts start --json prints only the rollout, and exits with 0 if it succeeded', async () => {
    const succeeded = rollout('succeeded', [{ ...web, status: 'updated' }], [{ ...db, status: 'updated' }]);
    const { exit, out, err } = await buoy('rollouts start --tag prod --yes --json', {
      ...starting(),
      'GET /rollouts/:id': () => ({ body: { rollout: succeeded } }),
    });
    expect({ exit, err, answer: JSON.parse(out) }).toEqual({
      exit: 0,
      err: '',
      answer: { rollout: succeeded },
    });
  });

  test('rollouts start: Ctrl-C stops the display, not the rollout', async () => {
    const interrupted = new AbortController();
    const { exit, err } = await buoy('rollouts start --tag prod --yes', starting(), {
      signal: interrupted.signal,
      pause: async () => interrupted.abort(),
    });
    expect(exit).toBe(130);
    expect(err).toMatch(
      /buoy: Stopped watching; the rollout continues\.\n {2}Watch it again: buoy rollouts show rol_1 --watch\n$/,
    );
  });

  test('rollouts start of named servers asks, and starts nothing when the answer is no', async () => {
    const bodies: unknown[] = [];
    const { exit, err } = await buoy(
      'rollouts start web srv_1',
      { ...starting(bodies), 'GET /servers': () => ({ body: { servers: [server], nextCursor: null } }) },
      { canAsk: true, ask: async () => 'no' },
    );
    expect({ exit, err }).toEqual({ exit: 1, err: 'buoy: Nothing was done.\n' });
    expect(bodies).toMatchObject([{ serverIds: ['srv_1'], dryRun: true }]);
  });

  test('rollouts list shows the progress, and -o name prints the ids', async () => {
    const rollouts = [rollout('paused', [{ ...web, status: 'updated' }], [failed], [web])];
    const answers = { 'GET /rollouts': () => ({ body: { rollouts, nextCursor: null } }) };
    expect((await buoy('rollouts list', answers)).out).toBe(
      lines(
        'ROLLOUT  VERSION   STATUS  PROGRESS                    CREATED',
        'rol_1    2026.9.6  paused  1/3 updated, 1 rolled back  5 min ago',
      ),
    );
    expect((await buoy('rollouts list -o name', answers)).out).toBe('rol_1\n');
    const { fetch } = scriptedBuoy(answers['GET /rollouts']);
    const completed = await cli.buoy(['__complete', '--', 'rollouts', 'show', ''], { fetch });
    expect(completed.out).toBe('rol_1\t2026.9.6, paused\n');
  });

  test('rollouts resume sends --skip-failed and prints how to watch it', async () => {
    const bodies: unknown[] = [];
    const ran = await buoy('rollouts resume rol_1 --skip-failed', {
      'POST /rollouts/:id/resume': ({ body }) => {
        bodies.push(body);
        return { body: { rollout: started } };
      },
    });
    expect(bodies).toEqual([{ skipFailed: true }]);
    expect(ran).toEqual({
      exit: 0,
      out: 'The rollout is running: 0/2 updated, 1 running.\n',
      err: 'Watch it: buoy rollouts show rol_1 --watch\n',
    });
  });
});
