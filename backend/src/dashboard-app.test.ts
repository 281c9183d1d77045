// The Control UI listener in front of a gateway on loopback: access, and what is relayed or blocked.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ControlUiApp, createControlUiApp } from './dashboard-app.ts';
import { AppError } from './lib/app-error.ts';
import { createFakeClock, type FakeClock } from './lib/testing/fake-clock.ts';
import { createRecordingLogger } from './lib/testing/recording-logger.ts';
import { createControlUiAddress } from './openclaw/dashboard/address.ts';
import { createGatewayTunnel } from './openclaw/dashboard/gateway-tunnel.ts';
import { type ScriptedGateway, startScriptedGateway } from './openclaw/gateway/testing/scripted-gateway.ts';
import { createLoopbackSsh } from './openclaw/testing/loopback-ssh.ts';

const token = 'right-token';
const cookie = 'theme=dark; buoy_control_ui=good; __Host-Http-buoy_refresh=ses.secret';
/** A page of Buoy itself: the same host, another port. */
const appOrigin = 'http://127.0.0.1:8080';
const REFUSALS = 20;

let clock: FakeClock;
let app: ControlUiApp;
let url: string;
let gateway: ScriptedGateway;
let web: Awaited<ReturnType<typeof startWeb>>;
/** The port that the "server" forwards to. */
let port: number;
let isAdmitted: boolean;
/** How often Buoy asked whether a session is still open. */
let admissions: number;
let knownToken: string;
/** Runs while Buoy determines the gateway's port. */
let beforeOpening: () => void;
/** The check of who holds the gateway's port. */
let checkPort: () => Promise<void>;

