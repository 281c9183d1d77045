// What goes wrong while a step of a setup runs: a mirror that fails in each way that mirrors do, a command that is killed, a second person.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../testbed/listen-on-loopback.ts';
import { until } from '../../testbed/until.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const LIMIT_MS = 60_000;
const VERSION = '24.99.0';
const name = `node-v${VERSION}-linux-${process.arch}`;

type Answer = (response: ServerResponse, archive: Buffer) => void;
const whole: Answer = (response, archive) => void response.end(archive);

describe.skipIf(noSshd !== null)('the installation of Node on a server', () => {
  let running: TestBuoy;
  let sshd: LoopbackSshd;
  let mirror: Server;
  let folder: string;
  let token: string;
  let serverId: string;
  /** How the mirror answers the next request for the archive. */
  let answer: Answer;
  let requests: number;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-faults-'));
    const archive = buildArchive(folder);
    const sum = createHash('sha256').update(archive).digest('hex');
    // Laid out as nodejs.org/dist.
    mirror = createServer((request, response) => {
      if (!request.url?.endsWith('.tar.gz')) return void response.end(`${sum}  ${name}.tar.gz\n`);
      requests += 1;
      answer(response, archive);
    });
    const { port } = await listenOnLoopback(mirror);
    [running, sshd] = await Promise.all([
      startTestBuoy({ NODE_MIRROR: `http://127.0.0.1:${port}` }),
      startLoopbackSshd(),
    ]);
    token = await running.signIn(42);
    const { username, privateKey } = sshd;
    const body = { name: 'bare', host: '127.0.0.1', port: sshd.port, username, authType: 'key', privateKey };
    serverId = (await running.call('POST', '/servers', { token, body })).json().server.id;
  });
  afterAll(async () => {
    await running?.close();
    await sshd?.stop();
    mirror?.closeAllConnections();
    mirror?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    requests = 0;
    answer = whole;
    rmSync(path.join(sshd.home, '.local'), { recursive: true, force: true });
  });

  const start = (by = token) =>
    running.call('POST', `/servers/${serverId}/setup/install-node`, {
      token: by,
      body: { version: VERSION },
    });
  const ended = (id: string) =>
    until(LIMIT_MS, async () => {
      const { task } = (await running.call('GET', `/tasks/${id}`, { token })).json() as { task: Task };
      return ['failed', 'succeeded', 'cancelled'].includes(task.status) ? task : null;
    });
  const install = async () => ended((await start()).json().task.id);
  const outputOf = async (id: string) =>
    (await running.call('GET', `/tasks/${id}/output`, { token })).json().output.text as string;
  const killRun = (id: string) => execFileSync('pkill', ['-KILL', '-f', `${id}-install-node`]);

  test.each<[fault: string, code: string, answer: Answer]>([
    ['does not have the file', 'version_not_found', (response) => void response.writeHead(404).end()],
    ['has an error of its own', 'registry_failed', (response) => void response.writeHead(500).end()],
    [
      'cuts the download in the middle',
      'registry_failed',
      (response, archive) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, archive.length / 2), () => response.destroy());
      },
    ],
    [
      'sends other bytes than its checksum names',
      'checksum_mismatch',
      (response, archive) => void response.end(Buffer.concat([archive, Buffer.from('!')])),
    ],
    [
      'sends a page of a proxy in its place',
      'checksum_mismatch',
      (response) => void response.end('<html>Please sign in to this network.</html>'),
    ],
  ])('stops with cause and fix where the mirror %s, and a repeat heals it', async (_fault, code, first) => {
    answer = first;
    const failed = await install();
    expect(failed).toMatchObject({
      ...{ status: 'failed', result: null },
      error: { code, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/\.$/) },
    });
    expect(readdirSync(path.join(sshd.home, '.local/openclaw/bin'))).toEqual([]);
    answer = whole;
    expect(await install()).toMatchObject({ status: 'succeeded', result: { version: VERSION } });
    expect(readdirSync(path.join(sshd.home, '.local/openclaw')).sort()).toEqual(['bin', `node-v${VERSION}`]);
  });

  test('goes on after its command was killed on the server', async () => {
    answer = (response, archive) => {
      // The first one never ends.
      if (requests > 1) response.end(archive);
    };
    const { id } = (await start()).json().task;
    await until(LIMIT_MS, async () => requests === 1);
    killRun(id);
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: { version: VERSION } });
    expect(await outputOf(id)).toContain(
      'The command was killed on the server before it ended. Running it again.',
    );
    expect(requests).toBe(2);
  });

  test('is given up when its command is killed again and again', async () => {
    answer = () => undefined;
    const { id } = (await start()).json().task;
    for (let kills = 1; kills <= 4; kills += 1) {
      await until(LIMIT_MS, async () => requests === kills);
      killRun(id);
    }
    expect(await ended(id)).toMatchObject({
      ...{ status: 'failed', error: { message: 'The command was killed on the server before it ended.' } },
    });
    expect(requests).toBe(4);
  });

  test('is not begun a second time while it runs, and the second person is told of the task', async () => {
    let release: () => void = () => undefined;
    answer = (response, archive) => {
      release = () => void response.end(archive);
    };
    const { id } = (await start()).json().task;
    await until(LIMIT_MS, async () => requests === 1);
    const second = await start();
    expect([second.statusCode, second.json()]).toMatchObject([
      409,
      { code: 'task_already_running', taskId: id },
    ]);
    release();
    expect(await ended(id)).toMatchObject({ status: 'succeeded' });
    expect(requests).toBe(1);
  });
});

/** Node as nodejs.org packs it, with a script in place of the program. */
function buildArchive(folder: string): Buffer {
  const built = path.join(folder, name);
  for (const part of ['bin', 'lib/node_modules/npm/bin'])
    mkdirSync(path.join(built, part), { recursive: true });
  writeFileSync(path.join(built, 'bin/node'), `#!/bin/sh\necho v${VERSION}\n`, { mode: 0o755 });
  writeFileSync(path.join(built, 'lib/node_modules/npm/bin/npm-cli.js'), '');
  return execFileSync('tar', ['-czf', '-', '-C', folder, name]);
}
