// The fake model server, as seen by a client of OpenAI's or Ollama's API.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeModelServer, startFakeModelServer } from './fake-model-server.ts';

let server: FakeModelServer;
beforeAll(async () => {
  server = await startFakeModelServer({ slowMs: 300 });
});
afterAll(() => server.stop());

const execTool = [{ type: 'function', function: { name: 'exec', parameters: {} } }];

function post(path: string, body: unknown): Promise<Response> {
  return fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
}
function ask(content: unknown, rest: object = {}): Promise<Response> {
  return post('/v1/chat/completions', { model: 'fake-1', messages: [{ role: 'user', content }], ...rest });
}
// biome-ignore lint/suspicious/noExplicitAny: answers of the server under test, checked by the assertions
async function bodyOf(response: Promise<Response>): Promise<any> {
  return (await response).json();
}
function eventsOf(
  text: string,
): { choices: { delta: { content?: string; tool_calls?: unknown[] }; finish_reason: string | null }[] }[] {
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
}

describe('fake model server as OpenAI-compatible', () => {
  test('answers with an echo and a token count', async () => {
    const body = await bodyOf(ask('How are you?'));
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'fake-1',
      choices: [
        { finish_reason: 'stop', message: { role: 'assistant', content: 'FAKE-REPLY to: How are you?' } },
      ],
    });
    expect(body.usage.total_tokens).toBe(body.usage.prompt_tokens + body.usage.completion_tokens);
  });

  test('streams the answer in pieces, then usage, then the end marker', async () => {
    const text = await (await ask('a long question '.repeat(5), { stream: true })).text();
    const events = eventsOf(text);
    const pieces = events.map((event) => event.choices[0]?.delta.content ?? '').filter(Boolean);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(`FAKE-REPLY to: ${'a long question '.repeat(5)}`);
    expect(events.at(-1)).toHaveProperty('usage');
    expect(text.trim().endsWith('data: [DONE]')).toBe(true);
  });

  test("answers the person's message, not OpenClaw's additions", async () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'typed by a person\n\nRuntime: x' }] },
      { role: 'user', content: '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>> fail' },
    ];
    const body = await bodyOf(post('/v1/chat/completions', { model: 'fake-1', messages }));
    expect(body.choices[0].message.content).toBe('FAKE-REPLY to: typed by a person');
  });

  test('"fail" answers 500', async () => {
    expect((await ask('please fail now')).status).toBe(500);
  });

  test('"slow" delays the answer', async () => {
    const startedAt = performance.now();
    expect((await ask('slow please')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  test.each([true, false])('"run:" calls the exec tool once, then answers (stream: %s)', async (stream) => {
    const first = await ask('run: uptime -p', { tools: execTool, stream });
    const message = stream
      ? eventsOf(await first.text()).find((event) => event.choices[0]?.delta.tool_calls)?.choices[0]?.delta
      : (await bodyOf(Promise.resolve(first))).choices[0].message;
    expect(message.tool_calls).toMatchObject([
      { function: { name: 'exec', arguments: '{"command":"uptime -p"}' } },
    ]);
    const messages = [
      { role: 'user', content: 'run: uptime -p' },
      message,
      { role: 'tool', content: 'up 1 hour' },
    ];
    const second = await bodyOf(post('/v1/chat/completions', { model: 'fake-1', messages, tools: execTool }));
    expect(second.choices[0].finish_reason).toBe('stop');
  });

  test('"run:" without the tool answers with text', async () => {
    expect((await bodyOf(ask('run: uptime'))).choices[0].finish_reason).toBe('stop');
  });

  test('gives texts with shared words similar embeddings', async () => {
    const input = ['the red car drives fast', 'a fast red car', 'breakfast of eggs'];
    const { data } = await bodyOf(post('/v1/embeddings', { model: 'fake-embed', input }));
    const [one, other, far]: number[][] = data.map((entry: { embedding: number[] }) => entry.embedding);
    const nearness = (a: number[], b: number[]) =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    expect(nearness(one!, one!)).toBeCloseTo(1);
    expect(nearness(one!, other!)).toBeGreaterThan(nearness(one!, far!) + 0.3);
  });

  test('lists models', async () => {
    const { data } = await bodyOf(fetch(`${server.url}/v1/models`));
    expect(data.map((model: { id: string }) => model.id)).toEqual(['fake-1', 'fake-embed']);
  });
});

describe('fake model server as Ollama', () => {
  test('streams a chat by default, line by line', async () => {
    const text = await (
      await post('/api/chat', { model: 'fake-1', messages: [{ role: 'user', content: 'hi' }] })
    ).text();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.message.content).join('')).toBe('FAKE-REPLY to: hi');
    expect(lines.map((line) => line.done)).toEqual([...lines.slice(1).map(() => false), true]);
    expect(lines.at(-1).eval_count).toBeGreaterThan(0);
  });

  test('answers an unstreamed chat with one object, and a tool call with object arguments', async () => {
    const messages = [{ role: 'user', content: 'run: ls' }];
    const body = await bodyOf(
      post('/api/chat', { model: 'fake-1', stream: false, messages, tools: execTool }),
    );
    expect(body).toMatchObject({
      done: true,
      message: { tool_calls: [{ function: { name: 'exec', arguments: { command: 'ls' } } }] },
    });
  });

  test('reports its version, models, capabilities and embeddings', async () => {
    expect(await bodyOf(fetch(`${server.url}/api/version`))).toHaveProperty('version');
    expect((await bodyOf(fetch(`${server.url}/api/tags`))).models[0].name).toBe('fake-1:latest');
    expect((await bodyOf(post('/api/show', { model: 'fake-1:latest' }))).capabilities).toContain('tools');
    expect((await bodyOf(post('/api/show', { model: 'fake-embed:latest' }))).capabilities).toEqual([
      'embedding',
    ]);
    expect(
      (await bodyOf(post('/api/embed', { model: 'fake-embed', input: 'one text' }))).embeddings,
    ).toHaveLength(1);
  });
});

test('fake model server answers 404 for an unknown path and 400 for invalid JSON', async () => {
  expect((await fetch(`${server.url}/v2/anything`)).status).toBe(404);
  expect((await fetch(`${server.url}/v1/embeddings`, { method: 'POST', body: '{' })).status).toBe(400);
});

test('fake model server records requests', async () => {
  await ask('remember me', { tools: execTool });
  expect(server.requests.at(-1)).toEqual({
    method: 'POST',
    path: '/v1/chat/completions',
    model: 'fake-1',
    stream: false,
    tools: ['exec'],
    lastText: 'remember me',
  });
});

test('fake model server runs as a standalone program', async () => {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('./fake-model-server.ts', import.meta.url)),
    '0',
  ]);
  try {
    const [line] = await once(child.stderr, 'data');
    const url = /http:\S+/.exec(String(line))?.[0];
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
  } finally {
    child.kill();
  }
});
