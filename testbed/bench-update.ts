// npm run bench:update: for how long an update takes the gateway away through Buoy, beside OpenClaw's own command on a twin of the server.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { hasEnded } from '@buoy/contract/constants';
import { addServer, signInByLink } from './buoy-client.ts';
import { startBuoy } from './buoy-process.ts';
import {
  acquireHost,
  currentOpenclawLayer,
  type Host,
  previousOpenclawLayer,
  testbedSupport,
} from './hosts.ts';
import { npmRegistry, npmRegistrySettings } from './npm-registry.ts';
import { until } from './until.ts';

/** Seconds of downtime on an idle machine with two cores. */
const GOAL_S = 45;
const MOST_MS = 20 * 60_000;
const VERSION = currentOpenclawLayer.replace('openclaw-', '');

type Times = { tookS: number; downS: number };

/** Asks ten times a second on the host itself whether the gateway is ready; prints the nanoseconds in which it was not. */
const WATCH = `
  down=0 before=$(date +%s%N)
  while [ ! -e /tmp/stop-watching ]; do
    ready=yes
    curl -sf -m 1 -o /dev/null "http://127.0.0.1:$1/readyz" || ready=no
    now=$(date +%s%N)
    if [ $ready = no ]; then down=$((down + now - before)); fi
    before=$now
    sleep 0.1
  done
  echo "$down"`;

const support = await testbedSupport();
if (support.ok) await bench();
else {
  console.error(`The benchmark needs a test host, which cannot run here: ${support.reason}`);
  process.exitCode = 1;
}

async function bench(): Promise<void> {
  const buoy = await onHost('bench-update', throughBuoy);
  say('through Buoy', buoy, `(goal ${GOAL_S} s)`);
  const own = await onHost('bench-update-own', byItsOwnCommand);
  say('openclaw update', own, `(${(own.downS / buoy.downS).toFixed(1)} times the downtime)`);
}

async function onHost(name: string, work: (host: Host) => Promise<Times>): Promise<Times> {
  const host = await acquireHost({ name, layer: previousOpenclawLayer });
  try {
    return await work(host);
  } finally {
    await host.down();
  }
}

async function throughBuoy(host: Host): Promise<Times> {
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
  const buoy = await startBuoy({
    ...{ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMIT_GLOBAL: '100000' },
    ...npmRegistrySettings(),
  });
  try {
    const token = await signInByLink(buoy);
    const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
    const { id } = await addServer(api, {
      ...{ name: 'bench', host: host.host, username: host.user },
      ...{ authType: 'key', privateKey: await readFile(host.key, 'utf8') },
    });
    return await measured(host, async () => {
      const { task } = await api('POST /servers/:id/setup/update-component', {
        params: { id },
        body: { component: 'openclaw', version: VERSION },
      });
      const end = await until(MOST_MS, async () => {
        const now = (await api('GET /tasks/:id', { params: { id: task.id } })).task;
        return hasEnded(now) ? now : null;
      });
      if (end.status !== 'succeeded') throw new Error(end.error?.message);
      for (const { title, startedAt, finishedAt } of end.steps)
        if (startedAt !== null && finishedAt !== null)
          console.log(
            `  ${title}: ${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000).toFixed(1)} s`,
          );
    });
  } finally {
    await buoy.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function byItsOwnCommand(host: Host): Promise<Times> {
  return measured(host, async () => {
    const script = `export PATH=/opt/node24/bin:$PATH npm_config_registry=${npmRegistry()}/ XDG_RUNTIME_DIR=/run/user/$(id -u)
      openclaw update --yes --json --tag ${VERSION}`;
    const { code, stdout, stderr } = await host.exec(['bash', '-ec', script], {
      ...{ user: 'deploy', timeoutMs: MOST_MS },
    });
    if (code !== 0) throw new Error(`${stdout}${stderr}`.slice(-3_000));
  });
}

async function measured(host: Host, work: () => Promise<void>): Promise<Times> {
  await host.exec(
    `until curl -sf -m 1 -o /dev/null http://127.0.0.1:${host.gatewayPort}/readyz; do sleep 0.2; done`,
  );
  const watch = host.exec(['bash', '-c', WATCH, 'watch', String(host.gatewayPort)], { timeoutMs: MOST_MS });
  // An error of the work comes first.
  watch.catch(() => {});
  const began = performance.now();
  await work();
  const tookS = (performance.now() - began) / 1_000;
  await host.exec('touch /tmp/stop-watching');
  return { tookS, downS: Number((await watch).stdout) / 1e9 };
}

function say(what: string, { tookS, downS }: Times, more: string): void {
  console.log(
    `${what.padEnd(20)} took ${tookS.toFixed(1)} s, gateway away for ${downS.toFixed(1)} s ${more}`,
  );
}
