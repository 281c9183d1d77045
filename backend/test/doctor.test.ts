// npm run doctor on a real Buoy: its report on a healthy one, and on each problem.
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { startFakeBotApiServer } from '../../testbed/fake-bot-api-server.ts';
import { makeCertificate } from '../../testbed/make-certificate.ts';
import { OPEN_TO_TESTS } from '../../testbed/open-to-tests.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { serverProgram } from '../../testbed/server-program.ts';
import { checkBot } from '../src/doctor/bot.ts';
import { checkCertificate, checkClock, checkDisk } from '../src/doctor/machine.ts';
import { checkServers } from '../src/doctor/server-connections.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createAddressLookup } from '../src/ssh/address-lookup.ts';
import { createAddressPolicy } from '../src/ssh/address-policy.ts';

const SETUP_TIMEOUT_MS = 180_000;
const DAY_MS = 86_400_000;

let dir: string;
let dataDir: string;
let buoy: BuoyProcess;
let sshd: Server;
let sshPort: number;
let api: Client;
const login = { host: '127.0.0.1', username: 'u', authType: 'password', password: 'p' } as const;

/** An address where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const doctor = (settings: Record<string, string> = {}, words: string[] = []): Promise<CommandResult> => {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...OPEN_TO_TESTS, DATA_DIR: dataDir, PORT: new URL(buoy.url).port, ...settings };
  return runCommand(process.execPath, [serverProgram('doctor'), ...words], { timeoutMs: 60_000, env });
};

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'buoy-doctor-'));
  dataDir = path.join(dir, 'data');
  // Enough for the doctor: it sends the banner of an SSH server.
  sshd = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('SSH-2.0-OpenSSH_10.0\r\n');
  }).listen(0, '127.0.0.1');
  await once(sshd, 'listening');
  sshPort = (sshd.address() as AddressInfo).port;
  buoy = await startBuoy({ DATA_DIR: dataDir });
  const token = await signInByLink(buoy);
  api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  await api('POST /servers', { body: { name: 'web', port: sshPort, ...login } });
}, SETUP_TIMEOUT_MS);
afterAll(async () => {
  await buoy?.stop();
  sshd?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('npm run doctor', () => {
  test('reports a healthy Buoy as healthy, with exit code 0', async () => {
    const { code, stdout, stderr } = await doctor();
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok {10}settings: read/m);
    expect(stdout).toMatch(/^ok {10}clock: it is \d{4}-/m);
    expect(stdout).toMatch(/^ok {10}disk: \d+ MB are free/m);
    expect(stdout).toMatch(/^ok {10}port: Buoy \S+ answers at http:\/\/127\.0\.0\.1:\d+\.$/m);
    expect(stdout).toMatch(/^not set up {2}bot: TELEGRAM_BOT_TOKEN is not set/m);
    expect(stdout).toMatch(/^ok {10}database: sqlite answers/m);
    expect(stdout).toMatch(/^ok {10}keys: every secret is under the active one/m);
    expect(stdout).toMatch(
      new RegExp(`^ok {10}server web: an SSH server answers at 127\\.0\\.0\\.1:${sshPort}`, 'm'),
    );
    expect(stdout).toMatch(/\nNo problems found\.\n$/);
  });

  test('names a server that it cannot reach, with exit code 1', async () => {
    const { server } = await api('POST /servers', {
      body: { name: 'gone', port: await closedPort(), ...login },
    });
    const { code, stdout } = await doctor();
    await api('DELETE /servers/:id', { params: { id: server.id } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^problem {5}server gone: .+\n {12}\S.+$/m);
    expect(stdout).toMatch(/^ok {10}server web: /m);
    expect(stdout).toMatch(/\n1 problem found\.\n$/);
  });

  test('reports that Buoy does not run when nothing answers, and when another program has the port', async () => {
    expect((await doctor({ PORT: String(sshPort) })).stdout).toMatch(
      /^problem {5}port: PORT takes a free port/m,
    );
    expect((await doctor({ PORT: String(await closedPort()) })).stdout).toMatch(
      /^problem {5}port: nothing answers at .+: Buoy is not running/m,
    );
  });

  test('names a missing key', async () => {
    const other = `other:${Buffer.alloc(32, 7).toString('base64')}`;
    expect((await doctor({ VAULT_KEYS: other })).stdout).toMatch(/^problem {5}keys: A vault key is missing/m);
  });

  test('names a bad setting, a folder without a Buoy, and a missing database', async () => {
    expect((await doctor({ TRUST_PROXY: 'yes' })).stdout).toMatch(/^problem {5}settings: TRUST_PROXY takes/m);
    expect((await doctor({ DATA_DIR: path.join(dir, 'none') })).stdout).toMatch(
      /^problem {5}settings: .*DATA_DIR/m,
    );
    expect((await doctor({ DATABASE_URL: 'postgres://u@127.0.0.1:1/none' })).stdout).toMatch(
      /^problem {5}database: DATABASE_URL leads to no PostgreSQL server/m,
    );
  });

  test('accepts no arguments', async () => {
    expect(await doctor({}, ['now'])).toMatchObject({ code: 2, stderr: 'Usage: npm run doctor\n' });
  });
});

describe('doctor on the machine', () => {
  test('reports a clock that is behind stored times', async () => {
    const folder = mkdtempSync(path.join(dir, 'ahead-'));
    const ahead = (Date.now() + DAY_MS) / 1_000;
    utimesSync(folder, ahead, ahead);
    expect(await checkClock(folder, { clock: systemClock })).toMatchObject({
      state: 'problem',
      about: 'clock',
    });
  });

  test.each([
    { answer: 'no', state: 'problem' },
    { answer: 'yes', state: 'ok' },
  ])(
    'reports a clock as "$state" when systemd answers "$answer" about synchronization',
    async ({ answer, state }) => {
      const timedatectl = path.join(dir, `timedatectl-${answer}`);
      writeFileSync(timedatectl, `#!/bin/sh\necho ${answer}\n`, { mode: 0o755 });
      expect(await checkClock(dir, { clock: systemClock, timedatectl })).toMatchObject({ state });
    },
  );

  test('reports a disk with little space', async () => {
    expect(await checkDisk(dir, 0)).toMatchObject({ state: 'ok' });
    expect(await checkDisk(dir, Number.POSITIVE_INFINITY)).toMatchObject({ state: 'problem' });
  });

  test.each([
    { days: 90, state: 'ok' },
    { days: 5, state: 'problem' },
    { days: -1, state: 'problem' },
  ])('reports a certificate valid for $days days as "$state"', ({ days, state }) => {
    const now = () => Date.now() + (100 - days) * DAY_MS;
    expect(checkCertificate(makeCertificate(dir, 'own', 100), { ...systemClock, now })).toMatchObject({
      state,
    });
  });
});

test('doctor does not connect to a server in a denied network, unless a super-admin entered it', async () => {
  let connections = 0;
  const counted = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).write('SSH-2.0-OpenSSH_10.0\r\n');
  }).listen(0, '127.0.0.1');
  await once(counted, 'listening');
  const { port } = counted.address() as AddressInfo;
  const parts = { lookup: createAddressLookup(), policy: createAddressPolicy(['127.0.0.0/8']) };
  const server = { name: 'web', host: '127.0.0.1', port, jumpServerId: null };
  const denied = await checkServers([{ ...server, mayUseDeniedNetworks: 0 }], parts);
  expect(denied).toMatchObject([
    { state: 'problem', says: '127.0.0.1 is in a network of SSH_DENIED_NETWORKS.' },
  ]);
  expect(connections).toBe(0);
  expect(await checkServers([{ ...server, mayUseDeniedNetworks: 1 }], parts)).toMatchObject([
    { state: 'ok' },
  ]);
  expect(connections).toBe(1);
  counted.close();
});

test('doctor reports whether Telegram knows the bot, refuses it or is unreachable, and never shows the token', async () => {
  const token = '123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp';
  const telegram = await startFakeBotApiServer();
  try {
    expect(await checkBot(token, telegram.url)).toMatchObject({ state: 'ok' });
    telegram.failNext('getMe', { code: 401, description: 'Unauthorized' });
    expect(await checkBot(token, telegram.url)).toMatchObject({
      state: 'problem',
      says: 'Telegram rejects its token (HTTP 401).',
    });
  } finally {
    await telegram.stop();
  }
  const away = await checkBot(token, telegram.url);
  expect(away.state).toBe('problem');
  expect(JSON.stringify(away)).not.toContain(token);
});
