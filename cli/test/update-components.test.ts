// What `buoy openclaw update` sends for each component, and what it says before it asks.
import type { EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const task = (change: object = {}) => ({
  ...{
    id: 'tsk_1',
    type: 'update-component',
    serverId: 'srv_1',
    status: 'succeeded',
    steps: [],
    progress: 1,
  },
  ...{ result: null, error: null, createdBy: '1', createdAt: at, startedAt: at, finishedAt: at },
  ...change,
});
const sudoRefused = task({
  status: 'failed',
  error: { code: 'sudo_refused', message: 'The server refuses sudo.', hint: 'Enter the password.' },
});
const version = (component: string, current: string, latest: string | null) => ({
  ...{ component, current, latest, behind: latest === null ? null : true, pinned: null, changes: null },
});

/** @param tasks what the calls that start a task answer, one after another */
async function update(line: string, own: Partial<Terminal> = {}, tasks: object[] = [task()]) {
  const sent: unknown[] = [];
  const questions: string[] = [];
  const { fetch } = scriptedBuoy((key: EndpointKey, _calls, { body }): ScriptedAnswer => {
    if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    if (key === 'GET /servers/:id/setup/check-updates')
      return {
        body: {
          components: [version('node', '24.21.0', '24.22.0'), version('ollama', '0.12.0', null)],
          policy: { pins: [], windowTags: ['prod'], isOpen: false, opensAt: '2026-03-01T22:00:00.000Z' },
          observedAt: at,
        },
      };
    const started = tasks[sent.length];
    sent.push(body);
    return { status: 202, body: { task: started } };
  });
  const { ask } = own;
  const ran = await cli.buoy(['openclaw', 'update', ...line.split(' ')], {
    ...own,
    ...(ask === undefined
      ? {}
      : {
          ask: (question, options) => {
            questions.push(question);
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

describe('openclaw update --component', () => {
  test.each([
    ['web --yes', { component: 'openclaw', version: 'latest' }],
    ['web --to 2026.9.6 --yes', { component: 'openclaw', version: '2026.9.6' }],
    ['web --component node --yes', { component: 'node', version: 'latest' }],
    ['web --component npm --to 11.30.0 --yes', { component: 'npm', version: '11.30.0' }],
    ['web --component ollama --to 0.12.6 --yes', { component: 'ollama', version: '0.12.6' }],
  ])('%s starts that update', async (line, body) => {
    const { exit, sent } = await update(line);
    expect({ exit, sent }).toEqual({ exit: 0, sent: [{ ...body, whenBusy: 'wait' }] });
  });

  test('names the version and the effect before it asks, and no window of OpenClaw', async () => {
    const { questions, err } = await update('web --component node', answering('no'));
    expect(questions).toEqual([
      'Update Node on web to 24.22.0? Its gateway is down for about a minute. [y/N] ',
    ]);
    expect(err).toBe('buoy: Nothing was done.\n');
    expect((await update('web --component npm', answering('no'))).questions).toEqual([
      'Update npm on web to the newest version? Its gateway keeps running. [y/N] ',
    ]);
  });

  test('asks for the password where the server refuses sudo, and starts again with it', async () => {
    const { exit, sent, questions } = await update(
      'web --component ollama --to 0.12.6 --yes',
      answering('of deploy'),
      [sudoRefused, task()],
    );
    expect(exit).toBe(0);
    expect(questions).toEqual(['Password for sudo on web: ']);
    const body = { component: 'ollama', version: '0.12.6', whenBusy: 'wait' };
    expect(sent).toEqual([body, { ...body, sudoPassword: 'of deploy' }]);
  });

  test.each([
    ['web --component ollama --yes', 'Which version of Ollama? Its newest one is not known.'],
    ['web --component rag --yes', '--component takes one of openclaw, node, npm, ollama'],
    [
      'web --component node --openclaw-version 2026.9.6 --yes',
      '--openclaw-version is the version of OpenClaw.',
    ],
    [
      'web --to 2026.9.6 --openclaw-version 2026.9.6 --yes',
      '--to and --openclaw-version do not go together.',
    ],
  ])('refuses %s', async (line, message) => {
    const { exit, err, sent } = await update(line);
    expect({ exit, sent }).toEqual({ exit: 2, sent: [] });
    expect(err).toContain(message);
  });
});
