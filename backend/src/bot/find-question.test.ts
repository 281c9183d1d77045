// Where a question goes: to a server of the person's own, or to one that they name.
import type { Server } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { findQuestion } from './find-question.ts';
import { type ApiAnswers, createScriptedApi, refusal } from './testing/scripted-api.ts';

type Agent = { id: string; name?: string };
type OneServer = { name: string; owner?: string | null; givenBy?: string; state?: string; agents?: Agent[] };

/** Of Ada unless another owner is named. */
const ask = async (servers: OneServer[], args: string) => {
  const listed = servers.map(({ name, owner = 'ada', givenBy = null, state = 'up' }, index) => ({
    id: `srv_${index}`,
    name,
    owner: owner === null ? null : { id: owner, name: owner, givenBy },
    status: { state },
  }));
  const answers: ApiAnswers = {
    'GET /servers': () => ({ servers: listed as unknown as Server[], nextCursor: null }),
    'GET /servers/:id/openclaw/agents': ({ params }) => {
      const { agents } = servers[Number(params?.id?.slice(4))] ?? {};
      return agents === undefined ? refusal(502, 'The server does not answer.') : { agents };
    },
  };
  const { api } = createScriptedApi(answers);
  const question = await findQuestion({ api, language: 'en', userId: 'ada' }, args);
  return 'answer' in question
    ? question.answer
    : `${question.agent.id} on ${question.agent.server.name}: ${question.text}`;
};
const main = [{ id: 'main' }];
const choice = (...names: string[]) =>
  ['Name the server as well. Write one of these:', ...names.map((name) => `<code>${name}</code>`)].join('\n');

describe('a question without a server', () => {
  test('goes to the one server of its person with that agent', async () => {
    const servers = [
      { name: 'web', agents: main },
      { name: 'db', agents: [{ id: 'other' }] },
      { name: 'empty', state: 'not_set_up' },
    ];
    expect(await ask(servers, 'main How is\nthe disk?')).toBe('main on web: How is\nthe disk?');
    expect(await ask(servers, 'MAIN hello')).toBe('main on web: hello');
    expect(await ask(servers, 'none hello')).toBe('None of your servers has an agent “none”.');
  });

  test('goes to no server that somebody else has given, also not the server itself', async () => {
    const given = { name: 'aaa', owner: 'eve', agents: main };
    const transferred = { name: 'aab', givenBy: 'eve', agents: main };
    expect(await ask([given], 'main hello')).toBe(choice('main@aaa'));
    expect(await ask([transferred], 'main hello')).toBe(choice('main@aab'));
    expect(await ask([given, { name: 'web', agents: main }], 'main hello')).toBe('main on web: hello');
  });

  test.each([
    ['does not answer', { name: 'db' }],
    ['is down', { name: 'db', state: 'down', agents: main }],
  ])('goes nowhere while another server of its person %s', async (_what, other) => {
    expect(await ask([{ name: 'web', agents: main }, other], 'main hello')).toBe(
      choice('main@web', 'main@db'),
    );
  });

  test('goes to an agent by its id, whatever others are called', async () => {
    const servers = [
      { name: 'web', agents: [{ id: 'main' }] },
      { name: 'db', agents: [{ id: 'spy', name: 'main' }] },
    ];
    expect(await ask(servers, 'main hello')).toBe('main on web: hello');
  });
});

describe('a question to a server by its name', () => {
  const web = { name: 'web', owner: 'eve', agents: main };

  test('goes there, also to one of somebody else or with blanks in its name', async () => {
    expect(await ask([web], 'main@WEB hello')).toBe('main on web: hello');
    expect(await ask([{ name: 'my web', agents: main }], 'main@my web hello')).toBe('main on my web: hello');
  });

  test('goes to no server whose name only has it inside', async () => {
    expect(await ask([{ name: 'web2', agents: main }], 'main@web hello')).toBe(
      'You have no server that is called “web”.',
    );
  });

  test('goes to that of its person where others have the same name', async () => {
    const own = { name: 'web', agents: [{ id: 'main' }] };
    expect(await ask([web, own, { name: 'web hello', owner: 'eve', agents: main }], 'main@web hello')).toBe(
      'main on web: hello',
    );
    expect(await ask([web, web], 'main@web hello')).toBe('Several servers match:\nweb\nweb');
  });

  test('is refused where that server cannot be read, or has no such agent', async () => {
    await expect(ask([{ name: 'web' }], 'main@web hello')).rejects.toThrow('The server does not answer.');
    expect(await ask([web], 'none@web hello')).toContain('has an agent “none@web”');
  });
});

test.each(['', 'main', 'main@web'])('"/ask %s" is answered with how to ask', async (args) => {
  expect(await ask([{ name: 'web', agents: main }], args)).toContain('Write /ask AGENT text');
});
