// A fake OpenAI-compatible and Ollama model server, so that OpenClaw answers without the internet; runs standalone inside hosts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeModelServer = {
  port: number;
  /** `http://address:port`; OpenAI's API is below `/v1`, Ollama's below `/api`. */
  url: string;
  /** What came in, oldest first, the last 1000. */
  requests: ModelRequest[];
  stop: () => Promise<void>;
};
export type ModelRequest = {
  method: string;
  path: string;
  model: string;
  stream: boolean;
  tools: string[];
  lastText: string;
};

type Message = { role?: string; content?: unknown };
type Body = {
  model?: string;
  stream?: boolean;
  messages?: Message[];
  input?: unknown;
  prompt?: unknown;
  tools?: { name?: string; function?: { name?: string } }[];
};
type ToolCall = { id: string; name: string; arguments: { command: string } };
type Turn = {
  text: string;
  reply: string;
  toolCall: ToolCall | undefined;
  promptTokens: number;
  replyTokens: number;
};

const chatModel = 'fake-1';
const embeddingModel = 'fake-embed';
/** Length of an embedding: enough that different words rarely share a place. */
const embeddingSize = 64;
/** Wait of a turn with the word "slow". */
const defaultSlowMs = 5_000;
/** A prompt of OpenClaw has about 100 KB; more than this is a mistake. */
const bodyLimitBytes = 64 * 1024 * 1024;
const rememberedRequests = 1000;

/**
 * Starts the server on `host:port` (port 0: any free one). The last message that a person wrote decides the answer:
 * "fail" → HTTP 500; "slow" → waits `slowMs` before it answers; "run: COMMAND" → one call of the tool `exec`, when offered;
 * everything else → "FAKE-REPLY to: …" with the end of that message. Embeddings are hashed bags of words, the same each time.
 */
