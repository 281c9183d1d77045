// Connecting a Telegram bot: the real script in a shell of this machine, against a Bot API server.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeBotApiServer, startFakeBotApiServer } from '../../../../testbed/fake-bot-api-server.ts';
import { runCommand } from '../../../../testbed/run-command.ts';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { ExecResult } from '../../ssh/ssh.ts';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { createConfigApplied } from '../config/config-applied.ts';
import { type ConfigHistory, createConfigHistory } from '../config/history.ts';
import { createServerLocks } from '../config/server-locks.ts';
import { createMemoryRevisions } from '../config/testing/memory-revisions.ts';
import { createScriptedConfig, type ScriptedConfig } from '../config/testing/scripted-config.ts';
import { createConfigWriter } from '../config/writer.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { type ConnectTelegram, createConnectTelegram } from './connect-telegram.ts';

const botToken = '700000001:AAFakeTokenOfTheTestBedWithThirtyFiveChars';
const options = { by: 'ada', signal: new AbortController().signal };

let bots: FakeBotApiServer;
let openclaw: ScriptedConfig;
let history: ConfigHistory;
let connectTelegram: ConnectTelegram;
/** Of the accounts, as OpenClaw tells it, one answer after the other; the last one stays. */
let connected: boolean[];
/** What the shell of the server gets as its PATH. */
let path: string;

beforeEach(async () => {
  bots = await startFakeBotApiServer();
  openclaw = createScriptedConfig();
  openclaw.file = { ...openclaw.file, channels: { telegram: { apiRoot: bots.url } } };
  connected = [true];
  path = process.env.PATH ?? '';
  const clock = createFastForwardClock();
  const gateways: Gateways = {
    ...openclaw.gateways,
    async call(serverId, method, params, schema, callOptions) {
      if (method !== 'channels.status')
        return openclaw.gateways.call(serverId, method, params, schema, callOptions);
      const isConnected = connected.length > 1 ? connected.shift() : connected[0];
      return schema.parse({
        channelAccounts: {
          telegram: ['default', 'work'].map((accountId) => ({
            ...{ accountId, enabled: true, configured: true, running: true, lifecycle: 'starting' },
            connected: isConnected,
          })),
        },
      });
    },
  };
  const ssh = {
    async lateScript(_serverId: string, script: () => Promise<string>): Promise<ExecResult> {
      const { code, stdout, stderr } = await runCommand('/bin/sh', ['-s'], {
        ...{ input: await script(), timeoutMs: 30_000, env: { PATH: path, BOT_TOKEN: 'of the login' } },
      });
      return { exitCode: code, signal: null, stdout, stderr, truncated: false, durationMs: 1 };
    },
  };
  history = createConfigHistory({ store: createMemoryRevisions(), clock });
  const configApplied = createConfigApplied({ gateways, clock });
  const writer = createConfigWriter({ gateways, configApplied, history, locks: createServerLocks(), clock });
  connectTelegram = createConnectTelegram({ ssh, gateways, writer, clock });
});
afterEach(() => bots.stop());

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error(`no AppError: ${String(error)}`);
  return { code: error.code, text: `${error.message} ${error.hint}` };
}

test('a Telegram bot is connected with the token in the config, and is named', async () => {
  connected = [false, false, true];
  expect(await connectTelegram('s1', { botToken, account: 'default' }, options)).toEqual({
    ...{ id: 'telegram', account: 'default', state: 'connected' },
    username: 'test_700000001_bot',
  });
  expect(openclaw.file).toMatchObject({
    channels: { telegram: { apiRoot: bots.url, enabled: true, botToken } },
    plugins: { entries: { telegram: { enabled: true } } },
  });
});

test('a second Telegram bot gets an account of its own beside the first', async () => {
  await connectTelegram('s1', { botToken, account: 'default' }, options);
  const other = '700000002:AAFakeTokenOfTheTestBedWithThirtyFiveChars';
  await connectTelegram('s1', { botToken: other, account: 'work' }, options);
  expect(openclaw.file).toMatchObject({
    channels: { telegram: { botToken, accounts: { work: { enabled: true, botToken: other } } } },
  });
});

