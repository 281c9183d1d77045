// The key of a model provider and the password for sudo, sent for a setup, are searched for wherever they could stay.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInByLink } from '../../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import { until } from '../../../testbed/until.ts';
import { openDatabase } from '../../src/db/database.ts';

// Words without a known shape: only the names of their fields tell that they are secrets.
const API_KEY = 'planted-of-a-provider';
const SUDO_PASSWORD = 'planted-for-sudo';
const TASK_END_MS = 30_000;

let dataDir: string;
let buoy: BuoyProcess;
let token: string;
let serverId: string;
/** Every answer as it came, headers included. */
const answers: string[] = [];
let calls = 0;

/** Each body with an idempotency key of its own: then Buoy keeps the answer, too. */
async function call<T>(method: string, url: string, body?: object): Promise<{ status: number; body: T }> {
  calls += 1;
  const response = await fetch(`${buoy.url}/api${url}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'idempotency-key': `call-${calls}` }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  answers.push(`${JSON.stringify([...response.headers])}\n${text}`);
  return { status: response.status, body: isJson ? JSON.parse(text) : text };
}

async function startTask(url: string, body: object): Promise<Task> {
  const { status, body: answer } = await call<{ task: Task }>('POST', `/servers/${serverId}${url}`, body);
  expect(status).toBe(202);
  return answer.task;
}

async function cancel({ id }: Task): Promise<void> {
  await call('POST', `/tasks/${id}/cancel`);
  await until(TASK_END_MS, async () => {
    const { body } = await call<{ task: Task }>('GET', `/tasks/${id}`);
    return hasEnded(body.task) ? body.task : null;
  });
}

/** All files of the data folder, the database and its journal among them. */
const storedFiles = (): string =>
  readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(dataDir, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');

async function tasksWithSecrets(): Promise<string[]> {
  const database = await openDatabase({ engine: 'sqlite', file: path.join(dataDir, 'buoy.db') });
  try {
    const rows = await database.db.selectFrom('taskSecrets').select('taskId').execute();
    return rows.map(({ taskId }) => taskId);
  } finally {
    await database.close();
  }
}

/** Throws when a secret stands in `text`, without quoting the text. */
function expectClean(where: string, text: string): void {
  for (const secret of [API_KEY, SUDO_PASSWORD])
    expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
}

const onboard = { provider: 'anthropic', apiKey: API_KEY };

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-setup-secrets-'));
  buoy = await startBuoy({ DATA_DIR: dataDir, LOG_LEVEL: 'trace', RATE_LIMIT_GLOBAL: '100000' });
  token = await signInByLink(buoy);
  // Nothing listens there, so a setup waits for the server until it is cancelled.
  const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'x' };
  const { body } = await call<{ server: { id: string } }>('POST', '/servers', { name: 'bare', ...login });
  serverId = body.server.id;
});
afterAll(async () => {
  await buoy?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the secrets of a setup are in no audit entry, task, answer, file or log line, while it runs and after it', async () => {
  const run = await startTask('/setup/run', { onboard, sudoPassword: SUDO_PASSWORD });
  expect(await tasksWithSecrets()).toEqual([run.id]);
  expectClean('the files while a setup runs', storedFiles());

  // The audit log has the bodies of refused calls as well.
  const setup = `/servers/${serverId}/setup`;
  const refused = [
    await call('POST', `${setup}/onboard`, onboard),
    await call('POST', `${setup}/run`, { onboard, sudoPassword: SUDO_PASSWORD, unknown: 1 }),
    await call('POST', `${setup}/onboard`, { ...onboard, provider: 'No Provider' }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([409, 400, 400]);
  await cancel(run);

  const others: Task[] = [];
  for (const [step, body] of [
    ['/setup/onboard', onboard],
    ['/setup/systemd', { sudoPassword: SUDO_PASSWORD }],
  ] as const) {
    const task = await startTask(step, body);
    expect(await tasksWithSecrets()).toEqual([task.id]);
    await cancel(task);
    others.push(task);
  }
  expect(await tasksWithSecrets()).toEqual([]);

  for (const { id } of [run, ...others]) {
    await call('GET', `/tasks/${id}/output`);
    await call('GET', `/tasks/${id}/events`);
  }
  await call('GET', `/tasks?serverId=${serverId}`);
  const { body: log } = await call<object>('GET', '/admin/audit?limit=200');
  expect(JSON.stringify(log).match(/"apiKey":"\[redacted\]"/g)).toHaveLength(5);
  expect(JSON.stringify(log).match(/"sudoPassword":"\[redacted\]"/g)).toHaveLength(3);
  await call('GET', '/admin/audit/export');

  expectClean('the answers', answers.join('\n'));
  expectClean('the log', buoy.output());
  await buoy.stop();
  expectClean('the files after the setups', storedFiles());
});
