// Config changes through Buoy beside other writers: nothing is lost, and the history says who changed what.
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { withoutMissing } from './config.ts';
import { createConfigApplied } from './config-applied.ts';
import { type ConfigHistory, createConfigHistory } from './history.ts';
import { createCallWithConfigLock } from './locked-call.ts';
import { createServerLocks, type ServerLocks } from './server-locks.ts';
import { createMemoryRevisions } from './testing/memory-revisions.ts';
import { createScriptedConfig, type ScriptedConfig } from './testing/scripted-config.ts';
import { type ConfigWriter, createConfigWriter } from './writer.ts';

let openclaw: ScriptedConfig;
let history: ConfigHistory;
let locks: ServerLocks;
let writer: ConfigWriter;
const clock = createFakeClock();

beforeEach(() => {
  openclaw = createScriptedConfig();
  locks = createServerLocks();
  history = createConfigHistory({ store: createMemoryRevisions(), clock });
  const configApplied = createConfigApplied({ gateways: openclaw.gateways, clock });
  writer = createConfigWriter({ gateways: openclaw.gateways, configApplied, history, locks, clock });
});

const patch = (change: Record<string, unknown>, baseHash?: string) =>
  writer.patchConfig('s1', { patch: change, baseHash, by: 'ada', note: 'why' }, {});
const storedRevision = (config: object) => ({
  ...{ serverId: 's1', at: '2026-03-01T10:00:00.000Z', userId: null, origin: 'outside', note: null },
  ...{ hash: 'h', problem: null, config: JSON.stringify(config), changedPaths: '{"count":0,"paths":[]}' },
});
const revisions = async () => (await history.list('s1', { limit: 50 })).revisions;

describe('a config change', () => {
  test('is applied to the current config, relocks its changes, and is stored with author and note', async () => {
    const done = await patch({ gateway: { port: 2 } });
    expect(done).toMatchObject({
      changes: [{ path: 'gateway.port', kind: 'changed', before: 1, after: 2 }],
      restart: false,
      applied: true,
      rev: 2,
    });
    expect(await revisions()).toMatchObject([
      { rev: 2, by: 'ada', note: 'why', origin: 'buoy', paths: ['gateway.port'], hash: done.hash },
      { rev: 1, by: null, origin: 'outside' },
    ]);
  });

  test('of a secret appears in the history without its value', async () => {
    const done = await patch({ gateway: { auth: { token: 'a-new-secret' } } });
    expect(JSON.stringify([done, await revisions()])).not.toContain('a-new-secret');
    expect((await history.diff('s1', done.rev)).changes).toMatchObject([
      { path: 'gateway.auth.token', kind: 'changed' },
    ]);
  });

  test('names to OpenClaw the lists that it shortens or removes', async () => {
    openclaw.file = {
      ...openclaw.file,
      tools: { allow: ['a', 'b'], web: { domains: ['c'] } },
      agents: { list: [{ id: 'main', skills: ['d'] }, { id: 'sales' }] },
    };
    const sent = () => openclaw.calls.findLast(({ method }) => method === 'config.patch')?.params;
    const change = {
      tools: { allow: ['a'], web: null },
      agents: { list: [{ id: 'main', skills: null }] },
    };
    await patch(change);
    expect(sent()?.replacePaths).toEqual(['tools.allow', 'tools.web.domains', 'agents.list[].skills']);
    await patch({ gateway: { port: 2 } });
    expect(sent()).not.toHaveProperty('replacePaths');
  });

  test('that contains only masked values writes nothing', async () => {
    const done = await patch({ gateway: { auth: { token: '__OPENCLAW_REDACTED__' } } });
    expect(done).toMatchObject({ changes: [], rev: 1 });
    expect(openclaw.calls.map(({ method }) => method)).not.toContain('config.patch');
  });

  test('with an older hash is stale, and relocks the changes since', async () => {
    const first = await patch({ gateway: { port: 2 } });
    openclaw.file = { ...openclaw.file, tools: { profile: 'full' } };
    await expect(patch({ gateway: { port: 3 } }, first.hash)).rejects.toMatchObject({
      code: 'stale_version',
      details: { changes: [{ path: 'tools', kind: 'added' }] },
    });
    expect(openclaw.file).toMatchObject({ gateway: { port: 2 } });
  });

  test('that is overtaken at the last moment is stale when it names a hash', async () => {
    const { hash } = await patch({ gateway: { port: 2 } });
    openclaw.beforePatch = () => {
      openclaw.file = { ...openclaw.file, tools: { profile: 'full' } };
    };
    await expect(patch({ gateway: { port: 3 } }, hash)).rejects.toMatchObject({ code: 'stale_version' });
    expect(openclaw.file).toMatchObject({ gateway: { port: 2 }, tools: { profile: 'full' } });
  });

  test('that is overtaken is applied on top when it names no hash', async () => {
    openclaw.beforePatch = () => {
      openclaw.file = { ...openclaw.file, tools: { profile: 'full' } };
    };
    await patch({ gateway: { port: 3 } });
    expect(openclaw.file).toMatchObject({ gateway: { port: 3 }, tools: { profile: 'full' } });
    expect((await revisions()).map(({ origin }) => origin)).toEqual(['buoy', 'outside', 'outside']);
  });

  test('waits for the previous change', async () => {
    const [one, two] = await Promise.all([patch({ a: 1 }), patch({ b: 2 })]);
    expect([one.rev, two.rev]).toEqual([2, 3]);
    expect(openclaw.file).toMatchObject({ a: 1, b: 2 });
  });

  test('whose answer is lost in the restart it causes succeeds when the file contains it', async () => {
    openclaw.answerLost = new AppError('gateway_unavailable', 'The gateway is restarting.', {
      details: { reason: 'restarting', retryAfterMs: 1_000 },
    });
    const done = await patch({ gateway: { port: 2, auth: { token: 'a-new-secret' } } });
    expect(done.changes.map(({ path }) => path)).toEqual(['gateway.port', 'gateway.auth.token']);
    expect(await revisions()).toMatchObject([{ rev: 2, by: 'ada', origin: 'buoy' }, { rev: 1 }]);
  });

  test('relocks 503 when the gateway went away before it was written', async () => {
    openclaw.patchFailure = new AppError('gateway_unavailable', 'The gateway is restarting.');
    await expect(patch({ gateway: { port: 2 } })).rejects.toMatchObject({ code: 'gateway_unavailable' });
    expect(await revisions()).toMatchObject([{ rev: 1 }]);
  });

  test('relocks 429 with the retry time when OpenClaw accepts no more', async () => {
    openclaw.patchFailure = new AppError('gateway_unavailable', 'Not right now.', {
      details: {
        openclaw: { code: 'UNAVAILABLE', message: 'rate limit exceeded for config.patch; retry after 54s' },
        retryAfterMs: 53_200,
      },
    });
    await expect(patch({ a: 1 })).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterS: 54 },
    });
  });

  test('relocks 422 with the issues of OpenClaw when it rejects the config', async () => {
    openclaw.patchFailure = new AppError('refused', 'OpenClaw refused the call.', {
      details: {
        openclaw: {
          code: 'INVALID_REQUEST',
          message: 'invalid config: a: wrong',
          details: { issues: [{ path: 'a', message: 'wrong' }] },
        },
      },
    });
    await expect(patch({ a: 1 })).rejects.toMatchObject({
      code: 'refused',
      details: { issues: [{ path: 'a', message: 'wrong' }] },
    });
  });
});

