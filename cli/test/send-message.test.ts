// `sessions send` with broken connections and unusual ends of a turn; a host test covers the normal case.
import type { OpenclawSession } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

const key = 'agent:main:desk';

const session = (status: OpenclawSession['status']): OpenclawSession => ({
  ...{ key, agentId: 'main', label: null, title: null, kind: 'direct', isMain: false, status },
  ...{ running: status === 'running', activeRunIds: [], pinned: false, archived: false, unread: false },
  ...{ createdAt: at, updatedAt: at, lastInteractionAt: at, model: null, thinking: null },
  ...{ thinkingLevels: [], costUsd: null },
  tokens: { input: null, output: null, total: null, context: null, staleSinceCompaction: false },
});
const message = (role: 'user' | 'assistant', text: string) => ({
  ...{ id: null, runId: null, role, at, text, toolCalls: [], toolResult: null, attachments: [] },
  ...{ model: null, usage: null, stopReason: null, error: null },
});
const opened: [string, unknown] = [
  'gateway',
  { state: 'connected', version: '2026.9.6', message: 'Connected.' },
];
const chat = (state: string, text: string | null): [string, unknown] => [
  'chat',
  {
    ...{ sessionKey: key, agentId: 'main', runId: 'run-1', state, text },
    ...{ replace: false, phase: null, error: null, stopReason: null },
  },
];

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

/** @param streams events of each connection before it breaks */
async function send(
  streams: Array<Array<[string, unknown]>>,
  answers: Partial<Record<string, ScriptedAnswer>> = {},
) {
  const { fetch, calls } = scriptedBuoy((endpoint) => {
    if (endpoint === 'GET /servers') return { body: { servers: [server], nextCursor: null } };
    if (endpoint === 'GET /servers/:id/openclaw/events') return { events: streams.shift() ?? [] };
    const answer = answers[endpoint];
    if (answer !== undefined) return answer;
    if (endpoint === 'POST /servers/:id/openclaw/sessions/:key/messages')
      return { body: { run: { id: 'run-1', sessionKey: key, status: 'started' } } };
    throw new Error(`Nothing is scripted for ${endpoint}.`);
  });
  const ran = await cli.buoy(['openclaw', 'sessions', 'send', 'web', key, 'How are you?'], { fetch });
  return { ...ran, sent: calls.filter((call) => call.startsWith('POST ')).length };
}

test('sessions send prints each piece of the answer once, as it arrives', async () => {
  expect(
    await send([[opened, chat('delta', 'I am '), chat('delta', 'fine.'), chat('final', 'I am fine.')]]),
  ).toEqual({ exit: 0, out: 'I am fine.\n', err: '', sent: 1 });
});

test('sessions send reads the end of a turn from the transcript after a reconnect, without repeating printed text', async () => {
  const ran = await send([[opened, chat('delta', 'I am ')]], {
    'GET /servers/:id/openclaw/sessions/:key': { body: { session: session('done'), ...read } },
    'GET /servers/:id/openclaw/sessions/:key/messages': {
      body: {
        messages: [message('user', '[10:00] How are  you?'), message('assistant', 'I am fine.')],
        nextCursor: null,
        ...read,
      },
    },
  });
  expect(ran).toEqual({ exit: 0, out: 'I am fine.\n', err: '', sent: 1 });
});

test('sessions send does not take the answer of an earlier turn for this one', async () => {
  const ran = await send([[opened], [opened, chat('final', 'Fine, now.')]], {
    'GET /servers/:id/openclaw/sessions/:key': { body: { session: session('done'), ...read } },
    'GET /servers/:id/openclaw/sessions/:key/messages': {
      body: { messages: [message('user', 'Hello'), message('assistant', 'Hi.')], nextCursor: null, ...read },
    },
  });
  expect(ran).toEqual({ exit: 0, out: 'Fine, now.\n', err: '', sent: 1 });
});

test('sessions send waits for a session that does not exist yet', async () => {
  const ran = await send(
    [
      [opened, opened],
      [opened, chat('final', 'Hi.')],
    ],
    {
      'GET /servers/:id/openclaw/sessions/:key': {
        status: 404,
        body: { error: 'There is no such session.', code: 'not_found', requestId: 'req_1' },
      },
    },
  );
  expect(ran).toEqual({ exit: 0, out: 'Hi.\n', err: '', sent: 1 });
});

test('sessions send exits with 1 when the turn was stopped during a reconnect', async () => {
  const ran = await send([[opened]], {
    'GET /servers/:id/openclaw/sessions/:key': { body: { session: session('killed'), ...read } },
    'GET /servers/:id/openclaw/sessions/:key/messages': {
      body: { messages: [message('user', 'How are you?')], nextCursor: null, ...read },
    },
  });
  expect(ran).toEqual({ exit: 1, out: '', err: 'buoy: the answer was stopped.\n', sent: 1 });
});

test('sessions send exits with 3 when the gateway is unavailable, and sends nothing twice', async () => {
  const ran = await send([[opened], [opened]], {
    'POST /servers/:id/openclaw/sessions/:key/messages': {
      status: 503,
      body: {
        error: 'The gateway does not answer.',
        code: 'gateway_unavailable',
        requestId: 'req_1',
        hint: 'Start it.',
      },
    },
  });
  expect(ran).toEqual({
    exit: 3,
    out: '',
    err: 'buoy: The gateway does not answer.\n  Start it.\n  Request id: req_1\n',
    sent: 1,
  });
});

test('sessions send notes that a message joined a running turn and has no separate answer', async () => {
  const { exit, err } = await send([[opened, chat('final', null)]]);
  expect({ exit, err }).toEqual({
    exit: 0,
    err: `buoy: no separate answer: the message joined the turn that was running. See buoy openclaw sessions messages srv_1 ${key}\n`,
  });
});
