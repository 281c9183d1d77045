// A Buoy process with its super-admin signed in, for suites on real hosts.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server, Task } from '@buoy/contract';
import { type Client, createClient } from '@buoy/contract/client';
import { addServer, signInByLink, signInByNewLink } from '../../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import type { HostInfo } from '../../../testbed/hosts.ts';
import { until } from '../../../testbed/until.ts';

export type LiveBuoy = {
  api: Client;
  token: string;
  dataDir: string;
  process: () => BuoyProcess;
  /** Adds the host with its key. */
  add(host: HostInfo, name?: string): Promise<Server>;
  /** Kills Buoy with SIGKILL and starts it again on the same data. */
  killAndRestart(): Promise<void>;
  /** Everything that any of its processes has printed. */
  printed: () => string;
  task(id: string): Promise<Task>;
  /** Waits until `is` holds for the task. */
  untilTask(id: string, is: (task: Task) => boolean, deadlineMs?: number): Promise<Task>;
  /** Waits for a task that a try before this one has left. */
  untilIdle(serverId: string, deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
};

/** @param environment on top of no rate limits */
export async function startLiveBuoy(environment: Record<string, string> = {}): Promise<LiveBuoy> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-live-'));
  const settings = {
    DATA_DIR: dataDir,
    RATE_LIMIT_GLOBAL: '100000',
    RATE_LIMIT_EXEC: '100000',
    ...environment,
  };
  let running = await startBuoy(settings);
  let printedBefore = '';
  // Where people sign in with Telegram, none is printed.
  const token = await (running.signInCode === null ? signInByNewLink(running) : signInByLink(running));
  const api: Client = (key, ...input) =>
    createClient({ baseUrl: `${running.url}/api`, token: () => token })(key, ...input);
  const untilTask: LiveBuoy['untilTask'] = (id, is, deadlineMs = 150_000) =>
    until(deadlineMs, async () => {
      const now = await task(id);
      return is(now) ? now : null;
    });
  const task = async (id: string): Promise<Task> => (await api('GET /tasks/:id', { params: { id } })).task;
  return {
    api,
    token,
    dataDir,
    process: () => running,
    task,
    add: async (host, name = host.name) =>
      addServer(api, {
        name,
        host: host.host,
        port: host.port,
        username: host.user,
        authType: 'key',
        privateKey: await readFile(host.key, 'utf8'),
      }),
    async killAndRestart() {
      await running.kill();
      printedBefore += running.output();
      running = await startBuoy(settings);
    },
    printed: () => printedBefore + running.output(),
    untilTask,
    async untilIdle(serverId, deadlineMs) {
      const { task: active } = await api('GET /tasks/active', { query: { serverId } });
      if (active !== null) await untilTask(active.id, ended, deadlineMs);
    },
    async close() {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The task has ended, whatever the result. */
export const ended = (task: Task): boolean => !['queued', 'running'].includes(task.status);

/** That step of the task is running, or the task has ended. */
export const stepRuns = (stepId: string) => (task: Task) =>
  task.steps.some((step) => step.id === stepId && step.status === 'running') || ended(task);
