// The first agent and its first message, over agents and sessions that the test answers for.
import type { OpenclawMessage } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createFastForwardClock } from '../tasks/testing/fast-forward-clock.ts';
import { type CreateDefaultAgent, createDefaultAgentCreator } from './create-default-agent.ts';

const options = { by: 'u_1', signal: new AbortController().signal };
const main = { id: 'main', name: 'main', emoji: null, model: null };
const said = (role: 'user' | 'assistant', text: string) =>
  ({ id: `m${said.count++}`, role, text }) as OpenclawMessage;
said.count = 0;

let there: object[];
/** null: no such session. */
let messages: OpenclawMessage[] | null;
let sent: string[];
let answer: string | null;
let createDefaultAgent: CreateDefaultAgent;

beforeEach(() => {
  there = [main];
  messages = null;
  sent = [];
  answer = 'I am here.';
  createDefaultAgent = createDefaultAgentCreator({
    agents: {
      list: async () => ({ agents: there }),
      async create(_serverId: string, { id }: { id: string }, { mayWrite }: { mayWrite?: () => unknown }) {
        await mayWrite?.();
        return { ...main, id };
      },
      update: async (_serverId: string, _id: string, change: object) => ({ ...main, ...change }),
    } as never,
    sessions: {
      async messages() {
        if (messages === null) throw new AppError('not_found', 'There is no such session.');
        return { messages };
      },
      async send(_serverId: string, _key: string, text: string) {
        sent.push(text);
        messages = [...(messages ?? []), said('user', `[10:00] ${text}`)];
        if (answer !== null) messages.push(said('assistant', answer));
      },
    } as never,
    clock: createFastForwardClock(),
  });
});
const hello = { id: 'main', message: 'Hello' };

describe('the default agent', () => {
  test('stays untouched and is sent nothing where it is as wanted', async () => {
    expect(await createDefaultAgent('s1', hello, options)).toEqual({
      agent: main,
      created: false,
      reply: null,
    });
    expect(sent).toEqual([]);
  });

  test('is made where it is missing, and answers the first message', async () => {
    there = [];
    expect(await createDefaultAgent('s1', { ...hello, id: 'sales' }, options)).toMatchObject({
      created: true,
      reply: { sessionKey: 'agent:sales:main', text: 'I am here.' },
    });
  });

  test('is sent a message once, however often the setup runs', async () => {
    for (let run = 0; run < 2; run += 1)
      expect(await createDefaultAgent('s1', hello, { ...options, always: true })).toMatchObject({
        reply: { text: 'I am here.' },
      });
    expect(sent).toEqual(['Hello']);
  });

  test('is not asked again after Buoy was killed before it answered', async () => {
    messages = [said('user', 'Hello')];
    answer = null;
    expect(await createDefaultAgent('s1', hello, { ...options, always: true })).toMatchObject({
      reply: null,
    });
    expect(sent).toEqual([]);
  });

  test('answers the message itself, and not what it said before', async () => {
    messages = [said('user', 'Another thing'), said('assistant', 'An old answer.')];
    expect(await createDefaultAgent('s1', hello, { ...options, always: true })).toMatchObject({
      reply: { text: 'I am here.' },
    });
  });

  test('is sent nothing in the name of a person who has lost the role since it was made', async () => {
    there = [];
    let asked = 0;
    const mayWrite = async () => {
      asked += 1;
      if (asked > 1) throw new AppError('forbidden', 'No longer.');
    };
    await expect(
      createDefaultAgent('s1', { ...hello, id: 'sales' }, { ...options, mayWrite }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect([asked, sent]).toEqual([2, []]);
  });

  test('answers at length without filling the list of tasks', async () => {
    answer = 'x'.repeat(100_000);
    const { reply } = await createDefaultAgent('s1', hello, { ...options, always: true });
    expect(reply?.text).toHaveLength(4_000);
  });
});
