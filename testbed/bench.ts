// npm run bench: how long reads take at Buoy's API over the kept channel, and by OpenClaw's own command line on the same host.
import { withBenchFixture } from './bench-fixture.ts';

const API_CALLS = 200;
/** Calls before the measured ones: a gateway that has just started is still compiling what it runs. */
const WARM_UP_CALLS = 200;
const CLI_CALLS = 3;
/** Milliseconds that the middle one of a read's calls may take at the API. */
const GOAL_MS = 10;

const reads = [
  { key: 'GET /servers/:id/openclaw/status', command: 'openclaw status --json' },
  { key: 'GET /servers/:id/openclaw/agents', command: 'openclaw agents list --json' },
  { key: 'GET /servers/:id/openclaw/sessions', command: 'openclaw sessions --json --all-agents' },
  { key: 'GET /servers/:id/openclaw/config', command: 'openclaw config get agents --json' },
  { key: 'GET /servers/:id/openclaw/cron', command: 'openclaw cron list --json' },
  { key: 'GET /servers/:id/openclaw/channels', command: 'openclaw channels status --json' },
] as const;

await withBenchFixture(async ({ api, host, addHost }) => {
  const params = { id: await addHost('bench') };
  const slow: string[] = [];
  for (const { key, command } of reads) {
    const ask = async () => {
      const { source } = await api(key, { params });
      if (source !== 'gateway') throw new Error(`${key} came from "${source}".`);
    };
    const coldApi = await timesOf(WARM_UP_CALLS, ask);
    const viaApi = await timesOf(API_CALLS, ask);
    const viaCli = await timesOf(CLI_CALLS, async () => {
      const result = await host.exec(['bash', '-lc', command], { user: 'deploy' });
      if (result.code !== 0) throw new Error(`${command} ended with ${result.code}: ${result.stderr}`);
    });
    console.log(`\n${key}, one live server, milliseconds`);
    report(`API, first ${WARM_UP_CALLS} calls`, coldApi);
    report(`API, ${API_CALLS} calls, one after the other`, viaApi);
    report(`${command} on the host, ${CLI_CALLS} calls`, viaCli);
    if (middleOf(viaApi) > GOAL_MS) slow.push(key);
  }
  console.log(
    slow.length === 0
      ? `\nEach read has a p50 of ${GOAL_MS} ms or less at the API.`
      : `\nA p50 of more than ${GOAL_MS} ms at the API: ${slow.join(', ')}`,
  );
  if (slow.length > 0) process.exitCode = 1;
});

/** Milliseconds of each call, ascending. */
async function timesOf(calls: number, call: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  return times.sort((one, other) => one - other);
}

function middleOf(times: number[]): number {
  return times[Math.floor(times.length / 2)] ?? Number.NaN;
}

function report(title: string, times: number[]): void {
  const at = (share: number) =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1);
  console.log(
    `  ${title.padEnd(60)} p50 ${at(0.5).padStart(8)}   p99 ${at(0.99).padStart(8)}   max ${at(1).padStart(8)}`,
  );
}
