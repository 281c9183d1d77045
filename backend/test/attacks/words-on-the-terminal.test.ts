// Whoever can put words where a command of Buoy's machine reads them, sends the terminal of root sequences that it acts on, or lines that
// look like those of the command.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { knownMigrations } from '../../src/db/migrate.ts';
import { buoyCommand } from '../support/buoy-command.ts';
import { sqliteFixture } from '../support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy } from '../support/test-buoy.ts';

/** Fills the clipboard and clears the screen, then begins a line that is not the command's own. */
const HOSTILE = 'x\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u202e\r\nForged: ';
/** What a terminal acts on, hides or reorders; the commands themselves end lines. */
const ACTED_ON = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]|^Forged/m;
/** What the kernel's buffers of both sides may take without anybody reading. */
const BUFFERS_BYTES = 32 * 1024 * 1024;
const [FIRST = ''] = knownMigrations;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-words-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command; everything that it prints. */
async function printed(...call: Parameters<typeof buoyCommand>): Promise<string> {
  const { stdout, stderr } = await buoyCommand(...call);
  return stdout + stderr;
}

describe('a program that has the port of Buoy while it is down', () => {
  /** What doctor prints about a program that answers so; `bytes` is what that could send. */
  async function doctorAt(
    answer: (response: ServerResponse) => void,
  ): Promise<{ says: string; bytes: number }> {
    let bytes = 0;
    const server = createServer((_request, response) => answer(response));
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        bytes += socket.bytesWritten;
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    loadConfig({ DATA_DIR: folder });
    new BetterSqlite(path.join(folder, 'buoy.db')).close();
    const { port } = server.address() as AddressInfo;
    const says = await printed('doctor', [], { DATA_DIR: folder, PORT: String(port) });
    server.close();
    server.closeAllConnections();
    return { says, bytes };
  }

  test('does not reach the terminal by its version', async () => {
    const { says } = await doctorAt((response) =>
      response.end(JSON.stringify({ status: 'ok', version: HOSTILE })),
    );
    expect(says).not.toMatch(ACTED_ON);
    expect(says).toMatch(/^problem {5}port: PORT takes a free port/m);
  });

  test('is not read on and on', async () => {
    const { says, bytes } = await doctorAt((response) => {
      const send = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', send);
      send();
    });
    expect(says).toMatch(/^problem {5}port: PORT takes a free port/m);
    expect(bytes).toBeLessThan(BUFFERS_BYTES);
  });

  test('does not keep doctor waiting', async () => {
    const { says } = await doctorAt((response) => {
      const drip = setInterval(() => response.write(' '), 100);
      response.once('close', () => clearInterval(drip));
    });
    expect(says).toMatch(/^problem {5}port: PORT takes a free port/m);
  });
});

describe('a backup', () => {
  test('does not reach the terminal by the name of a migration when root restores it', async () => {
    const database = new BetterSqlite(path.join(folder, 'b.db'));
    database.exec('create table kysely_migration (name text, timestamp text)');
    for (const name of [FIRST, `9999-${HOSTILE}`])
      database.prepare('insert into kysely_migration values (?, ?)').run(name, '');
    database.close();
    loadConfig({ DATA_DIR: folder });
    const says = await printed('restore', [path.join(folder, 'b.db')], { DATA_DIR: folder });
    expect(says).not.toMatch(ACTED_ON);
    expect(says).toMatch(/Nothing was changed\.\n$/);
  });

  test('does not reach the terminal by the time of its last audit entry', async () => {
    await using fixture = await sqliteFixture();
    const buoy = await startTestBuoy(fixture.environment);
    await buoy.signIn(SUPER_ID);
    await buoy.close();
    const copy = path.join(folder, 'copy.db');
    const database = new BetterSqlite(path.join(fixture.dataDir, 'buoy.db'));
    database.prepare('update audit_entries set at = ?').run(HOSTILE);
    database.prepare('vacuum into ?').run(copy);
    database.close();
    const says = await printed('restore', [copy], fixture.environment);
    expect(says).toContain('The last entry of its audit log is from x');
    expect(says).not.toMatch(ACTED_ON);
  });

  test('does not reach the terminal by the name of a table when root makes it', async () => {
    loadConfig({ DATA_DIR: folder });
    const database = new BetterSqlite(path.join(folder, 'buoy.db'));
    database.pragma('foreign_keys = off');
    database.exec(`create table parent (id text primary key);
      create table "${HOSTILE}" (id text references parent (id));
      insert into "${HOSTILE}" values ('lost')`);
    database.close();
    const says = await printed('backup', [], { DATA_DIR: folder });
    expect(says).toContain('a row of x');
    expect(says).not.toMatch(ACTED_ON);
  });
});

describe('a database', () => {
  test('does not reach the terminal by the name of a migration that root’s command does not know', async () => {
    loadConfig({ DATA_DIR: folder });
    const buoy = await startTestBuoy({ DATA_DIR: folder });
    await buoy.close();
    const database = new BetterSqlite(path.join(folder, 'buoy.db'));
    database.prepare('insert into kysely_migration values (?, ?)').run(`9999-${HOSTILE}`, '');
    database.close();
    for (const [name, ...words] of [
      ['sign-in-link'],
      ['doctor'],
      ['audit-log', 'verify'],
      ['keys', 'show'],
    ] as const)
      expect(await printed(name, words, { DATA_DIR: folder, PORT: '1' }), name).not.toMatch(ACTED_ON);
  });
});
