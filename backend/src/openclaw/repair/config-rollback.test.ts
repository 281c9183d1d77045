// Going back to an earlier config, with the real scripts in this machine's /bin/sh and Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import type { ExecResult } from '../../ssh/ssh.ts';
import { createConfigHistory } from '../config/history.ts';
import { createMemoryRevisions } from '../config/testing/memory-revisions.ts';
import type { GatewayFiles } from '../host/gateway-files.ts';
import type { Installation } from '../host/installation.ts';
import { restoreProgram } from './config-rollback.ts';
import { createFindEarlierConfig } from './earlier-config.ts';

const good = { gateway: { port: 18_789, auth: { token: 'good-token-0123456789' } }, meta: { touched: 1 } };
const bad = { ...good, gateway: { ...good.gateway, nonsense: 1 } };
const masked = { gateway: { port: 18_789, auth: { token: '__OPENCLAW_REDACTED__' } } };
const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-rollback-'));
  config = path.join(folder, 'openclaw.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (content: unknown, suffix = '') => {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  writeFileSync(`${config}${suffix}`, text, { mode: 0o600 });
  return sumOf(text);
};
const now = () => readFileSync(config, 'utf8');

describe('the program that puts an earlier config in place', () => {
  const run = (...words: string[]) => {
    const args = ['--input-type=module', '-e', restoreProgram, '--', config, ...words];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['', '']);
    return status;
  };

  test('takes a copy as it is, and keeps the present file for its owner alone', () => {
    const present = write(bad);
    const copy = write(good, '.last-good');
    expect(run(present, 'copy', `${config}.last-good`, copy)).toBe(0);
    expect(JSON.parse(now())).toEqual(good);
    expect(sumOf(readFileSync(`${config}.before-rollback`, 'utf8'))).toBe(present);
    for (const file of [config, `${config}.before-rollback`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).not.toContain('openclaw.json.rollback-new');
  });

  test('succeeds when it is run again after its answer was lost', () => {
    const present = write(bad);
    const copy = write(good, '.last-good');
    for (let times = 0; times < 2; times += 1)
      expect(run(present, 'copy', `${config}.last-good`, copy)).toBe(0);
    expect(JSON.parse(now())).toEqual(good);
    expect(sumOf(readFileSync(`${config}.before-rollback`, 'utf8'))).toBe(present);
  });

  test('fills what is hidden in a revision with what is in the file, without it ever leaving the server', () => {
    const target = {
      ...masked,
      models: { providers: { gone: { apiKey: '__BUOY_REDACTED__', baseUrl: 'https://x' } } },
      channels: { list: ['__BUOY_REDACTED__'] },
    };
    const present = write({ ...bad, channels: { list: ['kept-secret'] } });
    expect(run(present, 'revision', JSON.stringify(target))).toBe(0);
    expect(JSON.parse(now())).toEqual({
      ...good,
      models: { providers: { gone: { baseUrl: 'https://x' } } },
      channels: { list: ['kept-secret'] },
    });
  });

  test('writes nothing where the present file or the copy is another one than was shown', () => {
    const present = write(bad);
    const copy = write(good, '.last-good');
    expect(run(sumOf('other'), 'copy', `${config}.last-good`, copy)).toBe(20);
    expect(run(present, 'copy', `${config}.last-good`, sumOf('other'))).toBe(21);
    expect(sumOf(now())).toBe(present);
    expect(readdirSync(folder).toSorted()).toEqual(['openclaw.json', 'openclaw.json.last-good']);
  });

  test('writes nothing and quotes nothing where the present file cannot be read', () => {
    const present = write('{ "token": "planted-secret", oops');
    expect(run(present, 'revision', JSON.stringify(masked))).toBe(22);
    expect(sumOf(now())).toBe(present);
  });

  test('replaces no link, neither the file nor the copy', () => {
    const copy = write(good, '.last-good');
    const elsewhere = path.join(folder, 'elsewhere.json');
    writeFileSync(elsewhere, JSON.stringify(bad));
    symlinkSync(elsewhere, config);
    expect(run(sumOf(JSON.stringify(bad)), 'copy', `${config}.last-good`, copy)).toBe(23);
    rmSync(config);
    const present = write(bad);
    symlinkSync(elsewhere, `${config}.bak`);
    expect(run(present, 'copy', `${config}.bak`, sumOf(JSON.stringify(bad)))).toBe(21);
  });
});

