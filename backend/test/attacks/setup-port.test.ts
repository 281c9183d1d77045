// Another account of a managed server listens on the gateway's port while a setup stores the key of a provider, and wants the gateway's token.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { taskTypes } from '@buoy/contract/constants';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { runInLocalShell } from '../../src/openclaw/testing/local-shell.ts';
import { createOnboardStep, type OnboardingInput, PROVIDER_KEY } from '../../src/setup/onboard.ts';
import type { Ssh } from '../../src/ssh/ssh.ts';
import { createRemoteRuns } from '../../src/tasks/remote-run.ts';
import { kindOf } from '../../src/tasks/testing/fake-kinds.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../../src/tasks/testing/test-tasks.ts';

const TOKEN = 'token-of-the-gateway';
const KEY = 'key-of-a-provider';

/** As 2026.9.6: to have a running gateway use a new key at once, it sends the token to whoever listens on the gateway's port. */
const OPENCLAW = `#!${process.execPath}
const fs = require('node:fs');
const { HOME, OPENCLAW_GATEWAY_PORT } = process.env;
const words = process.argv.slice(2).join(' ');
if (words === 'onboard --help') console.log('  --anthropic-api-key <key>');
if (words.startsWith('models auth paste-api-key')) {
  fs.writeFileSync(HOME + '/key', fs.readFileSync(0, 'utf8').trim());
  const { gateway } = JSON.parse(fs.readFileSync(HOME + '/.openclaw/openclaw.json', 'utf8'));
  const port = Number(OPENCLAW_GATEWAY_PORT ?? gateway.port);
  fs.writeFileSync(HOME + '/dialled', String(port));
  require('node:net').connect(port, '127.0.0.1').on('error', () => {}).end(gateway.auth.token);
}
`;

let home: string;
let folder: TestFolder;
let listener: Server;
let received: string;
let all: TestTasks;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'buoy-setup-port-'));
  received = '';
  listener = createServer((socket) => {
    socket.on('data', (bytes) => {
      received += bytes.toString();
    });
    socket.on('error', () => {});
  });
  const { port } = await listenOnLoopback(listener);
  const bin = path.join(home, '.local/openclaw/bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, path.join(bin, 'node'));
  writeFileSync(path.join(bin, 'openclaw'), OPENCLAW, { mode: 0o755 });
  mkdirSync(path.join(home, '.openclaw'));
  const config = {
    gateway: { mode: 'local', port, auth: { mode: 'token', token: TOKEN } },
    agents: { defaults: { model: { primary: 'anthropic/a' } } },
  };
  writeFileSync(path.join(home, '.openclaw/openclaw.json'), JSON.stringify(config));

  const env = { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };
  const ssh: Pick<Ssh, 'script' | 'lateScript'> = {
    script: async (_serverId, script, args) => runInLocalShell(script, args, { env }),
    lateScript: async (_serverId, script, args) => runInLocalShell(await script(), args, { env }),
  };
  const remoteRuns = createRemoteRuns({ ssh, clock: systemClock });
  const onboard = createOnboardStep<OnboardingInput>({ ssh, remoteRuns, onInstalled: () => {} }, (input) => ({
    onboard: input,
    port,
    bind: 'loopback',
    always: true,
  }));
  folder = makeTestFolder();
  all = await openTestTasks(
    folder,
    [kindOf([onboard], { type: taskTypes.onboard, inputSchema: z.unknown() })],
    { patienceMs: 30_000 },
  );
});
afterEach(async () => {
  await all?.close();
  listener?.close();
  folder?.remove();
  rmSync(home, { recursive: true, force: true });
});

test("an account that listens on the gateway's port does not get its token while a setup stores a key", async () => {
  const input = { provider: 'anthropic', providerId: 'custom', compatibility: 'openai', hasKey: true };
  const { id } = await all.tasks.start(taskTypes.onboard, {
    ...{ serverId: await all.newServer(), input, createdBy: 'u_1' },
    secrets: { [PROVIDER_KEY]: KEY },
  });
  const { status, error } = await all.ended(id);
  expect({ status, error }).toEqual({ status: 'succeeded', error: null });
  expect(readFileSync(path.join(home, 'key'), 'utf8')).toBe(KEY);
  expect(received).toBe('');
  // Only root can listen there.
  expect(readFileSync(path.join(home, 'dialled'), 'utf8')).toBe('1');
});