test('a bot that is not connected within a minute is returned as starting', async () => {
  connected = [false];
  expect(await connectTelegram('s1', { botToken, account: 'default' }, options)).toMatchObject({
    state: 'starting',
  });
});

test('a token that Telegram refuses fails in its words, and changes nothing', async () => {
  const before = openclaw.file;
  bots.failNext('getMe', { code: 401, description: 'Unauthorized' });
  const { code, text } = await failureOf(connectTelegram('s1', { botToken, account: 'default' }, options));
  expect(code).toBe('provider_refused');
  expect(text).toMatch(/^Telegram refuses the token: Unauthorized\. .*@BotFather/);
  expect(openclaw.file).toEqual(before);
});

test('a server that does not reach Telegram is told so, and changes nothing', async () => {
  openclaw.file = { ...openclaw.file, channels: { telegram: { apiRoot: 'http://127.0.0.1:9' } } };
  const before = openclaw.file;
  const { code, text } = await failureOf(connectTelegram('s1', { botToken, account: 'default' }, options));
  expect(code).toBe('refused');
  expect(text).toContain('no answer from Telegram');
  expect(openclaw.file).toEqual(before);
});

test('a token changes nothing when the right to it was lost while Telegram was asked', async () => {
  const before = openclaw.file;
  const mayWrite = () => Promise.reject(new AppError('forbidden', 'No longer.'));
  const lost = connectTelegram('s1', { botToken, account: 'default' }, { ...options, mayWrite });
  expect((await failureOf(lost)).code).toBe('forbidden');
  expect(bots.calls.map(({ method }) => method)).toEqual(['getMe']);
  expect(openclaw.file).toEqual(before);
});

test.each([
  ['its config is read', { asked: 1, calls: [] }],
  ['Telegram is asked', { asked: 2, calls: ['getMe'] }],
])('a token that Buoy deletes while %s goes nowhere any more', async (_when, { asked, calls }) => {
  const before = openclaw.file;
  let asks = 0;
  const kept = async () => {
    asks += 1;
    if (asks === asked) throw new AppError('conflict', 'No longer kept.');
    return botToken;
  };
  const bot = { botToken: kept, account: 'default' };
  expect((await failureOf(connectTelegram('s1', bot, options))).code).toBe('conflict');
  expect(bots.calls.map(({ method }) => method)).toEqual(calls);
  expect(openclaw.file).toEqual(before);
});

test('a token goes nowhere any more when its task ends while the config is read', async () => {
  const before = openclaw.file;
  const ending = new AbortController();
  const mayWrite = async () => ending.abort(new AppError('cancelled', 'This task was cancelled.'));
  const bot = { botToken, account: 'default' };
  const ended = connectTelegram('s1', bot, { ...options, signal: ending.signal, mayWrite });
  expect((await failureOf(ended)).code).toBe('cancelled');
  expect(openclaw.file).toEqual(before);
});

test('a server without curl and wget is told what to install', async () => {
  path = '/nowhere';
  const { text } = await failureOf(connectTelegram('s1', { botToken, account: 'default' }, options));
  expect(text).toContain('Install curl');
});

test('the token of a bot is in no revision of the config, and in no words of a command', async () => {
  const folder = mkdtempSync(nodePath.join(tmpdir(), 'buoy-telegram-'));
  const words = nodePath.join(folder, 'words');
  writeFileSync(
    nodePath.join(folder, 'curl'),
    `#!/bin/sh\nprintf '%s\\n' "$@" >'${words}'\nexport -p >>'${words}'\nPATH='${path}'\nexec curl "$@"\n`,
    { mode: 0o755 },
  );
  path = `${folder}:${path}`;
  await connectTelegram('s1', { botToken, account: 'default' }, options);
  const { revisions } = await history.list('s1', { limit: 50 });
  expect(revisions[0]).toMatchObject({ by: 'ada', origin: 'buoy' });
  expect(JSON.stringify([revisions, await history.configAt('s1', 2)])).not.toContain('AAFakeToken');
  const seen = readFileSync(words, 'utf8');
  rmSync(folder, { recursive: true });
  expect(seen).toContain('--max-time');
  expect(seen).not.toContain('AAFakeToken');
});