test('config history › names the caller of a call that makes OpenClaw write', async () => {
  const { logger } = createRecordingLogger();
  const configApplied = createConfigApplied({ gateways: openclaw.gateways, clock });
  const callWithConfigLock = createCallWithConfigLock({
    gateways: openclaw.gateways,
    configApplied,
    history,
    locks,
    clock,
    logger,
  });
  await callWithConfigLock('s1', 'agents.create', { name: 'Sales' }, z.looseObject({}), {
    deadlineMs: 1_000,
    by: 'ada',
  });
  await locks.run('s1', async () => {});
  expect(await revisions()).toMatchObject([
    { origin: 'buoy', by: 'ada', note: 'agents.create', paths: ['agents'] },
    { origin: 'outside' },
  ]);
});

test('config history › hides a secret that was stored before Buoy knew its name', async () => {
  const store = createMemoryRevisions();
  await store.add(storedRevision({ channels: { feishu: { encryptKey: 'the-secret' } } }));
  await store.add(storedRevision({ channels: { feishu: { encryptKey: '__BUOY_REDACTED__' } } }));
  const stored = createConfigHistory({ store, clock });
  expect(await stored.configAt('s1', 1)).toEqual({
    channels: { feishu: { encryptKey: '__BUOY_REDACTED__' } },
  });
  expect(await stored.diff('s1', 2)).toEqual({ changes: [] });
});

test('config history › restoring a revision leaves out secrets that were masked and are gone', () => {
  const now = { a: { token: '__OPENCLAW_REDACTED__' }, list: [1] };
  const back = {
    a: { port: 1 },
    b: { key: '__OPENCLAW_REDACTED__', port: 2 },
    list: [{ x: '__BUOY_REDACTED__' }],
  };
  expect(withoutMissing(back, now)).toEqual({
    patch: { a: { port: 1 }, b: { port: 2 } },
    missing: ['b.key', 'list'],
  });
});
