// docs/reverse-proxy.md as written: Caddy and nginx accept both configurations, and calls, streams and terminals pass through them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { makeCertificate } from '../../testbed/make-certificate.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { ensureSystemPackages } from '../../testbed/system-packages.ts';
import { until } from '../../testbed/until.ts';
import { codeBlocks } from './support/doc-page.ts';

const page = 'docs/reverse-proxy.md';
const COMMAND_DEADLINE_MS = 30_000;
const READY_MS = 60_000;
/** Milliseconds; a busy machine starts Buoy slowly. */
const SETUP_TIMEOUT_MS = 180_000;
/** A second loopback address, so that the client can be told from the proxy. */
const CLIENT_ADDRESS = '127.0.0.9';
const { docs } = await ensureSystemPackages(['docs'], { install: false });
const reason = docs?.ok === false ? docs.reason : '';

type Proxy = { port: number; ca: Buffer };
type Ports = { http: number; https: number; buoy: string; controlUi: string };

let dir: string;
let buoy: BuoyProcess;
let token: string;
let serverId: string;
let silent: Server;
const held = new Set<Socket>();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Replaces the ports of the page by those free on this machine; everything else stays as written. */
const withPorts = (text: string, { http, https, buoy: app, controlUi }: Ports): string =>
  text
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${app}`)
    .replaceAll('127.0.0.1:8081', `127.0.0.1:${controlUi}`)
    .replaceAll(/^ {2}listen \[::\].*\n/gm, '')
    .replaceAll('listen 80;', `listen 127.0.0.1:${http};`)
    .replaceAll('listen 443 ssl;', `listen 127.0.0.1:${https} ssl;`);

async function ports(): Promise<Ports> {
  const controlUi = /"url":"http:\/\/127\.0\.0\.1:(\d+)"[^\n]*Control UI of OpenClaw listens/.exec(
    buoy.output(),
  );
  return {
    http: await freePort(),
    https: await freePort(),
    buoy: new URL(buoy.url).port,
    controlUi: controlUi?.[1] ?? expect.unreachable('the Control UI listens nowhere'),
  };
}

/** Runs a proxy until the test file ends. */
function run(program: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess & { printed(): string } {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  return Object.assign(child, { printed: () => text });
}

async function startCaddy(changes: Partial<Ports> = {}): Promise<Proxy & { child: ChildProcess }> {
  const given = { ...(await ports()), ...changes };
  const [caddyfile = ''] = codeBlocks(page, 'caddyfile');
  const file = path.join(dir, 'Caddyfile');
  const options = `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port ${given.http}\n\thttps_port ${given.https}\n}\n`;
  writeFileSync(file, `${options}${withPorts(caddyfile, given)}`);
  const env = { PATH: process.env.PATH, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
  const child = run('caddy', ['run', '--adapter', 'caddyfile', '--config', file], env);
  const ca = await until(READY_MS, async () => {
    try {
      return readFileSync(path.join(dir, 'caddy/pki/authorities/local/root.crt'));
    } catch {
      return null;
    }
  });
  return { child, port: given.https, ca };
}

/** @param listing the text of the page, where its certificate may be elsewhere */
function nginxFiles(listing: string): string {
  const { cert, key } = makeCertificate(dir, 'buoy.example.org', 30, ['control.buoy.example.org']);
  writeFileSync(
    path.join(dir, 'buoy.conf'),
    listing
      .replaceAll(/ssl_certificate \S+;/g, `ssl_certificate ${cert};`)
      .replaceAll(/ssl_certificate_key \S+;/g, `ssl_certificate_key ${key};`),
  );
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  const conf = path.join(dir, 'nginx.conf');
  writeFileSync(
    conf,
    `${process.getuid?.() === 0 ? 'user root;' : ''}\npid ${dir}/nginx.pid;\ndaemon off;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${folders.join('\n')}\ninclude ${dir}/buoy.conf;\n}\n`,
  );
  return conf;
}

async function startNginx(changes: Partial<Ports> = {}): Promise<Proxy & { child: ChildProcess }> {
  const given = { ...(await ports()), ...changes };
  const [listing = ''] = codeBlocks(page, 'nginx');
  const conf = nginxFiles(withPorts(listing, given));
  const child = run('nginx', ['-e', 'stderr', '-c', conf], { PATH: process.env.PATH });
  return { child, port: given.https, ca: readFileSync(path.join(dir, 'buoy.example.org.crt')) };
}

/** One https request to a name of the page, through the proxy. */
async function ask(
  { port, ca }: Proxy,
  name: string,
  to: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<IncomingMessage> {
  const { method = 'GET', body, headers = {} } = options;
  const sent = request({
    host: '127.0.0.1',
    port,
    localAddress: CLIENT_ADDRESS,
    servername: name,
    ca,
    path: to,
    method,
    headers: {
      host: name,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

beforeAll(async () => {
  if (reason !== '') return;
  dir = mkdtempSync(path.join(tmpdir(), 'buoy-proxy-'));
  chmodSync(dir, 0o755);
  const settings = Object.fromEntries(
    (codeBlocks(page, 'sh')[0] ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  buoy = await startBuoy({ DATA_DIR: path.join(dir, 'data'), CONTROL_UI_PORT: '0', ...settings });
  token = await signInByLink(buoy);
  // Accepts connections and stays silent, so that a task on this server keeps running.
  silent = createServer((socket) => {
    held.add(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const login = { username: 'u', authType: 'password', password: 'p' } as const;
  serverId = (await api('POST /servers', { body: { name: 'web', host: '127.0.0.1', port, ...login } })).server
    .id;
}, SETUP_TIMEOUT_MS);
afterAll(async () => {
  for (const socket of held) socket.destroy();
  silent?.close();
  await buoy?.stop();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(reason !== '')(`${page}${reason && ` (skipped: ${reason})`}`, () => {
  test('caddy validate accepts the configuration as written', async () => {
    const file = path.join(dir, 'as-it-stands');
    writeFileSync(file, codeBlocks(page, 'caddyfile')[0] ?? '');
    const checked = await runCommand('caddy', ['validate', '--adapter', 'caddyfile', '--config', file], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: { PATH: process.env.PATH, HOME: dir },
    });
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout + checked.stderr).toContain('Valid configuration');
  });

  const mayBind = process.getuid?.() === 0;
  const asItStands = `nginx -t takes the page as it stands, without a warning${mayBind ? '' : ' (skipped: port 80 takes root)'}`;
  test.skipIf(!mayBind)(asItStands, async () => {
    const conf = nginxFiles(codeBlocks(page, 'nginx')[0] ?? '');
    const checked = await runCommand('nginx', ['-t', '-q', '-e', 'stderr', '-c', conf], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: { PATH: process.env.PATH },
    });
    expect(checked).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  describe.each([
    { name: 'Caddy', start: startCaddy },
    { name: 'nginx', start: startNginx },
  ])('through $name', ({ start }) => {
    let proxy: Proxy;
    let child: ChildProcess;
    beforeAll(async () => {
      ({ child, ...proxy } = await start());
      await until(READY_MS, async () => {
        const answer = await ask(proxy, 'buoy.example.org', '/api/health').catch(() => null);
        answer?.resume();
        return answer?.statusCode === 200;
      });
    }, SETUP_TIMEOUT_MS);
    afterAll(async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    });
    const authorization = () => ({ authorization: `Bearer ${token}` });

    test('a sign-in gets a Secure cookie, and the audit log has the address of the client', async () => {
      const code = new URL(await buoy.newSignInLink()).hash.replace('#code=', '');
      const answer = await ask(proxy, 'buoy.example.org', '/api/auth/link', {
        method: 'POST',
        body: { code },
      });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['set-cookie']?.join()).toMatch(/^__Host-Http-[^;]+;.*Secure/);
      answer.resume();
      const log = await ask(
        proxy,
        'buoy.example.org',
        '/api/admin/audit?action=POST%20%2Fauth%2Flink&limit=1',
        {
          headers: authorization(),
        },
      );
      expect(JSON.parse(await textOf(log)).entries[0]).toMatchObject({ ip: CLIENT_ADDRESS });
    });

    test('an event arrives while its stream is open', async () => {
      const started = await ask(proxy, 'buoy.example.org', `/api/servers/${serverId}/openclaw/restart`, {
        method: 'POST',
        headers: authorization(),
      });
      const { task } = JSON.parse(await textOf(started));
      const stream = await ask(proxy, 'buoy.example.org', `/api/tasks/${task.id}/events`, {
        headers: authorization(),
      });
      onTestFinished(() => void stream.destroy());
      const [first] = await once(stream, 'data');
      expect(String(first)).toContain('event: ');
      expect(stream.complete).toBe(false);
      await ask(proxy, 'buoy.example.org', `/api/tasks/${task.id}/cancel`, {
        method: 'POST',
        headers: authorization(),
      }).then((answer) => answer.resume());
    });

    test('a terminal opens', async () => {
      const made = await ask(proxy, 'buoy.example.org', `/api/servers/${serverId}/terminal/ticket`, {
        method: 'POST',
        headers: authorization(),
      });
      const { ticket } = JSON.parse(await textOf(made));
      const query = new URLSearchParams({ ticket: ticket.value });
      const options: ClientOptions & { servername: string } = {
        ca: proxy.ca,
        servername: 'buoy.example.org',
        headers: { host: 'buoy.example.org', origin: 'https://buoy.example.org' },
      };
      const socket = new WebSocket(
        `wss://127.0.0.1:${proxy.port}/api/servers/${serverId}/terminal?${query}`,
        options,
      );
      onTestFinished(() => socket.terminate());
      await once(socket, 'open');
      socket.terminate();
      await once(socket, 'close');
    });

    test('an answer of Buoy on the Control UI name keeps its own policy, and one of the proxy itself has one', async () => {
      const answer = await ask(proxy, 'control.buoy.example.org', '/s/none/');
      answer.resume();
      expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'; style-src/);
      const { child: other, ...withoutBuoy } = await start({ controlUi: '1' });
      onTestFinished(async () => {
        other.kill('SIGTERM');
        await once(other, 'exit');
      });
      const refusal = await until(READY_MS, () =>
        ask(withoutBuoy, 'control.buoy.example.org', '/s/none/').catch(() => null),
      );
      refusal.resume();
      expect(refusal.statusCode).toBe(502);
      expect(refusal.headers['content-security-policy']).toBe("default-src 'none'; sandbox");
    });

    test('the Control UI name leads to the Control UI', async () => {
      const answer = await ask(proxy, 'control.buoy.example.org', '/s/none/');
      expect(answer.statusCode).toBe(401);
      expect(await textOf(answer)).toContain('Control UI');
    });
  });
});
