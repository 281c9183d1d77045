// A healthy client while Buoy is busy: makes a call every 20 ms from its own thread, so that the caller cannot delay it.
import { Agent, get } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { z } from 'zod';

const CALL_INTERVAL_MS = 20;
/** Calls without an answer yet; a Buoy that stands still must not get thousands at once when it goes on. */
const MAX_PENDING = 100;

/** Milliseconds. */
export type Waiting = { p95: number; p99: number; longest: number; calls: number };

export type HealthyClient = {
  /** Ends it; calls without an answer count with what they have waited by then. */
  stop(): Promise<Waiting>;
};

/**
 * @param urls asked in turn
 * @param token of who asks; absent: a stranger
 */
export async function startHealthyClient(urls: readonly string[], token?: string): Promise<HealthyClient> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { urls, token } });
  await new Promise((resolve) => worker.once('message', resolve));
  return {
    async stop() {
      worker.postMessage('stop');
      const times = await new Promise<number[]>((resolve) => worker.once('message', resolve));
      await worker.terminate();
      times.sort((one, other) => one - other);
      return {
        p95: times[Math.floor(times.length * 0.95)] ?? Number.NaN,
        p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
        longest: times.at(-1) ?? Number.NaN,
        calls: times.length,
      };
    },
  };
}

const asked = z
  .object({ urls: z.array(z.string()).min(1), token: z.string().optional() })
  .safeParse(workerData);
if (!isMainThread && asked.success) ask(asked.data.urls, asked.data.token);

function ask(urls: readonly string[], token: string | undefined): void {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let calls = 0;
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const pending = new Set<number>();
  const call = () => {
    if (pending.size >= MAX_PENDING) return;
    const startedAt = performance.now();
    pending.add(startedAt);
    const done = () => {
      if (pending.delete(startedAt)) times.push(performance.now() - startedAt);
      if (times.length === 1) parentPort?.postMessage('ready');
    };
    const url = urls[calls % urls.length] ?? '';
    calls += 1;
    get(url, { agent, headers }, (response) => response.resume().once('end', done)).once('error', done);
  };
  const timer = setInterval(call, CALL_INTERVAL_MS);
  call();
  parentPort?.once('message', () => {
    clearInterval(timer);
    const now = performance.now();
    // The first calls only opened connections.
    parentPort?.postMessage([...times.slice(5), ...[...pending].map((startedAt) => now - startedAt)]);
  });
}
