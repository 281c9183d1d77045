// A step of a setup whose command is killed on the server, as by a power cut or a person.
import { execFileSync } from 'node:child_process';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../testbed/listen-on-loopback.ts';
import { until } from '../../testbed/until.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const LIMIT_MS = 60_000;

describe.skipIf(noSshd !== null)('a command of a setup that is killed on the server', () => {
  let running: TestBuoy;
  let sshd: LoopbackSshd;
  let registry: Server;
  let waiting: ServerResponse[];
  beforeAll(async () => {
    // It answers when it is told to.
    registry = createServer((request, response) => {
      if (request.url?.includes('node-linux')) waiting.push(response);
      else response.writeHead(404).end();
    });
    const { port } = await listenOnLoopback(registry);
    [running, sshd] = await Promise.all([
      startTestBuoy({ NPM_REGISTRY: `http://127.0.0.1:${port}` }),
      startLoopbackSshd(),
    ]);
  });
  afterAll(async () => {
    await running?.close();
    await sshd?.stop();
    registry?.close();
  });

  const startInstall = async () => {
    waiting = [];
    const token = await running.signIn(42);
    const { port, username, privateKey } = sshd;
    const body = { name: 'bare', host: '127.0.0.1', port, username, authType: 'key', privateKey };
    const { server } = (await running.call('POST', '/servers', { token, body })).json();
    const path = `/servers/${server.id}/setup/install-node`;
    const { task } = (await running.call('POST', path, { token, body: {} })).json();
    return {
      end: () =>
        until(LIMIT_MS, async () => {
          const now = (await running.call('GET', `/tasks/${task.id}`, { token })).json().task;
          return ['failed', 'succeeded'].includes(now.status) ? now : null;
        }),
      output: async () =>
        (await running.call('GET', `/tasks/${task.id}/output`, { token })).json().output.text as string,
      run: `${task.id}-install-node`,
    };
  };
  const killRun = (run: string) => execFileSync('pkill', ['-KILL', '-f', run]);

  test('is run again, and the step fails only when it has failed itself', async () => {
    const { end, output, run } = await startInstall();
    await until(LIMIT_MS, async () => waiting.length === 1);
    killRun(run);
    await until(LIMIT_MS, async () => waiting.length === 2);
    waiting[1]?.writeHead(404).end();
    expect(await end()).toMatchObject({ status: 'failed', error: { code: 'version_not_found' } });
    expect(await output()).toContain('The command was killed on the server before it ended. Running it again.');
  });

  test('is given up when that happens again and again', async () => {
    const { end, run } = await startInstall();
    for (let kills = 1; kills <= 4; kills += 1) {
      await until(LIMIT_MS, async () => waiting.length === kills);
      killRun(run);
    }
    expect(await end()).toMatchObject({
      status: 'failed',
      error: { message: 'The command was killed on the server before it ended.' },
    });
    expect(waiting).toHaveLength(4);
  });
});
