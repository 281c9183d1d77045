// npm run bench:monitor: how long a sweep of many servers takes, and what it costs the API and this machine's memory.
// Each server is a real sshd of its own; ten of them are frozen, and another person's servers accept connections and say nothing.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from '@buoy/contract/client';
import { addServer, signInByLink } from './buoy-client.ts';
import { type BuoyProcess, startBuoy } from './buoy-process.ts';
import { startHealthyClient, type Waiting } from './healthy-client.ts';
import { testbedSupport } from './hosts.ts';
import { freezeLightHosts, type LightHost, lightHosts, releaseLightHosts } from './light-hosts.ts';
import { processorMs, residentMiB } from './process-use.ts';
import { until } from './until.ts';

const SIZES = [100, 300, 500];
const FROZEN = 10;
const SILENT = 200;
const INTERVAL_S = 60;
/** Servers that are added at the same time, by each person. */
const AT_ONCE = 20;
/** Milliseconds for all to be seen once, and for three sweeps. */
const SEEN_MS = 10 * 60_000;
const SWEEPS_MS = 10 * 60_000;

const support = await testbedSupport();
if (!support.ok) {
  console.error(`The benchmark needs test hosts, which cannot run here: ${support.reason}`);
  process.exit(1);
}
const silent = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
await new Promise<void>((resolve) => silent.listen(0, '0.0.0.0', resolve));
const silentPort = (silent.address() as { port: number }).port;

console.log(
  `A sweep each ${INTERVAL_S} s. ${FROZEN} of the servers are frozen; another person has ${SILENT} that say nothing.\n` +
    'Calls in turn to /me, /alerts and /tasks, one each 20 ms, by somebody who sees all.\n',
);
console.log(
  row('servers', 'phase', 'seconds', 'CPU s', 'RSS MiB', 'p95 ms', 'p99 ms', 'longest', 'called unreachable'),
);
try {
  for (const size of SIZES) await measure(size);
} finally {
  silent.close();
  await releaseLightHosts();
}

async function measure(size: number): Promise<void> {
  const hosts = await lightHosts(1, size);
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
  const buoy = await startBuoy({
    ...{ DATA_DIR: folder, LOG_LEVEL: 'error', RATE_LIMIT_GLOBAL: '1000000', RATE_LIMIT_AUTH: '1000' },
    ...{ MAX_SERVERS_PER_USER: '1000', MONITOR_INTERVAL_S: `${INTERVAL_S}` },
  });
  try {
    const token = await signInByLink(buoy);
    const ada = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
    const bob = await secondPerson(ada, buoy);
    const key = await readFile(hosts[0]?.key ?? '', 'utf8');
    const mine = new Set<string>();

    await phase(buoy, token, size, 'adding all', async () => {
      await Promise.all([
        eachOf(hosts, async (host) => void mine.add((await addServer(ada, serverOf(host, key))).id)),
        eachOf(
          Array.from({ length: SILENT }, (_, index) => index),
          async (index) => void (await addServer(bob, silentServer(index))),
        ),
      ]);
      await until(SEEN_MS, async () => {
        const { servers } = await ada('GET /servers');
        return servers.every(({ id, status }) => !mine.has(id) || status.state !== 'unknown') || null;
      });
      return wrong(ada, mine);
    });

    await freezeLightHosts(1, FROZEN);
    const frozen = new Set(hosts.slice(0, FROZEN).map(({ name }) => name));
    let last = (await lastSweep(ada)).lastRunAt;
    for (const name of ['first sweep', 'second sweep', 'third sweep'])
      await phase(buoy, token, size, name, async () => {
        const sweep = await until(SWEEPS_MS, async () => {
          const now = await lastSweep(ada);
          return now.lastRunAt === last ? null : now;
        });
        last = sweep.lastRunAt;
        return wrong(ada, mine, frozen);
      });
  } finally {
    await buoy.stop();
    await releaseLightHosts();
    await rm(folder, { recursive: true, force: true });
  }
}

async function phase(
  buoy: BuoyProcess,
  token: string,
  size: number,
  name: string,
  run: () => Promise<{ wrong: number; seconds: number | null }>,
): Promise<void> {
  const urls = ['/me', '/alerts?limit=50', '/tasks?limit=50'].map((call) => `${buoy.url}/api${call}`);
  const [startedAt, processor] = [performance.now(), await processorMs(buoy.pid)];
  const client = await startHealthyClient(urls, token);
  let waiting: Waiting;
  let outcome: { wrong: number; seconds: number | null };
  try {
    outcome = await run();
  } finally {
    waiting = await client.stop();
  }
  const seconds = outcome.seconds ?? (performance.now() - startedAt) / 1_000;
  const used = ((await processorMs(buoy.pid)) - processor) / 1_000;
  const texts = [seconds, used, await residentMiB(buoy.pid), waiting.p95, waiting.p99, waiting.longest];
  console.log(row(`${size}`, name, ...texts.map((value) => value.toFixed(1)), `${outcome.wrong}`));
}

async function lastSweep(api: Client) {
  await pause(250);
  const { monitor } = await api('GET /admin/health/detailed');
  return monitor;
}

/** Servers that work and are shown as if they did not, and how long the last sweep took. */
async function wrong(api: Client, mine: ReadonlySet<string>, frozen: ReadonlySet<string> = new Set()) {
  const { servers } = await api('GET /servers');
  const { durationMs } = await lastSweep(api);
  const isWrong = ({ id, name, status }: (typeof servers)[number]) =>
    mine.has(id) && !frozen.has(name) && ['unreachable', 'unknown'].includes(status.state);
  return { wrong: servers.filter(isWrong).length, seconds: durationMs === null ? null : durationMs / 1_000 };
}

async function secondPerson(ada: Client, buoy: BuoyProcess): Promise<Client> {
  const { signInUrl } = await ada('POST /admin/users', { body: { name: 'bob', link: true } });
  const signInCode = new URL(signInUrl ?? '').hash.replace('#code=', '');
  const token = await signInByLink({ url: buoy.url, signInCode });
  return createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
}

function serverOf({ name, host, port, user, hostKey }: LightHost, privateKey: string) {
  return { ...{ name, host, port, hostKey, privateKey }, username: user, authType: 'key' as const };
}

function silentServer(index: number) {
  const host = `127.78.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const login = { username: 'root', authType: 'password' as const, password: 'never asked for' };
  return { name: `silent ${index}`, host, port: silentPort, ...login };
}

/** A few at a time. */
async function eachOf<T>(things: readonly T[], run: (thing: T) => Promise<void>): Promise<void> {
  const left = things.values();
  const worker = async () => {
    for (const thing of left) await run(thing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function row(...[first = '', second = '', ...others]: string[]): string {
  return `${first.padStart(7)}  ${second.padEnd(12)}${others.map((text) => text.padStart(10)).join('')}`;
}