/** A gateway's HTTP side with scripted answers that records requests. */
async function startWeb() {
  const came: Array<{ method: string; url: string; headers: IncomingMessage['headers']; body: string }> = [];
  const state = { status: 200, headers: {} as Record<string, string>, body: 'ok', endless: false, came };
  const server = createServer((request, response) => {
    const read = textOf(request).then((body) => {
      came.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.writeHead(state.status, state.headers);
      if (state.endless) response.write(state.body);
      else response.end(state.body);
    });
    // A request that breaks off is none.
    read.catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    server,
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

beforeEach(async () => {
  clock = createFakeClock();
  gateway = await startScriptedGateway();
  web = await startWeb();
  port = web.port;
  isAdmitted = true;
  admissions = 0;
  knownToken = token;
  beforeOpening = () => {};
  checkPort = () => Promise.resolve();
  const { logger } = createRecordingLogger();
  app = createControlUiApp({
    controlUi: {
      enter: (code, earlier) =>
        code === 'right' && earlier === 'good'
          ? Promise.resolve({ serverId: 'srv_1', secret: 'good', lifeS: 28_800 })
          : Promise.reject(new AppError('not_found', 'This link is over.', { hint: 'Again.' })),
      admit: (secret, serverId) => {
        admissions += 1;
        return isAdmitted && secret === 'good' && serverId === 'srv_1'
          ? Promise.resolve({ serverId, userId: 'ada' })
          : Promise.reject(new AppError('unauthenticated', 'This session is over.'));
      },
    },
    address: createControlUiAddress({ domain: null, appDomain: null, isTls: false, port: () => 0 }),
    gatewayTunnel: createGatewayTunnel({
      portGuard: { check: () => checkPort() },
      ssh: createLoopbackSsh(),
      clock,
      installations: {
        access: (_id, { fresh }) => {
          beforeOpening();
          if (fresh) knownToken = gateway.token;
          return Promise.resolve({ port, auth: { token: knownToken }, problem: null });
        },
      },
    }),
    refusalsPerMinute: REFUSALS,
    trustProxy: 0,
    tls: null,
    clock,
    logger,
  });
  url = await app.listen({ host: '127.0.0.1', port: 0, besides: 0 });
});
afterEach(async () => {
  await app.close();
  web.stop();
  await gateway.stop();
});

async function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const outgoing = sendRequest(`${url}${path}`, { method, headers: { cookie, ...headers } });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await textOf(response) };
}

describe('the Control UI entry', () => {
  const enter = (code: string, headers: Record<string, string> = {}) =>
    ask('/enter', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: appOrigin, ...headers },
      body: new URLSearchParams({ code }).toString(),
    });

  test("exchanges the code from a Buoy page's form for the session cookie", async () => {
    const entered = await enter('right');
    expect(entered.status).toBe(200);
    expect(entered.body).toContain('<meta http-equiv="refresh" content="0;url=/s/srv_1/">');
    expect(entered.headers['content-security-policy']).toContain("default-src 'none'");
    expect(entered.headers['cache-control']).toBe('no-store');
    expect(entered.headers['set-cookie']).toEqual([
      'buoy_control_ui=good; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict',
    ]);
  });

  test.each([
    ['another site', 'https://evil.example'],
    ['a page of the Control UI itself', 'its own'],
    ['a page that hides where it is', 'null'],
    ['no page', undefined],
  ])('refuses a code sent from %s', async (_what, origin) => {
    const headers: Record<string, string> =
      origin === undefined ? {} : { origin: origin === 'its own' ? url : origin };
    const refused = await ask('/enter', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: 'code=right',
    });
    expect(refused.status).toBe(403);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  test('refuses a wrong or malformed code', async () => {
    const wrong = await enter('wrong');
    expect(wrong.status).toBe(404);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    expect(JSON.parse(wrong.body)).toMatchObject({ code: 'not_found', error: 'This link is over.' });
    expect((await enter('<7>')).status).toBe(400);
    expect((await enter('x'.repeat(2_000))).status).toBe(413);
    expect((await enter('right', { 'content-type': 'text/plain' })).status).toBe(400);
  });

  test('rate-limits wrong codes and cookies per address, but still accepts valid ones from it', async () => {
    for (let count = 0; count < REFUSALS; count += 1) expect((await enter('wrong')).status).toBe(404);
    const refused = await enter('wrong');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/s/srv_1/', { headers: { cookie: 'buoy_control_ui=wrong' } })).status).toBe(429);
    expect((await ask('/s/srv_1/')).status).toBe(200);
    expect((await enter('right')).status).toBe(200);
    clock.pass(60_000);
    expect((await enter('wrong')).status).toBe(404);
  });

  test('is the only page besides the servers', async () => {
    for (const path of ['/', '/s/', '/api/me', '/s/srv_1x%2f..', '/enterx'])
      expect((await ask(path)).status, path).toBeGreaterThanOrEqual(401);
    expect(web.came).toEqual([]);
  });
});

