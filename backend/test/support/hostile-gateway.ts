// Buoy with a server whose gateway is a script of the test: for attacks by a managed server that was taken over.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { runCommand } from '../../../testbed/run-command.ts';
import {
  type ScriptedGateway,
  startScriptedGateway,
} from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';

export type HostileGateway = {
  url: string;
  gateway: ScriptedGateway;
  /** The login's home. */
  home: string;
  /** The login. */
  username: string;
  /** In its own process: a crash of Buoy does not end the test. */
  buoy: BuoyProcess;
  signIn(id: number): Promise<string>;
  call(
    token: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; json: Record<string, never> }>;
  /** Adds the server with this gateway for the person, and returns its id. */
  addServer(token: string): Promise<string>;
  close(): Promise<void>;
};

export async function startHostileGateway(environment: Record<string, string> = {}): Promise<HostileGateway> {
  const [sshd, gateway] = await Promise.all([startLoopbackSshd(), startScriptedGateway()]);
  gateway.methods['sessions.subscribe'] = () => ({ payload: {} });
  const folder = path.join(sshd.home, '.openclaw');
  mkdirSync(folder, { recursive: true });
  const settings = { port: gateway.port, bind: 'loopback', auth: { mode: 'token', token: gateway.token } };
  writeFileSync(path.join(folder, 'openclaw.json'), JSON.stringify({ gateway: settings }));
  await runCommand('chmod', ['-R', 'a+rwX', folder], { timeoutMs: 10_000 });
  const dataDir = await mkdtemp(path.join(tmpdir(), 'buoy-hostile-'));
  const buoy = await startBuoy({
    DATA_DIR: dataDir,
    TELEGRAM_BOT_TOKEN: BOT_TOKEN,
    ADMIN_USER_IDS: '1',
    ...{ RATE_LIMIT_GLOBAL: '1000000', RATE_LIMIT_AUTH: '1000000', RATE_LIMIT_EXEC: '1000000' },
    ...environment,
  });
  let count = 0;
  const call: HostileGateway['call'] = async (token, method, below, body) => {
    const answer = await fetch(`${buoy.url}/api${below}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, never> };
  };
  return {
    url: buoy.url,
    gateway,
    home: sshd.home,
    username: sshd.username,
    buoy,
    call,
    async signIn(id) {
      count += 1;
      const initData = forgeInitData({ id, first_name: `User ${count}` }, BOT_TOKEN);
      const { json } = await call('', 'POST', '/auth/telegram', { initData });
      return String(json.token);
    },
    async addServer(token) {
      count += 1;
      const { json } = await call(token, 'POST', '/servers', {
        ...{ name: `server ${count}`, host: '127.0.0.1', port: sshd.port, username: sshd.username },
        ...{ authType: 'key', privateKey: sshd.privateKey },
      });
      return String((json.server as { id: string } | undefined)?.id);
    },
    async close() {
      await buoy.kill();
      await Promise.all([gateway.stop(), sshd.stop()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type ControlUiVisit = { origin: string; base: string; cookie: string };

/** Does what Buoy's page does for a person: creates a link, confirms it, and returns the address that the browser opens. */
export async function entryFor(
  { call }: HostileGateway,
  token: string,
  serverId: string,
): Promise<{ origin: string; code: string }> {
  const codeIn = (url: unknown) => new URL(String(url)).hash.replace('#code=', '');
  const link = await call(token, 'GET', `/servers/${serverId}/openclaw/dashboard-url`);
  const entry = await call(token, 'POST', '/me/control-ui', { code: codeIn(link.json.url) });
  return { origin: new URL(String(entry.json.url)).origin, code: codeIn(entry.json.url) };
}

/** The cookies of one browser, by name, path and value, as far as these tests need them. */
export function createBrowser() {
  let cookies: Array<{ name: string; value: string; path: string }> = [];
  return {
    /** Sends an entry code from a page of `from`, on the route that every version of Buoy has. */
    async enter({ origin, code }: { origin: string; code: string }, from: string | null): Promise<Response> {
      const headers: Record<string, string> = {
        cookie: this.cookiesFor('/enter'),
        ...(from === null ? {} : { origin: from }),
      };
      const form = await fetch(`${origin}/enter`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ code }),
      });
      const answer =
        form.status === 400
          ? await fetch(`${origin}/enter`, {
              method: 'POST',
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify({ code }),
            })
          : form;
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        const where = /Path=([^;]+)/.exec(line)?.[1] ?? '/';
        cookies = cookies.filter((one) => one.name !== name || one.path !== where);
        cookies.push({ name, value, path: where });
      }
      return answer;
    },
    cookiesFor: (where: string): string =>
      cookies
        .filter(({ path: of }) => of === '/' || where === of || where.startsWith(`${of}/`))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
  };
}
