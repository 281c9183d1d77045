// npm run bench:attacks: how each denial-of-service attack affects a healthy client and this machine's CPU and memory.
// With `-- --checkout DIR` the Buoy of another checkout is attacked, for example that of an earlier commit.
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type ClientRequest, get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signInByLink } from './buoy-client.ts';
import { type BuoyProcess, startBuoy } from './buoy-process.ts';
import {
  curlsInSkill,
  hugeRsaKey,
  manyFields,
  slowKey,
  spacesInHead,
  tokenPrefixes,
} from './freeze-inputs.ts';
import { startHealthyClient } from './healthy-client.ts';
import { processorMs, residentMiB } from './process-use.ts';

/** Milliseconds after which an attack is given up, and its Buoy killed when it does not answer. */
const TIMEOUT_MS = 30_000;
/** Milliseconds that the healthy client runs before and after an attack. */
const AROUND_MS = 500;
const STREAMS = 400;
const SERVERS = 600;
/** Changes of one server while the streams are open; every stream gets each of them. */
const CHANGES = 10;
const CHANGE_INTERVAL_MS = 500;

type Fixture = { buoy: BuoyProcess; token: string; serverId: string; stop(): Promise<void> };
type Attack = { name: string; run(fixture: Fixture, signal: AbortSignal): Promise<string> };

const server = { name: 'mine', host: '127.0.0.1', port: 9, username: 'root' };
const { values } = parseArgs({ options: { checkout: { type: 'string' } } });
const checkout = values.checkout === undefined ? undefined : path.resolve(values.checkout);

const addKey = (name: string, key: () => string | Promise<string>): Attack => ({
  name,
  run: async (fixture, signal) =>
    send(fixture, 'POST', '/servers', signal, {
      ...{ ...server, authType: 'key', passphrase: 'x' },
      privateKey: await key(),
    }),
});
const uploadSkill = (name: string, text: () => string): Attack => ({
  name,
  run: (fixture, signal) =>
    send(fixture, 'POST', `/servers/${fixture.serverId}/openclaw/skills/upload`, signal, text()),
});

const freezes: Attack[] = [
  { name: 'nothing, for two seconds', run: async () => pause(2_000, '-') },
  addKey('RSA key of 65,536 bits', () => hugeRsaKey(65_536)),
  addKey('key of 128 rounds of bcrypt', () => slowKey(128)),
  uploadSkill('256 KB of spaces in a head', spacesInHead),
  uploadSkill('150 KB of "curl curl …"', curlsInSkill),
  {
    name: '80,000 fields, no account',
    run: (fixture, signal) => send({ ...fixture, token: '' }, 'POST', '/auth/telegram', signal, manyFields()),
  },
  {
    name: '60 KB of token beginnings',
    run: (fixture, signal) =>
      send(fixture, 'PUT', `/servers/${fixture.serverId}/openclaw/config`, signal, tokenPrefixes()),
  },
];

console.log(
  `Buoy of ${checkout ?? 'this checkout'}: GET /api/health every 20 ms by a healthy client during each attack\n`,
);
console.log(row('attack', 'p99 ms', 'longest ms', 'CPU s', 'RSS +MiB', 'answer'));
let fixture = await start();
try {
  for (const attack of freezes) fixture = await report(fixture, attack);
  await addServers(fixture, SERVERS - 1);
  fixture = await report(fixture, {
    name: `${STREAMS} streams, ${SERVERS} servers`,
    run: openStreams,
  });
} finally {
  await fixture.stop();
}

