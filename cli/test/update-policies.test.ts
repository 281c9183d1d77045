// Update policies: set, shown and removed at a real Buoy; what updates and rollouts say about them, against a scripted one.
import type { EffectivePolicy, EndpointKey, Rollout, RolloutServer } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
  beforeEach(async () => {
    for (const { tag } of JSON.parse((await policies('list', '--json')).out).policies)
      await policies('remove', tag, '--yes');
  });

  const policies = (...words: string[]) => fixture.buoy(['update-policies', ...words]);
  const always = ['--window', '00:00-00:00', '--timezone', 'UTC'];

  test('set pins a version and a window, and keeps what is not typed', async () => {
    expect(await policies('set', 'prod', '--pin', '2026.9.1')).toEqual({
      exit: 0,
      out: lines('Tag:     prod', 'Pinned:  2026.9.1', 'Window:  at any time', 'Opens:   -'),
      err: '',
    });
    expect((await policies('set', 'prod', ...always)).out).toBe(
      lines('Tag:     prod', 'Pinned:  2026.9.1', 'Window:  every day 00:00-00:00 UTC', 'Opens:   open now'),
    );
    await policies('set', 'prod', '--days', 'fri-mon,wed');
    await policies('set', 'prod', '--timezone', 'Asia/Tokyo', '--no-pin');
    expect((await policies('show', 'prod')).out).toContain(
      lines('Pinned:  to no version', 'Window:  mon,wed,fri-sun 00:00-00:00 Asia/Tokyo'),
    );
    expect((await policies('set', 'prod', '--no-window')).out).toContain('Window:  at any time');
  });

  test('list shows a table, and -o name prints the tags', async () => {
    expect(await policies('list')).toEqual({ exit: 0, out: '', err: 'No update policies.\n' });
    await policies('set', 'prod', '--pin', '2026.9.1');
    expect((await policies('list', '-o', 'name')).out).toBe('prod\n');
    await policies('set', 'web farm', ...always);
    expect((await policies('list')).out).toBe(
      lines(
        'TAG       PINNED    WINDOW                     OPENS',
        'prod      2026.9.1  -                          -',
        'web farm  -         every day 00:00-00:00 UTC  open now',
      ),
    );
  });

  test('remove asks, and says what ends', async () => {
    await policies('set', 'prod', '--pin', '2026.9.1');
    expect(await policies('remove', 'prod')).toMatchObject({
      exit: 2,
      err: lines(
        'buoy: Remove the update policy for the tag "prod" (pinned to 2026.9.1)? There is no terminal to ask on.',
        '  Add --yes to go ahead.',
      ),
    });
    expect(await policies('remove', 'prod', '--yes')).toMatchObject({
      exit: 0,
      out: 'Removed the update policy for the tag "prod".\n',
    });
  });

  test.each(['show', 'remove'])('%s of a tag without a policy says so', async (verb) => {
    expect(await policies(verb, 'prod')).toEqual({
      ...{ exit: 1, out: '' },
      err: 'buoy: You have no update policy for the tag "prod".\n  List them: buoy update-policies list\n',
    });
  });

  test.each([
    [['prod'], 'Nothing to change.'],
    [['prod', '--pin', '2026.9.1', '--no-pin'], '--pin and --no-pin do not go together.'],
    [['prod', '--window', '22-4'], '--window takes times such as 22:00-04:00, not "22-4".'],
    [['prod', '--window', '22:00-04:00'], 'In which time zone? Add --timezone ZONE, as in Europe/Berlin.'],
    [['prod', '--days', 'mon'], 'At which times? Add --window FROM-TO, as in 22:00-04:00.'],
    [['prod', ...always, '--days', 'mo'], '--days takes days such as mon-fri or sat,sun, not "mo".'],
    [
      ['prod', '--no-window', '--days', 'mon'],
      '--no-window does not go with --window, --days and --timezone.',
    ],
    [[' ', '--no-pin'], 'Which tag? It is empty.'],
  ])('set %j exits with 2', async (words, message) => {
    const { exit, err } = await policies('set', ...words);
    expect(exit).toBe(2);
    expect(err).toContain(`buoy: ${message}\n`);
  });

  test('a zone that is none is refused in the words of the server', async () => {
    const { exit, err } = await policies('set', 'prod', '--window', '22:00-04:00', '--timezone', 'Mars');
    expect(exit).toBe(1);
    expect(err).toContain('must be a time zone such as Europe/Berlin');
  });
});

