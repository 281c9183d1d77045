// A private PostgreSQL server: usable at once, removed by stop, and leftovers of killed runs are cleaned up.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { postgresSupport, startPostgres } from './postgres.ts';

const support = await postgresSupport();

async function versionOf(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ version: string }>('select version()');
  await client.end();
  return rows[0]?.version ?? '';
}
async function directories(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('buoy-postgres-'));
}

describe.skipIf(!support.ok)(`PostgreSQL${support.ok ? '' : ` (${support.reason})`}`, () => {
  test('answers at its URL and leaves nothing after it stops', { timeout: 60_000 }, async () => {
    const before = await directories();
    const postgres = await startPostgres();
    expect(await versionOf(postgres.url)).toContain('PostgreSQL');
    await postgres.stop();
    await expect(versionOf(postgres.url)).rejects.toThrow('ECONNREFUSED');
    expect((await directories()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test('stops the server of a killed run when another starts', { timeout: 90_000 }, async () => {
    const code = `import { startPostgres } from '${new URL('./postgres.ts', import.meta.url)}'; console.log((await startPostgres()).url); setInterval(() => {}, 1000);`;
    const killed = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = String((await once(killed.stdout, 'data'))[0]).trim();
    const left = (await directories()).find((name) => name.startsWith(`buoy-postgres-${killed.pid}-`));
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(await versionOf(url)).toContain('PostgreSQL');
    await using _next = await startPostgres();
    await expect(versionOf(url)).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(`${tmpdir()}/${left}`)).toBe(false);
  });
});
