// A fake Telegram Bot API server: delivers messages to polling bots and records what they send.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Person = { id: number; firstName: string; username?: string | undefined };
/** A call of a bot, `params` as they came. */
export type BotCall = { token: string; method: string; params: Record<string, unknown> };
/** The failure of a call: Telegram's code and description; `retryAfterS` for 429. */
export type BotFailure = { code: number; description: string; retryAfterS?: number };

export type FakeBotApiServer = {
  port: number;
  /** The API root, without the token. */
  url: string;
  /** Every call of every bot, oldest first, the last 1000; `getUpdates` is left out. */
  calls: BotCall[];
  /** A person writes to the bot in private. Answers the update's id. @param fields of the message, on top of what each has */
  say(token: string, from: Person, text: string, fields?: Record<string, unknown>): number;
  /** A person writes into a group. */
  sayIn(token: string, chatId: number, from: Person, text: string, fields?: Record<string, unknown>): number;
  /** A person presses a button of a message of the bot, in private or in that chat. @param at.buttons of the message, that one if absent; null: Telegram does not show them */
  press(
    token: string,
    from: Person,
    data: string,
    at: { chatId?: number; messageId: number; buttons?: string[] | null },
  ): void;
  /** A person blocks the bot, or opens it again. */
  setBlocked(token: string, from: Person, isBlocked: boolean): void;
  /** What the bot has sent into that chat, oldest first; an edit counts as another text. */
  textsTo(token: string, chatId: number): string[];
  /** Whether a bot has a poll open that is held until something comes. */
  isPolled(token: string): boolean;
  /** `chat user` → what that person is in the chat: https://core.telegram.org/bots/api#chatmember */
  members: Map<string, string>;
  /** The next call of that method fails. */
  failNext(method: string, failure: BotFailure): void;
  stop(): Promise<void>;
};

type Update = { update_id: number } & Record<string, unknown>;
type Poll = { offset: number; isHeld: boolean; answer(updates: Update[]): void; end(): void };
type Bot = {
  updates: Update[];
  poll: Poll | null;
  lastUpdateId: number;
  lastMessageId: number;
  lastQueryId: number;
};

/** `<digits>:<secret>`: https://core.telegram.org/bots/api#authorizing-your-bot */
const callPath = /^\/bot(\d{3,20}:[\w-]{10,80})\/(\w{1,64})$/;
/** Bytes; no bot of a test sends more. */
const bodyLimitBytes = 1024 * 1024;
const rememberedCalls = 1000;
/** Seconds that Telegram holds a long poll at most. */
const maxPollS = 50;

