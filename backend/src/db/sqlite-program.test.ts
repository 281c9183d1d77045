// The process that copies and checks SQLite files runs at a lower priority than Buoy.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./sqlite-program.ts', import.meta.url));
const priorityReporter =
  'data:text/javascript,import{getPriority}from"node:os";process.on("exit",()=>console.log(getPriority()))';
const LAST = 19;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-sqlite-program-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([0, 15])(
  'the SQLite copy process started with niceness +%i runs at that or at 10, whichever is larger',
  (more) => {
    const file = path.join(folder, 'some.db');
    new BetterSqlite(file).exec('create table some (id text)').close();
    const words = [
      '-n',
      String(more),
      process.execPath,
      '--import',
      priorityReporter,
      program,
      'check',
      file,
    ];
    const [answer = '', priority] = execFileSync('nice', words, { encoding: 'utf8' }).split('\n');
    expect(JSON.parse(answer)).toEqual({ ok: true, migrations: [] });
    expect(Number(priority)).toBe(Math.max(10, Math.min(LAST, getPriority() + more)));
  },
);
