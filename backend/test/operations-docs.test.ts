// docs/operations.md on the machine: the commands on backups, restoring, keys and the audit log, as written.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInByLink, signInByNewLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../testbed/run-command.ts';
import { until } from '../../testbed/until.ts';
import { codeBlocks } from './support/doc-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const COMMAND_DEADLINE_MS = 180_000;
const TEST_TIMEOUT_MS = 600_000;
const TASK_MS = 120_000;
/** Commands of other sections, which have suites of their own. */
const elsewhere = [/^npm start$/, /^npm run bench/, /^npm run sign-in-link -- /];
const commands = [
  ...readFileSync(path.join(root, 'docs/operations.md'), 'utf8').matchAll(/`(npm (?:run|start)[^`]*)`/g),
].map(([, command = '']) => command);

let dir: string;
let buoy: BuoyProcess;
const typed = new Set<string>();
const environment = () => ({
  PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
  HOME: process.env.HOME ?? dir,
  DATA_DIR: path.join(dir, 'data'),
});

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'buoy-operations-'));
  mkdirSync(path.join(dir, 'elsewhere'));
  buoy = await startBuoy({ DATA_DIR: environment().DATA_DIR, RATE_LIMIT_GLOBAL: '100000' });
});
afterAll(async () => {
  await buoy?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Types one command of the page in the checkout. @param values the values for its words in capitals */
async function type(command: string, values: Record<string, string> = {}): Promise<CommandResult> {
  expect(commands).toContain(command);
  typed.add(command);
  const line = Object.entries(values).reduce((text, [word, value]) => text.replace(word, value), command);
  return runCommand('bash', ['-c', `cd '${root}' && ${line}`], {
    timeoutMs: COMMAND_DEADLINE_MS,
    env: environment(),
  });
}

const restart = async () => {
  await buoy.stop();
  buoy = await startBuoy({ DATA_DIR: environment().DATA_DIR, RATE_LIMIT_GLOBAL: '100000' });
};

describe('docs/operations.md', () => {
  test('leads through backup, restore, change of keys and audit log', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const token = await signInByLink(buoy);
    const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
    const host = { host: '127.0.0.1', port: 1, username: 'u', authType: 'password', password: 'p' } as const;
    const { server } = await api('POST /servers', { body: { name: 'web', ...host } });
    const masked = { params: { id: server.id }, body: { command: 'tool --token Hunter2secret' } };
    await expect(api('POST /servers/:id/exec', masked)).rejects.toMatchObject({ status: 503 });
    const { token: made } = await api('POST /me/tokens', { body: { name: 'copy', scopes: ['admin'] } });

    // The server of this scenario does not exist.
    expect((await type('npm run doctor')).stdout).toMatch(/^ok {10}database: /m);
    expect(await type('npm run backup')).toMatchObject({ code: 0 });
    expect((await type('npm run keys -- show')).stdout).toMatch(/active {2}\d+ secrets?/);
    expect(await type('npm run audit-log -- verify')).toMatchObject({ code: 0 });
    const log = (await type('npm run audit-log -- export')).stdout;
    expect(log).toContain('"action":"POST /servers"');
    const sealed = log.split('\n').find((line) => line.includes('"action":"POST /servers/:id/exec"')) ?? '{}';
    const { id: ENTRY } = JSON.parse(sealed) as { id: string };
    expect((await type('npm run audit-log -- show ENTRY', { ENTRY })).stdout).toContain('Hunter2secret');

    const copy = codeBlocks('docs/operations.md', 'sh').find((block) => block.includes('$TOKEN')) ?? '';
    expect(copy).not.toBe('');
    const copied = await runCommand(
      'bash',
      ['-c', `set -eu; cd '${dir}/elsewhere'\n${copy.replaceAll('https://buoy.example.org', buoy.url)}`],
      { timeoutMs: COMMAND_DEADLINE_MS, env: { ...environment(), TOKEN: made.secret } },
    );
    expect(copied).toMatchObject({ code: 0 });
    const [file = ''] = readdirSync(path.join(dir, 'elsewhere'));
    expect(file).toMatch(/\.gz$/);

    await buoy.stop();
    const FILE = path.join(dir, 'elsewhere', file);
    expect(await type('npm run restore -- FILE', { FILE })).toMatchObject({ code: 0 });
    expect(await type('npm run restore -- FILE --without-keys', { FILE })).toMatchObject({ code: 0 });
    expect((await type('npm run sign-in-link')).stdout).toContain('/sign-in#code=');

    expect(await type('npm run keys -- rotate vault')).toMatchObject({ code: 0 });
    expect(await type('npm run keys -- rotate jwt')).toMatchObject({ code: 0 });
    await restart();
    const anew = await signInByNewLink(buoy);
    const again = createClient({ baseUrl: `${buoy.url}/api`, token: () => anew });
    await until(TASK_MS, async () => {
      const { vault } = await again('GET /admin/health/detailed');
      return vault.outdated === 0 ? true : null;
    });
    expect(await type('npm run keys -- prune vault')).toMatchObject({ code: 0 });
    // The page says to wait a day after the change: before that, the command refuses.
    expect(await type('npm run keys -- prune jwt')).toMatchObject({ code: 1 });

    const left = new Set(commands.filter((command) => !typed.has(command)));
    expect([...left].filter((command) => !elsewhere.some((other) => other.test(command)))).toEqual([
      'npm run restore',
    ]);
  });
});