/** @param options.host for bots inside hosts of the test bed: this machine as they see it, their default route */
export async function startFakeBotApiServer(
  options: { port?: number; host?: string } = {},
): Promise<FakeBotApiServer> {
  const { port = 0, host = '127.0.0.1' } = options;
  const bots = new Map<string, Bot>();
  const calls: BotCall[] = [];
  const failures = new Map<string, BotFailure[]>();
  const members = new Map<string, string>();

  function botOf(token: string): Bot {
    // Bots remember how far they have read, over restarts of this server too: later updates need greater ids.
    const bot = bots.get(token) ?? {
      updates: [],
      poll: null,
      lastUpdateId: Math.floor(Date.now() / 1000),
      lastMessageId: Math.floor(Date.now() / 1000),
      lastQueryId: 0,
    };
    bots.set(token, bot);
    return bot;
  }

  function message(bot: Bot, chat: object, from: object, text: unknown): Record<string, unknown> {
    bot.lastMessageId += 1;
    return { message_id: bot.lastMessageId, date: Math.floor(Date.now() / 1000), chat, from, text };
  }

  const methods: Record<string, (bot: Bot, token: string, params: Record<string, unknown>) => unknown> = {
    getMe: (_bot, token) => selfOf(token),
    getWebhookInfo: (bot) => ({
      url: '',
      has_custom_certificate: false,
      pending_update_count: bot.updates.length,
    }),
    getMyCommands: () => [],
    getChat: (_bot, _token, { chat_id: id }) => ({ id: Number(id), type: 'private', first_name: 'Someone' }),
    getChatMember: (_bot, _token, { chat_id: chat, user_id: user }) => ({
      status: members.get(`${chat} ${user}`) ?? 'left',
      user: { id: Number(user), is_bot: false, first_name: 'Someone' },
    }),
    sendMessage: sent,
    editMessageText: sent,
  };

  function sent(bot: Bot, token: string, { chat_id: id, text }: Record<string, unknown>): unknown {
    return message(bot, { id: Number(id), type: 'private' }, selfOf(token), text);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://telegram');
    const [, token, method] = callPath.exec(pathname) ?? [];
    if (token === undefined || method === undefined)
      return fail(response, { code: 404, description: 'Not Found' });
    const params = { ...Object.fromEntries(searchParams), ...(await paramsOf(request)) };
    const bot = botOf(token);
    const failure = failures.get(method)?.shift();
    if (failure !== undefined) return fail(response, failure);
    if (method === 'getUpdates') return poll(bot, params, response);
    calls.push({ token, method, params });
    if (calls.length > rememberedCalls) calls.shift();
    // What changes settings of a bot answers true.
    succeed(response, methods[method]?.(bot, token, params) ?? true);
  }

  /** One poll a bot: a second one ends the first, as with Telegram. */
  function poll(bot: Bot, params: Record<string, unknown>, response: ServerResponse): void {
    bot.poll?.end();
    const offset = Number(params.offset ?? 0);
    bot.updates = bot.updates.filter((update) => update.update_id >= offset);
    const timeoutMs = Math.min(Number(params.timeout ?? 0), maxPollS) * 1000;
    const current: Poll = {
      ...{ offset, isHeld: timeoutMs > 0 },
      answer: (updates) => close(() => succeed(response, updates)),
      end: () =>
        close(() =>
          fail(response, {
            code: 409,
            description: 'Conflict: terminated by other getUpdates request',
          }),
        ),
    };
    const timer = setTimeout(() => current.answer([]), timeoutMs);
    function close(respond: () => void): void {
      clearTimeout(timer);
      if (bot.poll === current) bot.poll = null;
      respond();
    }
    bot.poll = current;
    response.once('close', () => close(() => {}));
    if (bot.updates.length > 0) current.answer(bot.updates.slice(0, Number(params.limit ?? 100)));
  }

  function deliver(bot: Bot, content: Record<string, unknown>): number {
    bot.lastUpdateId += 1;
    bot.updates.push({ update_id: bot.lastUpdateId, ...content });
    bot.poll?.answer(bot.updates.filter((update) => update.update_id >= (bot.poll?.offset ?? 0)));
    return bot.lastUpdateId;
  }

  function say(
    token: string,
    chatId: number,
    person: Person,
    text: string,
    fields: Record<string, unknown> = {},
  ): number {
    const bot = botOf(token);
    const said = { ...message(bot, chatOf(chatId, person), userOf(person), text), ...fields };
    // Telegram marks commands in the text: https://core.telegram.org/bots/api#messageentity
    const [command = ''] = /^\/\w+/.exec(text) ?? [];
    const entities = [{ type: 'bot_command', offset: 0, length: command.length }];
    return deliver(bot, { message: command === '' ? said : { ...said, entities } });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      fail(response, { code: 400, description: `Bad Request: ${error}` });
    });
  });
  await listen(server, port, host);
  const actualPort = (server.address() as AddressInfo).port;

  return {
    port: actualPort,
    url: `http://${host}:${actualPort}`,
    calls,
    members,
    say: (token, person, text, fields) => say(token, person.id, person, text, fields),
    sayIn: say,
    press(token, person, data, { chatId = person.id, messageId, buttons = [data] }) {
      const bot = botOf(token);
      bot.lastQueryId += 1;
      deliver(bot, {
        callback_query: {
          ...{ id: String(bot.lastQueryId), from: userOf(person), chat_instance: '1', data },
          message: {
            ...{ message_id: messageId, chat: chatOf(chatId, person) },
            ...(buttons === null
              ? { date: 0 }
              : { date: 1, text: '…', reply_markup: { inline_keyboard: [buttons.map(buttonOf)] } }),
          },
        },
      });
    },
    setBlocked(token, person, isBlocked) {
      const bot = botOf(token);
      const member = (status: string) => ({ status, user: selfOf(token) });
      const [before, after] = isBlocked ? ['member', 'kicked'] : ['kicked', 'member'];
      deliver(bot, {
        my_chat_member: {
          ...{ chat: chatOf(person.id, person), from: userOf(person), date: 1 },
          ...{ old_chat_member: member(before ?? ''), new_chat_member: member(after ?? '') },
        },
      });
    },
    textsTo: (token, chatId) =>
      calls
        .filter(({ token: of, method }) => of === token && /^(sendMessage|editMessageText)$/.test(method))
        .filter(({ params }) => Number(params.chat_id) === chatId)
        .map(({ params }) => String(params.text)),
    isPolled: (token) => bots.get(token)?.poll?.isHeld === true,
    failNext(method, failure) {
      failures.set(method, [...(failures.get(method) ?? []), failure]);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function buttonOf(data: string) {
  return { text: data, callback_data: data };
}

function userOf({ id, firstName, username }: Person) {
  return { id, is_bot: false, first_name: firstName, username, language_code: 'en' };
}

/** Ids of groups are negative. */
function chatOf(id: number, { firstName, username }: Person) {
  return id < 0
    ? { id, type: 'supergroup', title: 'Operations' }
    : { id, type: 'private', first_name: firstName, username };
}

function selfOf(token: string) {
  const id = Number(token.split(':')[0]);
  return {
    id,
    is_bot: true,
    first_name: 'Test bot',
    username: `test_${id}_bot`,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
  };
}

/** JSON or a form; of a multipart body (files) nothing is read. */
async function paramsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyLimitBytes) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  const type = request.headers['content-type'] ?? '';
  if (body === '' || type.startsWith('multipart/')) return {};
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body));
  return JSON.parse(body) as Record<string, unknown>;
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

function succeed(response: ServerResponse, result: unknown): void {
  send(response, 200, { ok: true, result });
}

function fail(response: ServerResponse, { code, description, retryAfterS }: BotFailure): void {
  send(response, code, {
    ok: false,
    error_code: code,
    description,
    ...(retryAfterS === undefined ? {} : { parameters: { retry_after: retryAfterS } }),
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
