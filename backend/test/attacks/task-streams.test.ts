// One person opens the streams of one ended task again and again, to have its megabytes of output read and written without end.
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { longestBlockOfThree } from '../support/main-thread.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const MIB = 1024 * 1024;
const ROW_BYTES = 64 * 1024;
/** The most that Buoy keeps of a task. */
const OUTPUT_BYTES = 8 * MIB;
/** The most streams that one person may have. */
const STREAMS = 20;
/** Milliseconds of one uninterrupted block; without turns of the event loop it took 150 to 4,700. */
const MAX_BLOCK_MS = 50;

/** Opens streams in its own thread, and leaves when they have sent so many bytes together, or ended; posts statuses and bytes. */
const READERS = `
const { request } = require('node:http');
const { parentPort, workerData: { url, token } } = require('node:worker_threads');
parentPort.on('message', ({ count, bytes }) => {
  let [got, left] = [0, count];
  const statuses = [];
  const open = new Set();
  const leave = () => {
    for (const one of open) one.destroy();
    if (left > 0) parentPort.postMessage({ statuses, got });
    left = 0;
  };
  for (let made = 0; made < count; made += 1) {
    const call = request(url, { agent: false, headers: { authorization: 'Bearer ' + token } }, (response) => {
      statuses.push(response.statusCode);
      response.on('error', () => undefined);
      response.on('data', (piece) => {
        got += piece.length;
        if (got >= bytes) leave();
      });
      response.on('end', () => {
        left -= 1;
        if (left === 0) parentPort.postMessage({ statuses, got });
      });
    });
    open.add(call.on('error', () => undefined));
    call.end();
  }
});
`;

let running: TestBuoy;
let readers: Worker;
let database: BetterSqlite.Database;

beforeEach(async () => {
  running = await startTestBuoy();
  const token = await running.signIn(700);
  const server = { name: 'mine', host: '127.0.0.1', port: 1, username: 'root' };
  const added = await running.call('POST', '/servers', {
    token,
    body: { ...server, authType: 'password', password: 'x' },
  });
  database = new BetterSqlite(path.join(running.dataDir, 'buoy.db'));
  database
    .prepare(
      `insert into tasks (id, type, server_id, status, input, cancel_requested, output_bytes, created_by, created_at, started_at, finished_at)
       values ('tsk_1', 'install-node', ?, 'failed', '{}', 0, ${OUTPUT_BYTES}, '700', ?, ?, ?)`,
    )
    .run(added.json().server.id, ...Array(3).fill('2026-01-01T00:00:00.000Z'));
  const base = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  readers = new Worker(READERS, {
    eval: true,
    workerData: { url: `${base}/api/tasks/tsk_1/events`, token },
  });
});
afterEach(async () => {
  await readers?.terminate();
  database?.close();
  await running.close();
});

function fillOutput(character: string): void {
  database
    .prepare(
      `insert into task_outputs (task_id, offset, step_id, text, created_at)
       with recursive n(at) as (select 0 union all select at + 1 from n where at < ${OUTPUT_BYTES / ROW_BYTES - 1})
       select 'tsk_1', at * ${ROW_BYTES}, 'install-node', ?, '2026-01-01T00:00:00.000Z' from n`,
    )
    .run(character.repeat(ROW_BYTES));
}

async function read(count: number, bytes = Number.POSITIVE_INFINITY) {
  readers.postMessage({ count, bytes });
  const [result] = (await once(readers, 'message')) as [{ statuses: number[]; got: number }];
  return result;
}

describe('streams of a task that has printed all that Buoy keeps', () => {
  test.each([
    ['of plain text', 'x'],
    ['of quotes', '"'],
    // As earlier versions stored it.
    ['of control characters', '\u0001'],
  ])(
    'twenty at once, with output %s, do not block the event loop',
    async (_what, character) => {
      fillOutput(character);
      const { answer, blockedMs } = await longestBlockOfThree(() => read(STREAMS, 8 * MIB), MAX_BLOCK_MS);
      expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
      expect(answer.statuses).toEqual(Array(STREAMS).fill(200));
    },
    60_000,
  );

  test('a person who reloads its page three times in a row gets all of it each time', async () => {
    fillOutput('x');
    for (let reload = 0; reload < 3; reload += 1) {
      const { statuses, got } = await read(1);
      expect(statuses).toEqual([200]);
      expect(got).toBeGreaterThan(OUTPUT_BYTES);
    }
  }, 30_000);
});