describe('the last config that worked', () => {
  const find = async (revisions: unknown[], { stdout }: { stdout?: string } = {}) => {
    const clock = createFakeClock();
    const history = createConfigHistory({ store: createMemoryRevisions(), clock });
    for (const [index, one] of revisions.entries())
      await history.record(
        'srv_1',
        {
          ...{ config: one as Record<string, unknown>, hash: `hash-${index}`, valid: true, problem: null },
          ...{ issues: [], warnings: [], applied: true, path: null },
        },
        () => ({ origin: 'outside', by: null, note: null }),
      );
    const runAsGateway = async (
      _id: string,
      script: string,
      words: readonly string[],
    ): Promise<ExecResult> => {
      const ran = spawnSync('/bin/sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' });
      const result = { signal: null, truncated: false, durationMs: 1, stderr: ran.stderr };
      return { ...result, exitCode: ran.status, stdout: stdout ?? ran.stdout };
    };
    const gatewayFiles: GatewayFiles = {
      async read(_id, { folder: place, name }) {
        const content = readFileSync(path.join(place, name), 'utf8');
        return { content, size: content.length, changedAtMs: 0 };
      },
    };
    const installations = { find: async () => ({ configPath: config }) as Installation };
    return createFindEarlierConfig({ installations, runAsGateway, gatewayFiles, history })('srv_1', {
      deadlineMs: 5_000,
    });
  };

  test('is the revision of Buoy where OpenClaw has no copy, with the change and no secret', async () => {
    const present = write(bad);
    const found = await find([masked]);
    expect(found.input).toEqual({ present, target: { kind: 'revision', rev: 1 } });
    expect(found.changes).toEqual([{ path: 'gateway.nonsense', kind: 'removed', before: 1, after: null }]);
    expect(JSON.stringify(found)).not.toContain('good-token');
  });

  test('is the copy of OpenClaw with the content of that revision, secrets of that time included', async () => {
    write(bad);
    write({ other: true }, '.last-good');
    const sha256 = write(good, '.bak.1');
    expect((await find([masked])).input?.target).toEqual({ kind: 'copy', name: 'bak.1', sha256 });
  });

  test('is the last good copy of OpenClaw where Buoy has seen none, also for a file that is no JSON', async () => {
    write('{ "gateway": { "port": "not a port", ');
    const sha256 = write(good, '.last-good');
    expect(await find([])).toMatchObject({
      input: { target: { kind: 'copy', name: 'last-good', sha256 } },
      changes: null,
    });
  });

  test('is never the present one, in whatever words its secrets are hidden', async () => {
    write(good);
    write(good, '.last-good');
    expect(await find([masked])).toMatchObject({
      input: null,
      missing: 'Neither OpenClaw nor Buoy has an earlier config that is known to have worked.',
    });
  });

  test('is missing where the keys cannot be taken over from the present file', async () => {
    write('{ gateway: { port: 1 }, } // JSON5');
    expect(await find([masked])).toMatchObject({
      input: null,
      missing: expect.stringContaining('not valid JSON'),
    });
  });

  test('takes no name, path or sum that a hostile server prints in place of the list', async () => {
    write(bad);
    mkdirSync(path.join(folder, 'x'));
    const odd = ['../../etc/shadow', 'present; rm', `${'a'.repeat(64)} 1 1 evil`, 'x'.repeat(100_000)].join(
      '\n',
    );
    expect(await find([masked], { stdout: odd })).toMatchObject({ input: null });
  });
});

describe('the history of the config', () => {
  test('has who went back and to what, once, also where the gateway tells the same config as before', async () => {
    const clock = createFakeClock();
    const history = createConfigHistory({ store: createMemoryRevisions(), clock });
    const tell = (hash: string) =>
      history.record(
        'srv_1',
        {
          ...{ config: masked, hash, valid: true, problem: null, issues: [], warnings: [] },
          ...{ applied: true, path: null },
        },
        () => ({ origin: 'outside', by: null, note: null }),
      );
    await tell('hash-1');
    history.expectChange('srv_1', { origin: 'buoy', by: 'ada', note: 'Repair: went back to revision 1' });
    for (let times = 0; times < 3; times += 1) await tell('hash-1');
    clock.pass(11 * 60_000);
    await tell('hash-2');
    const { revisions } = await history.list('srv_1', { limit: 10 });
    expect(revisions.map(({ origin, by, note }) => [origin, by, note])).toEqual([
      ['outside', null, null],
      ['buoy', 'ada', 'Repair: went back to revision 1'],
      ['outside', null, null],
    ]);
  });

  test('counts no later change as the rollback', async () => {
    const clock = createFakeClock();
    const history = createConfigHistory({ store: createMemoryRevisions(), clock });
    history.expectChange('srv_1', { origin: 'buoy', by: 'ada', note: 'Repair' });
    clock.pass(10 * 60_000);
    const reading = { config: masked, hash: 'h', valid: true, problem: null, issues: [], warnings: [] };
    await history.record('srv_1', { ...reading, applied: true, path: null }, () => ({
      ...{ origin: 'outside', by: null, note: null },
    }));
    expect((await history.list('srv_1', { limit: 1 })).revisions).toMatchObject([
      { origin: 'outside', by: null },
    ]);
  });
});
