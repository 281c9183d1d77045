// The Control UI of a real gateway through Buoy, as a browser uses it: who may open it, what it can reach, when the session ends.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@buoy/contract/client';
import { createClient } from '@buoy/contract/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFailed, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { addServer, untilUp } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { usualVersions } from './support/openclaw-fixture.ts';

const config = z.looseObject({
  gateway: z.looseObject({ auth: z.looseObject({ token: z.string().min(8) }) }),
});
const agentsListed = z.looseObject({ agents: z.array(z.looseObject({ id: z.string() })) });

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'Control UI of OpenClaw $version',
  (version) => {
    let host: Host;
    let buoy: BuoyProcess;
    let dataDir: string;
    let serverId: string;
    let gatewayToken: string;
    let owner: Client;
    /** An admin of the server, and a person without access to it. */
    let ada: Client;
    let bob: Client;
    const sockets: WebSocket[] = [];

    beforeAll(async () => {
      host = await acquireHost({ name: version.name, layer: version.layer, waitGateway: true });
      dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-control-ui-'));
      buoy = await startBuoy({
        DATA_DIR: dataDir,
        TELEGRAM_BOT_TOKEN: BOT_TOKEN,
        ADMIN_USER_IDS: '500',
        RATE_LIMIT_GLOBAL: '100000',
        RATE_LIMIT_AUTH: '100000',
      });
      owner = await signIn(500);
      const added = await addServer(owner, {
        name: host.name,
        host: host.host,
        port: host.port,
        username: host.user,
        authType: 'key',
        privateKey: await readFile(host.key, 'utf8'),
      });
      serverId = added.id;
      await untilUp(owner, serverId);
      const file = await host.exec(['cat', '/home/deploy/.openclaw/openclaw.json'], { user: 'deploy' });
      gatewayToken = config.parse(JSON.parse(file.stdout)).gateway.auth.token;
      ada = await signIn(501);
      bob = await signIn(502);
      await grantAda('admin');
    });
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.terminate();
    });
    afterAll(async () => {
      await buoy?.stop();
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
    });

    const server = () => ({ id: serverId });
    const buoyUrl = () => buoy.url;
    async function cli<S extends z.ZodType>(words: readonly string[], schema: S): Promise<z.output<S>> {
      const { stdout } = await host.exec(
        ['env', 'PATH=/opt/node24/bin:/usr/bin:/bin', 'openclaw', '--no-color', ...words],
        { user: 'deploy' },
      );
      return schema.parse(JSON.parse(stdout));
    }
    let launches = 0;
    async function signIn(id: number): Promise<Client> {
      launches += 1;
      const body = { initData: forgeInitData({ id, first_name: `Person ${launches}` }, BOT_TOKEN) };
      const { token } = await createClient({ baseUrl: `${buoyUrl()}/api`, token: () => null })(
        'POST /auth/telegram',
        {
          body,
        },
      );
      return createClient({ baseUrl: `${buoyUrl()}/api`, token: () => token });
    }
    const grantAda = (role: 'admin' | 'viewer') =>
      owner('POST /servers/:id/access', { params: server(), body: { userId: '501', role } });
    const revokeAda = () =>
      owner('DELETE /servers/:id/access/:userId', { params: { ...server(), userId: '501' } });

    const codeOf = (url: string) => new URL(url).hash.replace('#code=', '');
    const linkOf = (who: Client) => who('GET /servers/:id/openclaw/dashboard-url', { params: server() });
    const confirm = async (who: Client, code: string) =>
      (await who('POST /me/control-ui', { body: { code } })).url;
    const enter = (entry: string, origin = buoyUrl()) =>
      fetch(new URL('/enter', entry), {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ code: codeOf(entry) }),
      });

    type ControlUiPage = { page: URL; cookie: string };
    /** Does what the page of Buoy and its form do. */
    async function visit(who: Client): Promise<ControlUiPage> {
      const entry = await confirm(who, codeOf((await linkOf(who)).url));
      const entered = await enter(entry);
      expect(entered.status).toBe(200);
      const below = /content="0;url=([^"]+)"/.exec(await entered.text())?.[1] ?? '';
      const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      return { page: new URL(below, entry), cookie };
    }
    const ask = ({ page, cookie }: ControlUiPage, what: string, headers: Record<string, string> = {}) =>
      fetch(new URL(what, page), { headers: { cookie, ...headers }, redirect: 'manual' });

    /** The page's WebSocket, connected as the page connects, with all frames that it receives. */
    async function connect({ page, cookie }: ControlUiPage) {
      const socket = new WebSocket(page.href.replace(/^http/, 'ws').replace(/\/$/, ''), {
        headers: { cookie, origin: page.origin },
      });
      sockets.push(socket);
      const frames: string[] = [];
      const closed = once(socket, 'close').then(([code]) => code as number);
      let arrived = Promise.withResolvers<void>();
      socket.on('message', (data) => {
        frames.push(String(data));
        arrived.resolve();
      });
      const answerTo = async (id: string) => {
        for (;;) {
          for (const frame of frames) {
            const parsed = JSON.parse(frame) as {
              type: string;
              id?: string;
              ok?: boolean;
              payload?: unknown;
            };
            if (parsed.type === 'res' && parsed.id === id) return parsed;
          }
          arrived = Promise.withResolvers<void>();
          await Promise.race([
            arrived.promise,
            closed.then((code) => expect.unreachable(`closed with ${code}`)),
          ]);
        }
      };
      let calls = 0;
      const call = (method: string, params: object = {}) => {
        calls += 1;
        socket.send(JSON.stringify({ type: 'req', id: `c${calls}`, method, params }));
        return answerTo(`c${calls}`);
      };
      await once(socket, 'message');
      const hello = await call('connect', {
        minProtocol: 4,
        maxProtocol: 4,
        client: { id: 'openclaw-control-ui', version: version.version, platform: 'test', mode: 'webchat' },
        role: 'operator',
        scopes: [
          'operator.admin',
          'operator.read',
          'operator.write',
          'operator.approvals',
          'operator.pairing',
        ],
        caps: ['tool-events'],
      });
      return { socket, frames, closed, call, hello };
    }

    test('a link opens the page, its files and its WebSocket, with the same agents as the command lists', async () => {
      const link = await linkOf(ada);
      expect(link.url).toMatch(new RegExp(`^${buoyUrl()}/control-ui#code=[\\w-]{43}$`));
      expect(Date.parse(link.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
      expect(link.sshCommand).toBe(`ssh -N -L 18789:127.0.0.1:18789 deploy@${host.host}`);

      const opened = await visit(ada);
      expect(opened.page.origin).not.toBe(buoyUrl());
      const page = await ask(opened, '');
      expect(page.status).toBe(200);
      const html = await page.text();
      expect(html).toContain('<openclaw-app');
      const script = /<script [^>]*src="([^"]+)"/.exec(html)?.[1] ?? '';
      const file = await ask(opened, script, { 'accept-encoding': 'gzip' });
      expect(file.status).toBe(200);
      expect(file.headers.get('content-type')).toContain('javascript');
      expect(await file.text()).toMatch(/import|export|function/);

      const { hello, call } = await connect(opened);
      expect(hello).toMatchObject({ ok: true, payload: { type: 'hello-ok', auth: { role: 'operator' } } });
      const listed = agentsListed.parse((await call('agents.list')).payload).agents.map(({ id }) => id);
      const byCommand = await cli(['agents', 'list', '--json'], z.array(z.looseObject({ id: z.string() })));
      expect(listed.sort()).toEqual(byCommand.map(({ id }) => id).sort());
    });

    test('needs no pairing and leaves no device behind', async () => {
      const paired = z.looseObject({ paired: z.array(z.unknown()), pending: z.array(z.unknown()) });
      const before = await cli(['devices', 'list', '--json'], paired);
      await connect(await visit(ada));
      const after = await cli(['devices', 'list', '--json'], paired);
      expect([after.paired.length, after.pending.length]).toEqual([
        before.paired.length,
        before.pending.length,
      ]);
    });

    test('never shows the token of the gateway in any body, header or frame', async () => {
      const opened = await visit(ada);
      const page = await ask(opened, '');
      const html = await page.text();
      const files = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, file]) => file ?? '');
      expect(files.length).toBeGreaterThan(3);
      const said = [html, JSON.stringify([...page.headers])];
      for (const what of [
        ...files,
        'control-ui-config.json',
        '__openclaw/control-ui-config.json',
        'avatar/main?meta=1',
        'nowhere',
      ]) {
        const answer = await ask(opened, what);
        said.push(JSON.stringify([...answer.headers]), await answer.text());
      }
      const { call, frames } = await connect(opened);
      for (const method of [
        'config.get',
        'status',
        'health',
        'agents.list',
        'device.pair.list',
        'update.status',
        'system-presence',
      ])
        await call(method);
      said.push(...frames, buoy.output());
      for (const one of said) expect(one.includes(gatewayToken)).toBe(false);
      expect(said.join('').length).toBeGreaterThan(100_000);
    });

    test('gives paths that need the secret to this Control UI session only', async () => {
      const opened = await visit(ada);
      const settings = await ask(opened, 'control-ui-config.json');
      expect(settings.status).toBe(200);
      expect(settings.headers.get('content-type')).toContain('json');
      for (const what of ['', 'control-ui-config.json', 'assets/index.js'])
        expect((await fetch(new URL(what, opened.page))).status).toBe(401);
      const elsewhere = await fetch(new URL('tools/invoke', opened.page), {
        method: 'POST',
        headers: { cookie: opened.cookie, origin: buoyUrl() },
      });
      expect(elsewhere.status).toBe(403);
    });

    test('refuses a used link, and another person', async () => {
      const { url } = await linkOf(ada);
      await expect(confirm(bob, codeOf(url))).rejects.toMatchObject({ status: 403, code: 'forbidden' });
      const entry = await confirm(ada, codeOf(url));
      await expect(confirm(ada, codeOf(url))).rejects.toMatchObject({ status: 404, code: 'not_found' });
      expect((await enter(entry, 'https://elsewhere.example')).status).toBe(403);
      expect((await enter(entry)).status).toBe(200);
      const again = await enter(entry);
      expect(again.status).toBe(404);
      expect(again.headers.getSetCookie()).toEqual([]);
      await expect(linkOf(bob)).rejects.toMatchObject({ status: 404 });
      await expect(confirm(ada, 'made-up')).rejects.toMatchObject({ status: 404 });
    });

    test('ends at once when the role is revoked, and does not return with it', async () => {
      // The tests after this one, and a second try, need her role.
      onTestFailed(async () => {
        await revokeAda().catch(() => undefined);
        await grantAda('admin').catch(() => undefined);
      });
      const opened = await visit(ada);
      const { closed } = await connect(opened);
      await revokeAda();
      expect((await ask(opened, '')).status).toBe(403);
      expect(await closed).toBe(1008);
      await grantAda('viewer');
      expect((await ask(opened, '')).status).toBe(403);
      await expect(linkOf(ada)).rejects.toMatchObject({ status: 403 });
      await revokeAda();
      await grantAda('admin');
    });

    test('ends at once when the person signs out or the session is revoked', async () => {
      const [one, other] = [await signIn(501), await signIn(501)];
      const first = await visit(one);
      const second = await visit(other);
      const firstSocket = await connect(first);
      const secondSocket = await connect(second);
      await one('POST /auth/logout');
      expect(await firstSocket.closed).toBe(1008);
      expect((await ask(first, '')).status).toBe(401);
      expect((await ask(second, '')).status).toBe(200);

      const { sessions } = await other('GET /me/sessions');
      const current = sessions.find((session) => session.current)?.id ?? '';
      await ada('DELETE /me/sessions/:id', { params: { id: current } });
      expect(await secondSocket.closed).toBe(1008);
      expect((await ask(second, '')).status).toBe(401);
    });

    test('audit log holds who opened it, without the code', async () => {
      const { url } = await linkOf(ada);
      await confirm(ada, codeOf(url));
      const { entries } = await owner('GET /admin/audit', {
        query: { action: 'POST /me/control-ui', userId: '501', limit: 10 },
      });
      // Reading the log writes the count of refused calls before, which may come last.
      expect(entries.find(({ result }) => result === 'ok')).toMatchObject({ serverId });
      expect(JSON.stringify(entries)).not.toContain(codeOf(url));
    });
  },
);
