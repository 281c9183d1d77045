// The fixture of the benchmarks: a Buoy and one live server, which may be added several times.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@buoy/contract/client';
import { addServer, signInByLink, untilUp } from './buoy-client.ts';
import { type BuoyProcess, startBuoy } from './buoy-process.ts';
import { acquireHost, currentOpenclawLayer, type Host, testbedSupport } from './hosts.ts';

export type BenchFixture = {
  buoy: BuoyProcess;
  api: Client;
  host: Host;
  /** Adds the host under that name, and answers the id when Buoy shows it as up. */
  addHost(name: string): Promise<string>;
};

/** Runs `bench` and removes its fixture. Without a host it prints the reason, and the program exits with 1. */
export async function withBenchFixture(bench: (fixture: BenchFixture) => Promise<void>): Promise<void> {
  const support = await testbedSupport();
  if (!support.ok) {
    console.error(`The benchmark needs a test host, which cannot run here: ${support.reason}`);
    process.exitCode = 1;
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
  const buoy = await startBuoy({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMIT_GLOBAL: '100000' });
  const host = await acquireHost({ name: 'bench', layer: currentOpenclawLayer, waitGateway: true });
  try {
    const token = await signInByLink(buoy);
    const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
    const privateKey = await readFile(host.key, 'utf8');
    await bench({
      buoy,
      api,
      host,
      async addHost(name) {
        const { id } = await addServer(api, {
          ...{ name, host: host.host, username: host.user },
          ...{ authType: 'key', privateKey },
        });
        await untilUp(api, id);
        return id;
      },
    });
  } finally {
    await buoy.stop();
    await host.down();
    await rm(folder, { recursive: true, force: true });
  }
}