describe('a Control UI request', () => {
  test('without a session is refused, as HTML for browsers and JSON for programs', async () => {
    const page = await ask('/s/srv_1/', { headers: { cookie: '', accept: 'text/html' } });
    expect(page.status).toBe(401);
    expect(page.body).toContain('This session is over.');
    const answer = await ask('/s/srv_2/x');
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'unauthenticated' });
    expect(web.came).toEqual([]);
  });

  test('with two session cookies is refused, since one is not from Buoy', async () => {
    const answer = await ask('/s/srv_1/', {
      headers: { cookie: 'buoy_control_ui=planted; buoy_control_ui=good' },
    });
    expect(answer.status).toBe(401);
    expect(answer.body).toContain('two Control UI cookies');
    expect(web.came).toEqual([]);
  });

  test('is forwarded with the gateway secret and only the allowed headers', async () => {
    web.headers = { 'content-type': 'application/json' };
    web.body = '{"ok":true}';
    const answer = await ask('/s/srv_1/control-ui-config.json?a=1', {
      method: 'POST',
      headers: {
        origin: url,
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.9',
        'x-openclaw-session-key': 'agent:main:main',
        authorization: 'Bearer of-the-page',
        'x-anything': '1',
      },
      body: '{"b":2}',
    });
    expect(answer.body).toBe('{"ok":true}');
    const [came] = web.came;
    expect(came).toMatchObject({ method: 'POST', url: '/control-ui-config.json?a=1', body: '{"b":2}' });
    expect(came?.headers).toMatchObject({
      authorization: 'Bearer right-token',
      host: `127.0.0.1:${port}`,
      'x-openclaw-session-key': 'agent:main:main',
    });
    for (const name of ['cookie', 'origin', 'x-forwarded-for', 'x-anything', 'referer'])
      expect(came?.headers).not.toHaveProperty(name);
  });

  test("is answered without cookies, with Buoy's own policy and never the secret", async () => {
    web.headers = {
      'content-type': 'application/json',
      'set-cookie': 'a=b',
      'access-control-allow-origin': '*',
      'service-worker-allowed': '/',
      'clear-site-data': '"*"',
      'content-security-policy': "script-src 'self' 'sha256-abc=' *",
    };
    web.body = JSON.stringify({ url: `http://127.0.0.1/#token=${token}`, token });
    const answer = await ask('/s/srv_1/any');
    expect(answer.body).not.toContain(token);
    expect(answer.body).toHaveLength(web.body.length);
    for (const name of [
      'set-cookie',
      'access-control-allow-origin',
      'service-worker-allowed',
      'clear-site-data',
    ])
      expect(answer.headers).not.toHaveProperty(name);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; .*; sandbox$/);
    expect(answer.headers['content-security-policy']).not.toContain('*');
  });

  test.each([
    ['a picture with scripts', '/__openclaw__/assistant-media?source=%2Freport.svg', 'image/svg+xml', ''],
    ['an XML page', '/media/report.xml', 'application/xml', ''],
    ['a page that an agent made', '/__openclaw__/assistant-media?source=%2Fr.html', 'text/html', ''],
    ['one that looks like OpenClaw', '/__openclaw__/canvas/documents/cv_1/index.html', 'text/html', ''],
    ['a page in a sandbox', '/chat', 'text/html', "default-src 'none'; sandbox allow-scripts"],
    ['a page in many parts', '/any', 'multipart/x-mixed-replace', ''],
  ])(
    'for %s gives it an origin of its own: its scripts are not those of the Control UI',
    async (_what, path, type, upstream) => {
      web.headers = { 'content-type': type, 'content-security-policy': upstream };
      web.body = '<html><openclaw-app></openclaw-app><script>steal()</script></html>';
      const policy = (await ask(`/s/srv_1${path}`)).headers['content-security-policy'];
      expect(policy).toMatch(/; sandbox( allow-scripts)?$/);
    },
  );

  test('for a script leaves out the sandbox, which a worker may not have', async () => {
    web.headers = { 'content-type': 'text/javascript; charset=utf-8' };
    const answer = await ask('/s/srv_1/assets/diff.worker.js');
    expect(answer.headers['content-security-policy']).not.toContain('sandbox');
  });

  test('for the page is rewritten to the path of its server', async () => {
    web.headers = {
      ...{ 'content-type': 'text/html; charset=utf-8', etag: '"1"' },
      'content-security-policy': "script-src 'self' 'sha256-abc='",
    };
    web.body = `<html data-openclaw-control-ui-base-path=""><link href="/favicon.svg"><!-- ${token} --><openclaw-app></openclaw-app></html>`;
    const answer = await ask('/s/srv_1/chat');
    expect(answer.body).toBe(
      `<html data-openclaw-control-ui-base-path="/s/srv_1"><link href="/s/srv_1/favicon.svg"><!-- ${'*'.repeat(token.length)} --><openclaw-app></openclaw-app></html>`,
    );
    expect(answer.headers).not.toHaveProperty('etag');
    expect(answer.headers['content-security-policy']).toContain("'sha256-abc='");
    expect(answer.headers['content-security-policy']).not.toContain('sandbox');
    // A file that an agent wrote is no script of the page.
    expect(answer.headers['content-security-policy']).toMatch(/script-src \S+\/s\/srv_1\/assets\/ /);
    expect((await ask('/s/srv_1')).headers.location).toBe('/s/srv_1/');
  });

  test('for a file passes the compressed answer, and sends no secret', async () => {
    await ask('/s/srv_1/assets/index.js', { headers: { 'accept-encoding': 'gzip, br' } });
    await ask('/s/srv_1/avatar/main', { headers: { 'accept-encoding': 'gzip, br' } });
    const [asset, avatar] = web.came;
    expect(asset?.headers['accept-encoding']).toBe('gzip, br');
    expect(asset?.headers).not.toHaveProperty('authorization');
    expect(avatar?.headers['accept-encoding']).toBe('identity');
  });

  test('does not follow a redirect to another address', async () => {
    web.status = 302;
    web.headers = { location: '/next?x=1' };
    expect((await ask('/s/srv_1/a')).headers.location).toBe('/s/srv_1/next?x=1');
    web.headers = { location: 'https://elsewhere.example/' };
    const answer = await ask('/s/srv_1/a');
    expect(answer.status).toBe(502);
    expect(answer.headers).not.toHaveProperty('location');
  });

  test('does not follow a redirect that leads to another server once the secret in it is masked', async () => {
    knownToken = '/x?/';
    web.status = 308;
    web.headers = { location: '/x?/../../srv_2/api' };
    const { location } = (await ask('/s/srv_1/a')).headers;
    expect(new URL(String(location), 'http://x').pathname).toMatch(/^\/s\/srv_1\//);
    expect(location).not.toContain(knownToken);
  });

  test('that is no HTTP is refused with a policy under which a page that frames the answer can call nothing', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('GET /s/srv_1/ HTTP/1.1\r\nbad header\r\n\r\n');
    expect(await textOf(socket)).toContain("content-security-policy: default-src 'none'; sandbox\r\n");
  });

  test.each([
    ['a redirect', 308, { location: '/next' }],
    ['a page', 200, { 'content-type': 'Text/HTML' }],
    ['a picture with scripts', 200, { 'content-type': 'image/svg+xml' }],
    ['what has no type', 200, {}],
  ])('%s is kept by no browser, where it would act on the next session', async (_what, status, headers) => {
    web.status = status;
    web.headers = { ...headers, 'cache-control': 'max-age=31536000' };
    expect((await ask('/s/srv_1/a')).headers['cache-control']).toBe('no-store');
  });

  test.each<[string, string, Record<string, string>]>([
    ['a change without an origin', 'POST', {}],
    ['a change from another origin', 'POST', { origin: 'http://127.0.0.1:1' }],
    ['a picture on another page', 'GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ])('%s is refused', async (_what, method, headers) => {
    expect((await ask('/s/srv_1/a', { method, headers })).status).toBe(403);
    expect(web.came).toEqual([]);
  });

  test('for a service worker is refused, since it would outlive the session', async () => {
    const answer = await ask('/s/srv_1/sw.js', { headers: { 'service-worker': 'script' } });
    expect(answer.status).toBe(404);
  });

  describe('a Control UI request whose session ends while it runs', () => {
    /** A request that is held open, with what came back until its connection ended. */
    function hold(path: string, method = 'GET') {
      const outgoing = sendRequest(`${url}${path}`, { method, headers: { cookie, origin: url } });
      const ended = new Promise<string>((resolve) => {
        outgoing.on('error', () => resolve('cut'));
        outgoing.on('response', (response: IncomingMessage) => {
          response.resume();
          response.on('error', () => resolve('cut'));
          response.on('end', () => resolve(String(response.statusCode)));
        });
      });
      return { outgoing, ended };
    }

    test('is cut within a second while its body is incomplete, and the gateway never gets the rest', async () => {
      const { outgoing, ended } = hold('/s/srv_1/tools/invoke', 'POST');
      const taken = once(web.server, 'request');
      outgoing.write('{"tool":');
      const [atGateway] = (await taken) as [IncomingMessage];
      const lost = new Promise<void>((resolve) => void atGateway.once('close', () => resolve()));
      atGateway.on('error', () => {});
      isAdmitted = false;
      clock.pass(1_000);
      expect(['cut', '401']).toContain(await ended);
      await lost;
      expect(atGateway.complete).toBe(false);
      expect(web.came).toEqual([]);
    });

    test('is cut within a second while its answer streams', async () => {
      web.endless = true;
      web.body = 'line\n'.repeat(1_000);
      const { outgoing, ended } = hold('/s/srv_1/stream');
      outgoing.end();
      await once(outgoing, 'response');
      clock.pass(1_000);
      // Whoever is still admitted reads on.
      await new Promise(setImmediate);
      isAdmitted = false;
      clock.pass(1_000);
      expect(await ended).toBe('cut');
    });

    test('is asked about once a second, however many run', async () => {
      web.endless = true;
      web.body = 'line\n';
      const held = await Promise.all(
        ['/s/srv_1/one', '/s/srv_1/two', '/s/srv_1/three'].map(async (path) => {
          const { outgoing, ended } = hold(path);
          outgoing.end();
          await once(outgoing, 'response');
          return { ended };
        }),
      );
      const before = admissions;
      clock.pass(1_000);
      await new Promise(setImmediate);
      expect(admissions).toBe(before + 1);
      isAdmitted = false;
      clock.pass(1_000);
      expect(await Promise.all(held.map(({ ended }) => ended))).toEqual(['cut', 'cut', 'cut']);
      expect(admissions).toBe(before + 2);
    });

    test('does not reach the gateway when the session ended during connection setup', async () => {
      beforeOpening = () => {
        isAdmitted = false;
      };
      expect((await ask('/s/srv_1/avatar/main')).status).toBe(401);
      expect(web.came).toEqual([]);
    });
  });

  test('sends nothing to a port that another account holds', async () => {
    checkPort = () => Promise.reject(new AppError('bad_gateway', 'Another account has it.'));
    const answer = await ask('/s/srv_1/');
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('Another account has it.');
    expect(web.came).toEqual([]);
  });

  test('gets an error message when the gateway is not reachable', async () => {
    web.stop();
    const answer = await ask('/s/srv_1/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('Nothing listens on');
  });
});

