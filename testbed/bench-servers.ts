// npm run bench:servers: what Buoy itself takes while it watches servers that nobody looks at. One host stands for all of them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@buoy/contract/client';
import { addServer, signInByLink, untilUp } from './buoy-client.ts';
import { startBuoy } from './buoy-process.ts';
import { acquireHost, currentOpenclawLayer, testbedSupport } from './hosts.ts';

const STEPS = [1, 20, 40];
/** Added at once: sshd turns away more than ten that have not logged in yet. */
const AT_ONCE = 5;
/** Milliseconds from the last server's first status until nothing of adding it is left to do. */
const SETTLE_MS = 20_000;
const MEASURE_MS = 60_000;
/** Milliseconds: /proc counts in hundredths of a second (proc(5), with the kernel's USER_HZ of 100). */
const TICK_MS = 10;

const support = await testbedSupport();
if (!support.ok) {
  console.error(`The bench needs a host, and none can run here: ${support.reason}`);
  process.exit(1);
}
const folder = await mkdtemp(path.join(tmpdir(), 'buoy-bench-'));
const buoy = await startBuoy({ DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMIT_GLOBAL: '100000' });
const host = await acquireHost({ name: 'bench', layer: currentOpenclawLayer, waitGateway: true });
try {
  const token = await signInByLink(buoy);
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const privateKey = await readFile(host.key, 'utf8');
  const addOne = async (number: number) => {
    const { id } = await addServer(api, {
      ...{ name: `bench ${number}`, host: host.host, username: host.user },
      ...{ authType: 'key', privateKey },
    });
    await untilUp(api, id);
  };

  console.log('Buoy with servers that nobody looks at, each with its SSH and gateway connection');
  let count = 0;
  for (const step of STEPS) {
    while (count < step) {
      const numbers = Array.from(
        { length: Math.min(AT_ONCE, step - count) },
        (_, index) => count + index + 1,
      );
      await Promise.all(numbers.map(addOne));
      count += numbers.length;
    }
    await pause(SETTLE_MS);
    const before = await processorMs();
    await pause(MEASURE_MS);
    const share = ((await processorMs()) - before) / MEASURE_MS;
    console.log(
      `  ${String(count).padStart(3)} servers   ${(share * 100).toFixed(1).padStart(5)} % of a core   ${(await residentMiB()).toFixed(0).padStart(4)} MiB`,
    );
  }
} finally {
  await buoy.stop();
  await host.down();
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds that Buoy has computed since its start, in its own code and in the kernel's (fields 14 and 15 of proc(5)'s stat). */
async function processorMs(): Promise<number> {
  const stat = await readFile(`/proc/${buoy.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function residentMiB(): Promise<number> {
  const status = await readFile(`/proc/${buoy.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