describe('against a scripted Buoy', () => {
  let cli: TestCli;
  beforeAll(() => {
    cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
  });
  afterAll(() => cli.close());

  function buoy(
    line: string,
    answers: Partial<Record<EndpointKey, (call: ScriptedCall) => ScriptedAnswer>>,
    own: Partial<Terminal> = {},
  ) {
    const { fetch, calls } = scriptedBuoy((key, _calls, call) => {
      if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
      const answer = answers[key];
      if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
      return answer(call);
    });
    return cli.buoy(line.split(' '), { fetch, ...own }).then((ran) => ({ ...ran, calls }));
  }

  const open: EffectivePolicy = { pins: [], windowTags: [], isOpen: true, opensAt: null };
  const updates = (policy: EffectivePolicy, pinned: string | null, behind: boolean | null) => ({
    'GET /servers/:id/setup/check-updates': () => ({
      body: {
        components: [
          { component: 'openclaw', current: '2026.8.3', latest: '2026.9.6', behind, pinned, changes: null },
        ],
        ...{ policy, observedAt: at },
      },
    }),
  });

  test('openclaw updates shows the pin, and until when the window is closed', async () => {
    const policy = {
      pins: [{ tag: 'prod', version: '2026.9.1' }],
      ...{ windowTags: ['prod'], isOpen: false, opensAt: '2026-03-01T22:00:00.000Z' },
    };
    const { out, err } = await buoy('openclaw updates web', updates(policy, '2026.9.1', true));
    expect(out).toContain('OpenClaw   2026.8.3   2026.9.6  pinned to 2026.9.1, which is newer');
    expect(err).toBe(
      'The update window of this server (tag "prod") is closed until 2026-03-01T22:00:00.000Z.\n',
    );
  });

  test('openclaw updates names the tags whose pins differ', async () => {
    const pins = [
      { tag: 'eu', version: '2026.9.1' },
      { tag: 'prod', version: '2026.9.6' },
    ];
    const { err } = await buoy('openclaw updates web', updates({ ...open, pins }, null, null));
    expect(err).toBe(
      'Tags of this server pin different versions, so no update starts: "eu" to 2026.9.1, "prod" to 2026.9.6.\n',
    );
  });

  test('openclaw update says that the window is closed before it asks, and names the pin', async () => {
    const questions: string[] = [];
    const policy = { ...open, windowTags: ['prod'], isOpen: false, opensAt: '2026-03-01T22:00:00.000Z' };
    const { exit, err } = await buoy('openclaw update web', updates(policy, '2026.9.1', true), {
      canAsk: true,
      async ask(question) {
        questions.push(question);
        return 'no';
      },
    });
    expect(questions).toEqual([
      'Update OpenClaw on web to 2026.9.1? Its gateway is down for about a minute. [y/N] ',
    ]);
    expect({ exit, err }).toEqual({
      exit: 1,
      err: lines(
        'The update window of this server (tag "prod") is closed until 2026-03-01T22:00:00.000Z.',
        'buoy: Nothing was done.',
      ),
    });
  });

  test('openclaw update asks as well when the server cannot be reached', async () => {
    const { err } = await buoy(
      'openclaw update web',
      {
        'GET /servers/:id/setup/check-updates': () => ({
          status: 503,
          body: { error: 'The server is away.', code: 'unreachable', requestId: 'r' },
        }),
      },
      { canAsk: true, ask: async () => 'no' },
    );
    expect(err).toBe('buoy: Nothing was done.\n');
  });

  const web: RolloutServer = {
    ...{ serverId: 'srv_1', name: 'web', from: '2026.8.1', to: '2026.9.6', status: 'pending' },
    ...{ taskId: null, error: null },
  };
  const db: RolloutServer = { ...web, serverId: 'srv_2', name: 'db', to: '2026.9.1' };
  const rollout: Rollout = {
    ...{ id: null, component: 'openclaw', version: '2026.9.6', status: 'planned', waves: [[web, db]] },
    ...{ nextWaveAt: '2026-03-01T22:00:00.000Z', createdBy: '1', createdAt: at, finishedAt: null },
  };

  test('rollouts start of servers with different pins asks for the latest again, and says when it starts', async () => {
    const bodies: Array<Record<string, unknown>> = [];
    const questions: string[] = [];
    const { err } = await buoy(
      'rollouts start --tag prod --no-wait',
      {
        'POST /rollouts': ({ body }) => {
          bodies.push(body as Record<string, unknown>);
          const { dryRun: isPlan } = body as { dryRun: boolean };
          return { body: { rollout: { ...rollout, ...(isPlan ? {} : { id: 'rol_1', status: 'running' }) } } };
        },
      },
      {
        canAsk: true,
        async ask(question) {
          questions.push(question);
          return 'yes';
        },
      },
    );
    const shown = { version: 'latest', serverIds: ['srv_1', 'srv_2'] };
    expect(bodies.slice(1)).toMatchObject([
      { ...shown, dryRun: true },
      { ...shown, dryRun: false },
    ]);
    expect(questions).toEqual([
      'Update OpenClaw on 2 servers to the versions above, in 1 wave? Each gateway is down for about a minute. [y/N] ',
    ]);
    expect(err).toContain(
      'The update window is closed: the first update starts at 2026-03-01T22:00:00.000Z.\n',
    );
  });

  test('rollouts start of servers with different pins starts nothing if a version has changed since the plan', async () => {
    const plans = [[[web, db]], [[web, { ...db, to: '2026.9.2' }]]];
    const { exit, err, calls } = await buoy('rollouts start --tag prod --yes', {
      'POST /rollouts': ({ body }) => {
        expect(body).toMatchObject({ dryRun: true });
        return { body: { rollout: { ...rollout, waves: plans.shift() ?? [] } } };
      },
    });
    expect({ exit, calls }).toEqual({ exit: 1, calls: ['POST /rollouts', 'POST /rollouts'] });
    expect(err).toContain('buoy: The versions have changed since the plan was shown; nothing was started.');
  });
});