describe('a Control UI WebSocket', () => {
  const connect = (auth: object = {}) =>
    JSON.stringify({
      type: 'req',
      id: '1',
      method: 'connect',
      params: { client: { id: 'openclaw-control-ui', mode: 'webchat' }, device: { id: 'd' }, auth },
    });

  /** The browser's side, with everything that it gets. */
  function open(headers: Record<string, string> = {}, path = '/s/srv_1') {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
      headers: { cookie, origin: url, ...headers },
    });
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    const closed = once(socket, 'close').then(([code]) => code as number);
    const refused = new Promise<number>((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    });
    socket.on('error', () => {});
    const until = async (count: number) => {
      while (frames.length < count) await once(socket, 'message');
      return frames.map((frame) => JSON.parse(frame) as Record<string, unknown>);
    };
    return { socket, frames, closed, refused, until };
  }

  beforeEach(() => {
    port = gateway.port;
  });

  test('is refused as the eleventh of a person until one is closed', async () => {
    const ten = Array.from({ length: 10 }, () => open());
    await Promise.all(ten.map(({ until }) => until(1)));
    expect(await open().refused).toBe(409);
    ten[0]?.socket.close();
    await ten[0]?.closed;
    const answerTo = ({ refused, until }: ReturnType<typeof open>) =>
      Promise.race([refused, until(1).then(() => 101)]);
    let next = open();
    // The place is free when this side has seen the close, too.
    while ((await answerTo(next)) === 409) next = open();
    for (const { socket } of [...ten, next]) socket.close();
  });

  test('is authenticated by Buoy, then relays both directions', async () => {
    gateway.methods['agents.list'] = () => ({ payload: { agents: [{ id: 'main' }] } });
    const { socket, until } = open();
    await until(1);
    socket.send(connect({ token: 'of the page' }));
    await until(2);
    socket.send(JSON.stringify({ type: 'req', id: '2', method: 'agents.list', params: {} }));
    const [challenge, hello, list] = await until(3);
    expect(challenge).toMatchObject({ event: 'connect.challenge' });
    expect(hello).toMatchObject({ id: '1', ok: true, payload: { type: 'hello-ok' } });
    expect(list).toMatchObject({ id: '2', payload: { agents: [{ id: 'main' }] } });
    const [came] = gateway.connects;
    expect(came?.params).toEqual({
      client: { id: 'gateway-client', mode: 'backend', displayName: 'Control UI through Buoy' },
      auth: { token },
    });
    for (const name of ['origin', 'cookie', 'x-forwarded-for'])
      expect(came?.headers).not.toHaveProperty(name);
  });

  test('never carries the secret to the browser', async () => {
    const { socket, frames, until } = open();
    await until(1);
    socket.send(connect());
    await until(2);
    gateway.emit('leak', { token, text: `#token=${token}` });
    await until(3);
    expect(frames.join('')).not.toContain(token);
  });

  test('ends within a second when the session does', async () => {
    const { socket, closed, until } = open();
    await until(1);
    socket.send(connect());
    await until(2);
    isAdmitted = false;
    clock.pass(1_000);
    expect(await closed).toBe(1008);
  });

  test('ends when the gateway or Buoy closes', async () => {
    const one = open();
    await one.until(1);
    gateway.closeAll(1012, 'service restart');
    expect(await one.closed).toBe(1012);
    const other = open();
    await other.until(1);
    await app.close();
    expect(await other.closed).toBe(1001);
  });

  test('that sends anything before connect is closed', async () => {
    const { socket, closed, until } = open();
    await until(1);
    socket.send(JSON.stringify({ type: 'req', id: '1', method: 'config.get', params: {} }));
    expect(await closed).toBe(1008);
    expect(gateway.connects).toEqual([]);
  });

  test("reconnects with the new secret after the gateway's secret changes", async () => {
    gateway.token = 'rotated-token';
    const first = open();
    await first.until(1);
    first.socket.send(connect());
    expect(await first.closed).toBe(1012);
    const second = open();
    await second.until(1);
    second.socket.send(connect());
    expect((await second.until(2))[1]).toMatchObject({ ok: true });
  });

  test.each([
    ['without a cookie', { cookie: '' }, '/s/srv_1', 401],
    ['for another server', {}, '/s/srv_2', 401],
    ['of another origin', { origin: 'http://127.0.0.1:1' }, '/s/srv_1', 403],
    ['to nowhere', {}, '/enter', 404],
  ])('is refused %s', async (_what, headers, path, status) => {
    expect(await open(headers, path).refused).toBe(status);
    expect(gateway.open()).toBe(0);
  });
});

test('the Control UI falls back to another port by default, and fails for a configured port in use', async () => {
  const besides = Number(new URL(url).port) - 1;
  const make = () =>
    createControlUiApp({
      controlUi: { enter: () => expect.unreachable(), admit: () => expect.unreachable() },
      address: createControlUiAddress({ domain: null, appDomain: null, isTls: false, port: () => 0 }),
      gatewayTunnel: { open: () => expect.unreachable(), refused: () => {} },
      refusalsPerMinute: REFUSALS,
      trustProxy: 0,
      tls: null,
      clock,
      logger: createRecordingLogger().logger,
    });
  const other = make();
  expect(await other.listen({ host: '127.0.0.1', port: null, besides })).not.toBe(url);
  await other.close();
  await expect(make().listen({ host: '127.0.0.1', port: besides + 1, besides: 0 })).rejects.toThrow(
    'EADDRINUSE',
  );
});
