// npm run bench:servers: CPU and memory of Buoy while it monitors idle servers. One host serves as all of them.
import { setTimeout as pause } from 'node:timers/promises';
import { withBenchFixture } from './bench-fixture.ts';
import { processorMs, residentMiB } from './process-use.ts';

const STEPS = [1, 20, 40];
/** Added at once: sshd turns away more than ten that have not logged in yet. */
const AT_ONCE = 5;
/** Milliseconds from the last server's first status until its set-up work is done. */
const SETTLE_MS = 20_000;
const MEASURE_MS = 60_000;

await withBenchFixture(async ({ buoy, addHost }) => {
  console.log('Buoy with monitored servers and no open pages, each with its SSH and gateway connection');
  let count = 0;
  for (const step of STEPS) {
    while (count < step) {
      const numbers = Array.from(
        { length: Math.min(AT_ONCE, step - count) },
        (_, index) => count + index + 1,
      );
      await Promise.all(numbers.map((number) => addHost(`bench ${number}`)));
      count += numbers.length;
    }
    await pause(SETTLE_MS);
    const before = await processorMs(buoy.pid);
    await pause(MEASURE_MS);
    const share = ((await processorMs(buoy.pid)) - before) / MEASURE_MS;
    console.log(
      `  ${String(count).padStart(3)} servers   ${(share * 100).toFixed(1).padStart(5)} % of a core   ${(await residentMiB(buoy.pid)).toFixed(0).padStart(4)} MiB`,
    );
  }
});