async function start(): Promise<Fixture> {
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
  const buoy = await startBuoy(
    {
      DATA_DIR: folder,
      LOG_LEVEL: 'error',
      MONITOR_INTERVAL_S: '86400',
      MAX_SERVERS_PER_USER: '1000',
      RATE_LIMIT_GLOBAL: '1000000',
      RATE_LIMIT_AUTH: '1000000',
      RATE_LIMIT_EXEC: '1000000',
    },
    checkout,
  );
  const token = await signInByLink(buoy);
  const [serverId = ''] = await addServers({ buoy, token }, 1);
  return {
    buoy,
    token,
    serverId,
    async stop() {
      await buoy.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs the attack and prints its row. Answers the fixture for the next one: another when this Buoy had to be killed. */
async function report(fixture: Fixture, attack: Attack): Promise<Fixture> {
  const { buoy } = fixture;
  const [cpuBefore, memoryBefore] = [await processorMs(buoy.pid), await residentMiB(buoy.pid)];
  let memory = memoryBefore;
  const sampler = setInterval(() => {
    residentMiB(buoy.pid).then(
      (now) => {
        memory = Math.max(memory, now);
      },
      () => {},
    );
  }, 100);
  const healthyClient = await startHealthyClient([`${buoy.url}/api/health`]);
  await pause(AROUND_MS);
  const startedAt = performance.now();
  const given = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await attack.run(fixture, given).catch((error: unknown) => {
    if (given.aborted) return `none in ${TIMEOUT_MS / 1_000} s`;
    throw error;
  });
  const tookS = (performance.now() - startedAt) / 1_000;
  await pause(AROUND_MS);
  const { p99, longest } = await healthyClient.stop();
  clearInterval(sampler);
  const cpuS = ((await processorMs(buoy.pid)) - cpuBefore) / 1_000;
  console.log(
    row(
      attack.name,
      p99.toFixed(0),
      longest.toFixed(0),
      cpuS.toFixed(1),
      (memory - memoryBefore).toFixed(0),
      given.aborted ? answer : `${answer} in ${tookS.toFixed(1)} s`,
    ),
  );
  if (!given.aborted) return fixture;
  await buoy.kill();
  await fixture.stop();
  return start();
}

async function send(
  { buoy, token }: Pick<Fixture, 'buoy' | 'token'>,
  method: string,
  place: string,
  signal: AbortSignal,
  body: object | string,
): Promise<string> {
  const isText = typeof body === 'string';
  const response = await fetch(`${buoy.url}/api${place}`, {
    method,
    signal,
    headers: {
      'content-type': isText ? 'text/markdown' : 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    body: isText ? body : JSON.stringify(body),
  });
  const { code } = (await response.json()) as { code?: string };
  return `${response.status} ${code ?? ''}`.trim();
}

/** Ten at a time. Answers their ids. */
async function addServers(
  { buoy, token }: Pick<Fixture, 'buoy' | 'token'>,
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  const add = async (index: number) => {
    const response = await fetch(`${buoy.url}/api/servers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        ...{ ...server, authType: 'password', password: 'none' },
        name: `server-${count}-${index}`,
      }),
    });
    const { server: added, error } = (await response.json()) as { server?: { id: string }; error?: string };
    if (added === undefined) throw new Error(`No server was added: ${error}`);
    ids.push(added.id);
  };
  const indices = Array.from({ length: count }, (_, index) => index);
  while (indices.length > 0) await Promise.all(indices.splice(0, 10).map(add));
  return ids;
}

/** Opens the streams, changes a server some times, and closes them. */
async function openStreams(fixture: Fixture, signal: AbortSignal): Promise<string> {
  const { buoy, token, serverId } = fixture;
  const agent = new Agent({ maxSockets: STREAMS });
  const open: ClientRequest[] = [];
  const statuses = new Map<number, number>();
  let bytes = 0;
  try {
    const opened = Array.from(
      { length: STREAMS },
      () =>
        new Promise<void>((resolve, reject) => {
          const headers = { authorization: `Bearer ${token}` };
          const request = get(`${buoy.url}/api/servers/events`, { agent, headers, signal }, (response) => {
            const { statusCode = 0 } = response;
            statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
            response.on('data', (chunk: Buffer) => {
              bytes += chunk.length;
            });
            // Cut when all is over.
            response.on('error', () => {});
            resolve();
          });
          request.on('error', reject);
          open.push(request);
        }),
    );
    await Promise.all(opened);
    for (let change = 1; change <= CHANGES; change += 1) {
      await send(fixture, 'PUT', `/servers/${serverId}`, signal, { name: `renamed-${change}` });
      await pause(CHANGE_INTERVAL_MS, undefined, { signal });
    }
  } catch (error) {
    // A partial result is reported as well.
    if (!signal.aborted) throw error;
  } finally {
    for (const request of open) request.on('error', () => {}).destroy();
    agent.destroy();
  }
  const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  const end = signal.aborted ? `, given up after ${TIMEOUT_MS / 1_000} s` : '';
  return `${counts === '' ? 'no answer' : counts}, ${(bytes / 1024 / 1024).toFixed(0)} MiB sent${end}`;
}

function row(name: string, ...cells: string[]): string {
  const answer = cells.pop() ?? '';
  return `  ${name.padEnd(30)}${cells.map((cell) => cell.padStart(12)).join('')}   ${answer}`;
}
