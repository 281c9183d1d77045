// Which agent the commands for skills ask about, in exact queries.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const skill = {
  ...{ name: 'pdf', key: 'pdf', description: '', source: 'workspace', emoji: null, homepage: null },
  ...{ enabled: true, eligible: true, blockedByAgent: false, removable: true },
  missing: { bins: [], anyBins: [], env: [], config: [], os: [] },
  installable: [],
};

/** Runs a command on the skill; `queries` are those of the calls about skills. */
async function skills(...words: string[]) {
  const queries: string[] = [];
  const answers: Record<string, ScriptedAnswer> = {
    'GET /servers': { body: { servers: [server], nextCursor: null } },
    'GET /servers/:id/openclaw/skills': { body: { skills: [skill], ...read } },
    'PUT /servers/:id/openclaw/skills/:name': { body: { skill } },
  };
  const { fetch } = scriptedBuoy((key) => answers[key] ?? {});
  const ran = await cli.buoy(['openclaw', 'skills', ...words], {
    fetch(input, init) {
      const { pathname, search } = new URL(String(input));
      if (pathname.includes('/skills')) queries.push(`${init?.method ?? 'GET'} ${search}`);
      return fetch(input, init);
    },
  });
  return { ...ran, queries };
}

describe.each([
  ['enable', 'Switched pdf on for the agents of web.\n'],
  ['disable', 'Switched pdf off for the agents of web.\n'],
])('openclaw skills %s', (verb, told) => {
  test('--agent finds the skill as that agent sees it', async () => {
    const { exit, out, err, queries } = await skills(verb, 'web', 'pdf', '--agent', 'helper');
    expect({ exit, out, err }).toEqual({ exit: 0, out: told, err: '' });
    expect(queries).toEqual(['GET ?agentId=helper', 'PUT ?agentId=helper']);
  });

  test('without --agent it asks about the default agent', async () => {
    const { out, queries } = await skills(verb, 'web', 'pdf');
    expect({ out, queries }).toEqual({ out: told, queries: ['GET ', 'PUT '] });
  });
});
