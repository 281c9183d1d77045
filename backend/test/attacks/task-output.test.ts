// Task output of a server that prints without end must not fill Buoy's disk: each task may keep megabytes of it.
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import type { Session } from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const MIB = 1024 * 1024;
/** Bytes of one command's output: a little more than Buoy keeps of a task. */
const PRINTED = 9 * MIB;
/** Bytes of one answer: Buoy asks for a little more at once. */
const PIECE = 60_000;

let running: TestBuoy | undefined;
let server: ScriptedServer | undefined;
afterEach(async () => {
  await running?.close();
  await server?.close();
});

/** Answers Buoy's own scripts like a server on which each command prints without end and then fails. */
function onSession(session: Session): void {
  session.on('exec', (accept) => {
    const stream = accept();
    let stdin = '';
    stream.on('data', (bytes: Buffer) => {
      stdin += bytes;
    });
    stream.on('end', () => {
      const [mark = ''] = /buoy-[0-9a-f]{24}/.exec(stdin) ?? [];
      stream.write(`\n${mark}\n${answerTo(stdin)}`);
      stream.exit(0);
      stream.end();
    });
  });
}

function answerTo(script: string): string {
  if (script.includes('date +%s\n}')) return '1700000000\n';
  if (script.includes('echo "buoy-run ')) {
    const offset = Number(/^set -- \S+ '?(\d+)'? /m.exec(script)?.[1]);
    const piece = Buffer.alloc(Math.min(PIECE, PRINTED - offset), 'x').toString('base64');
    return `buoy-run alive ${offset + PIECE < PRINTED ? '-' : '9'} ${PRINTED} base64\n${piece}\n`;
  }
  for (const word of ['started', 'removed', 'ended']) if (script.includes(`echo ${word}`)) return `${word}\n`;
  return 'manager=systemd-user\nunit=openclaw-gateway.service\nbinary=/usr/bin/openclaw\nend=1\n';
}

test('task output of one person stays within 16 MiB, however many restarts of an endlessly printing server', async () => {
  running = await startTestBuoy();
  server = await startScriptedServer({ onSession });
  const { call, dataDir } = running;
  const token = await running.signIn(42);
  const body = {
    ...{ name: 'mine', host: '127.0.0.1', port: server.port, username: 'root' },
    ...{ authType: 'password', password: 'secret' },
  };
  const added = (await call('POST', '/servers', { token, body })).json().server;
  const restart = async () => {
    const started = await call('POST', `/servers/${added.id}/openclaw/restart`, { token });
    expect(started.statusCode).toBe(202);
    const { id } = started.json().task;
    let task = started.json().task;
    await until(20_000, async () => {
      task = (await call('GET', `/tasks/${id}`, { token })).json().task;
      return !['queued', 'running'].includes(task.status);
    });
    expect(task.error).toMatchObject({ message: 'The command failed on the server (exit code 9).' });
    return id as string;
  };
  const first = await restart();
  for (let count = 2; count <= 4; count += 1) await restart();
  const database = new BetterSqlite(path.join(dataDir, 'buoy.db'), { readonly: true });
  const { bytes } = database.prepare('select sum(length(text)) as bytes from task_outputs').get() as {
    bytes: number;
  };
  database.close();
  expect(bytes).toBeGreaterThan(8 * MIB - 1);
  expect(bytes).toBeLessThan(17 * MIB);
  const { output } = (await call('GET', `/tasks/${first}/output?offset=0`, { token })).json();
  expect(output).toMatchObject({ text: '', complete: true });
}, 90_000);