export async function startFakeModelServer(
  options: {
    port?: number;
    host?: string;
    slowMs?: number;
    onRequest?: (request: ModelRequest) => void;
  } = {},
): Promise<FakeModelServer> {
  const { port = 0, host = '127.0.0.1', slowMs = defaultSlowMs, onRequest } = options;
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response, slowMs, (seen) => {
      requests.push(seen);
      if (requests.length > rememberedRequests) requests.shift();
      onRequest?.(seen);
    }).catch((error: unknown) => {
      if (!response.headersSent)
        sendJson(response, 400, { error: { message: String(error), type: 'invalid_request_error' } });
      else response.destroy();
    });
  });
  await listen(server, port, host);
  const actualPort = (server.address() as AddressInfo).port;
  return {
    port: actualPort,
    url: `http://${host}:${actualPort}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  slowMs: number,
  remember: (seen: ModelRequest) => void,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://model').pathname.replace(/\/+$/, '');
  const body = request.method === 'POST' ? await readBody(request) : {};
  remember({
    method: request.method ?? '',
    path,
    model: body.model ?? '',
    stream: body.stream === true || (path === '/api/chat' && body.stream !== false),
    tools: toolNames(body),
    lastText: lastPersonText(body.messages ?? []),
  });
  switch (path) {
    case '/v1/models':
      return sendJson(response, 200, { object: 'list', data: [chatModel, embeddingModel].map(openAiModel) });
    case '/v1/embeddings':
      return sendJson(response, 200, openAiEmbeddings(body));
    case '/v1/chat/completions':
      return answerTurn(response, body, slowMs, sendOpenAiTurn);
    case '/api/version':
      return sendJson(response, 200, { version: '0.99.0' });
    case '/api/tags':
      return sendJson(response, 200, { models: [chatModel, embeddingModel].map(ollamaModel) });
    case '/api/show':
      return sendJson(response, 200, {
        details: { family: 'fake' },
        model_info: { 'general.architecture': 'fake', 'fake.context_length': 32_768 },
        capabilities: body.model?.startsWith(embeddingModel) ? ['embedding'] : ['completion', 'tools'],
      });
    case '/api/embed':
      return sendJson(response, 200, {
        model: body.model,
        embeddings: inputsOf(body).map(embeddingOf),
        prompt_eval_count: tokensOf(inputsOf(body).join(' ')),
      });
    case '/api/chat':
      return answerTurn(response, body, slowMs, sendOllamaTurn);
    default:
      return sendJson(response, 404, {
        error: { message: `no route ${path}`, type: 'invalid_request_error' },
      });
  }
}

async function answerTurn(
  response: ServerResponse,
  body: Body,
  slowMs: number,
  send: (response: ServerResponse, body: Body, turn: Turn) => void,
): Promise<void> {
  const turn = turnFor(body);
  if (/\bfail\b/.test(turn.text)) {
    return sendJson(response, 500, { error: { message: 'fake upstream failure', type: 'server_error' } });
  }
  if (/\bslow\b/.test(turn.text)) await pauseUnlessClosed(response, slowMs);
  send(response, body, turn);
}

function turnFor(body: Body): Turn {
  const messages = body.messages ?? [];
  const text = lastPersonText(messages);
  const command = /\brun: (.+)/.exec(text)?.[1];
  // after the tool's result the turn ends with text, else the agent would run the command for ever
  const toolRan = messages.slice(-3).some((message) => message.role === 'tool');
  const toolCall =
    command && toolNames(body).includes('exec') && !toolRan
      ? { id: `call_${Date.now()}`, name: 'exec', arguments: { command } }
      : undefined;
  const reply = `FAKE-REPLY to: ${text.slice(-200)}`;
  return {
    text,
    reply,
    toolCall,
    promptTokens: tokensOf(JSON.stringify(messages)),
    replyTokens: tokensOf(reply),
  };
}

function sendOpenAiTurn(response: ServerResponse, body: Body, turn: Turn): void {
  const { reply, promptTokens, replyTokens } = turn;
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: replyTokens,
    total_tokens: promptTokens + replyTokens,
  };
  const base = { id: `chatcmpl-${Date.now()}`, created: Math.floor(Date.now() / 1000), model: body.model };
  const finish = turn.toolCall ? 'tool_calls' : 'stop';
  const call = turn.toolCall && {
    id: turn.toolCall.id,
    type: 'function',
    function: { name: turn.toolCall.name, arguments: JSON.stringify(turn.toolCall.arguments) },
  };
  if (!body.stream) {
    const message = call
      ? { role: 'assistant', content: null, tool_calls: [call] }
      : { role: 'assistant', content: reply };
    sendJson(response, 200, {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: finish, message }],
      usage,
    });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const sendChunk = (choices: unknown[], rest: object = {}) =>
    response.write(
      `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`,
    );
  const sendDelta = (delta: object, finishReason: string | null = null) =>
    sendChunk([{ index: 0, delta, finish_reason: finishReason }]);
  sendDelta({ role: 'assistant', content: '' });
  if (call) sendDelta({ tool_calls: [{ index: 0, ...call }] });
  else for (const part of piecesOf(reply)) sendDelta({ content: part });
  sendDelta({}, finish);
  sendChunk([], { usage });
  response.end('data: [DONE]\n\n');
}

function sendOllamaTurn(response: ServerResponse, body: Body, turn: Turn): void {
  const base = { model: body.model, created_at: new Date().toISOString() };
  const counts = { done_reason: 'stop', prompt_eval_count: turn.promptTokens, eval_count: turn.replyTokens };
  const call = turn.toolCall && {
    function: { name: turn.toolCall.name, arguments: turn.toolCall.arguments },
  };
  const completeMessage = call
    ? { role: 'assistant', content: '', tool_calls: [call] }
    : { role: 'assistant', content: turn.reply };
  if (body.stream === false) {
    sendJson(response, 200, { ...base, message: completeMessage, done: true, ...counts });
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const messages = call
    ? [completeMessage]
    : piecesOf(turn.reply).map((content) => ({ role: 'assistant', content }));
  for (const message of messages) response.write(`${JSON.stringify({ ...base, message, done: false })}\n`);
  response.end(
    `${JSON.stringify({ ...base, message: { role: 'assistant', content: '' }, done: true, ...counts })}\n`,
  );
}

/** OpenClaw appends a synthetic user message of its own, and a "Runtime:" block to a person's: neither counts. */
function lastPersonText(messages: Message[]): string {
  const texts = messages
    .filter((message) => message.role === 'user')
    .map((message) => textOf(message.content));
  const last = texts.filter((text) => !text.includes('INTERNAL_CONTEXT')).at(-1) ?? texts.at(-1) ?? '';
  return last.split('\n\nRuntime:')[0] ?? '';
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : ''))
    .join('');
}

function toolNames(body: Body): string[] {
  return (body.tools ?? []).map((tool) => tool.function?.name ?? tool.name ?? '');
}

function openAiModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'testbed' };
}

function ollamaModel(id: string) {
  return { name: `${id}:latest`, model: `${id}:latest`, size: 1, details: { family: 'fake' } };
}

function openAiEmbeddings(body: Body) {
  const inputs = inputsOf(body);
  const tokens = tokensOf(inputs.join(' '));
  return {
    object: 'list',
    model: body.model,
    data: inputs.map((input, index) => ({ object: 'embedding', index, embedding: embeddingOf(input) })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function inputsOf(body: Body): string[] {
  return [body.input ?? []].flat().map((input) => String(input));
}

/** A vector of length 1 in which each word counts at the place of its hash (FNV-1a): texts that share words are near. */
function embeddingOf(text: string): number[] {
  const vector = new Array<number>(embeddingSize).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let hash = 2_166_136_261;
    for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
    vector[hash % embeddingSize]! += 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** About four characters a token, as with real tokenizers on English. */
function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}

function piecesOf(text: string): string[] {
  return text.match(/.{1,24}/gs) ?? [];
}

function pauseUnlessClosed(response: ServerResponse, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new Error('body too large');
    chunks.push(chunk);
  }
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the body is not a JSON object');
  return parsed;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

if (import.meta.main) {
  const server = await startFakeModelServer({
    port: Number(process.argv[2] ?? 18_900),
    onRequest: ({ method, path, model, stream, tools }) => {
      process.stderr.write(`${method} ${path} ${model}${stream ? ' stream' : ''} tools=${tools.length}\n`);
    },
  });
  process.stderr.write(`fake model server on ${server.url}\n`);
}
