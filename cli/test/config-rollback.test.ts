// The rollback of a config: what the person sees before the question, and what is sent.
import type { ConfigChange, ConfigRevision, EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const changed = (path: string, before: unknown, after: unknown): ConfigChange => ({
  ...{ path, kind: 'changed', before, after },
});
const refused = (error: string, status = 422, code = 'refused'): ScriptedAnswer => ({
  ...{ status, body: { error, code, requestId: 'req_1' } },
});
const newest = (rev: number): ConfigRevision => ({
  ...{ rev, at, by: null, origin: 'outside', note: null, changes: 1, paths: ['gateway.port'] },
  ...{ hash: 'now', valid: true, problem: null },
});
/** Revision 11 had port 1, revision 12 cannot be read, 13 set the port to 2, and 14 to 3. */
const diffs: Record<string, ScriptedAnswer> = {
  '12': refused('Revision 12 was broken.'),
  '13': { body: { changes: [changed('gateway.port', 1, 2)] } },
  '14': { body: { changes: [changed('gateway.port', 2, 3)] } },
};
const config = {
  ...{ config: { gateway: { port: 3, bind: 'lan' } }, hash: 'now', valid: true, problem: null },
  ...{ issues: [], warnings: [], applied: true, path: '~/.openclaw/openclaw.json', ...read },
};
const written = {
  hash: 'then',
  changes: [changed('gateway.port', 3, 1)],
  restart: true,
  applied: true,
  rev: 15,
};

async function rollback(
  words: readonly string[],
  {
    answers = {},
    reply = 'y',
  }: { answers?: Partial<Record<EndpointKey, ScriptedAnswer>>; reply?: string } = {},
) {
  const sent: unknown[] = [];
  let seen = '';
  const see = (text: string): void => {
    seen += text;
  };
  const asked: string[] = [];
  const { fetch, calls } = scriptedBuoy((key, made, { body }) => {
    if (body !== undefined) sent.push([key, body]);
    if (answers[key] !== undefined) return answers[key];
    if (key === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    if (key === 'GET /servers/:id/openclaw/config/history')
      return { body: { revisions: [newest(14)], nextCursor: null } };
    if (key === 'GET /servers/:id/openclaw/config') return { body: config };
    if (key === 'GET /servers/:id/openclaw/config/history/:rev/diff')
      return diffs[made.at(-1)?.split('/').at(-2) ?? ''] ?? refused('Not there.', 404, 'not_found');
    if (key === 'POST /servers/:id/openclaw/config/preview') {
      const changes = [{ ...changed('gateway.port', 3, 1), needsRestart: true }];
      return { body: { changes, valid: true, issues: [], hash: 'now' } };
    }
    if (key === 'POST /servers/:id/openclaw/config/rollback')
      return { body: { ...written, missingSecrets: [] } };
    throw new Error(`Nothing is scripted for ${key}.`);
  });
  const ran = await cli.buoy(['openclaw', 'config', 'rollback', 'web', ...words], {
    ...{ fetch, canAsk: true, isTty: false },
    out: see,
    err: see,
    async ask(question) {
      asked.push(seen + question);
      return reply;
    },
  });
  return { ...ran, calls, sent, asked };
}
const question = 'Roll the config of web back to revision 11? Secrets stay as they are. [y/N] ';
const previewed = [
  'POST /servers/:id/openclaw/config/preview',
  { patch: { gateway: { port: 1 } }, hash: 'now' },
];
const restored = ['POST /servers/:id/openclaw/config/rollback', { rev: 11 }];

test('the changes to now are shown before the question, checked against the config that was read', async () => {
  const { exit, out, asked, sent } = await rollback(['11']);
  expect(asked).toEqual([`~ gateway.port: 3 → 1  restarts the gateway\n${question}`]);
  expect(sent).toEqual([previewed, restored]);
  expect([exit, out]).toEqual([
    0,
    '~ gateway.port: 3 → 1  restarts the gateway\n~ gateway.port: 3 → 1\nSaved as revision 15. The gateway restarts to apply it.\n',
  ]);
});

test('a no writes nothing', async () => {
  const { exit, sent } = await rollback(['11'], { reply: 'n' });
  expect([exit, sent]).toEqual([1, [previewed]]);
});

test('--yes asks nothing and restores at once', async () => {
  const { exit, calls, asked } = await rollback(['11', '--yes']);
  expect([exit, asked]).toEqual([0, []]);
  expect(calls).toEqual(['GET /servers', 'POST /servers/srv_1/openclaw/config/rollback']);
});

test.each<[string, Partial<Record<EndpointKey, ScriptedAnswer>>, string]>([
  [
    'a revision that is too old',
    {
      'GET /servers/:id/openclaw/config/history': { body: { revisions: [newest(37)], nextCursor: null } },
    },
    'the revision is too old.',
  ],
  [
    'a gateway that is busy',
    { 'POST /servers/:id/openclaw/config/preview': refused('It takes too long.', 503, 'unreachable') },
    'It takes too long.',
  ],
  [
    'a config that cannot be read',
    { 'GET /servers/:id/openclaw/config': { body: { ...config, config: null } } },
    'the config cannot be read.',
  ],
])('%s: the person is told that nothing can be shown, and asked', async (_what, answers, why) => {
  const { exit, asked } = await rollback(['11'], { answers });
  expect(asked).toEqual([`The changes cannot be shown beforehand: ${why}\n${question}`]);
  expect(exit).toBe(0);
});

test('a revision that is not there yet is refused without a question', async () => {
  const { exit, err, asked, sent } = await rollback(['15']);
  expect([exit, asked, sent]).toEqual([1, [], []]);
  expect(err).toBe(
    'buoy: The config has no revision 15 yet.\n  List them: buoy openclaw config history srv_1\n',
  );
});
