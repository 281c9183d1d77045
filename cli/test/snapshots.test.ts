// Snapshots against a scripted Buoy: what is listed, asked and sent.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EndpointKey, Snapshot, Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, type ScriptedAnswer, type ScriptedCall, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

const snapshot: Snapshot = {
  ...{ id: 'snp_1', serverId: 'srv_1', version: '2026.8.1', reason: 'update', note: null, createdAt: at },
  ...{ sizeBytes: 163_840, sha256: 'a'.repeat(64), verified: true },
};
const other = { ...server, id: 'srv_2', name: 'mail' };
const task: Task = {
  ...{
    id: 'tsk_1',
    type: 'restore',
    serverId: 'srv_1',
    status: 'queued',
    steps: [],
    progress: 0,
    result: null,
  },
  ...{ error: null, createdBy: '1', createdAt: at, startedAt: null, finishedAt: null },
};

describe('openclaw snapshots', () => {
  let cli: TestCli;
  let folder: string;
  beforeAll(() => {
    cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-cli-snapshots-'));
  });
  afterAll(() => {
    cli.close();
    rmSync(folder, { recursive: true });
  });
  const buoy = (
    words: string[],
    answers: Partial<Record<EndpointKey, (call: ScriptedCall) => ScriptedAnswer>>,
    own: Partial<Terminal> = {},
  ) => {
    const scripted = scriptedBuoy((key, _calls, call) => {
      if (key === 'GET /servers') return { body: { servers: [server, other], nextCursor: null } };
      const answer = answers[key];
      if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
      return answer(call);
    });
    const now = () => Date.parse('2026-03-01T10:05:00Z');
    return cli
      .buoy(['openclaw', ...words], { fetch: scripted.fetch, now, ...own })
      .then((ran) => ({ ...ran, calls: scripted.calls }));
  };
  const RESTORE = 'POST /servers/:id/setup/snapshots/:snapshotId/restore';
  const restoring = (bodies: unknown[]) => ({
    [RESTORE]: ({ body }: ScriptedCall) => {
      bodies.push(body);
      return { body: { task } };
    },
  });

  test('list shows what each was made for, without what a note would do to the terminal', async () => {
    const snapshots = [
      { ...snapshot, note: 'before\x1b[2J it', reason: 'manual', verified: false },
      snapshot,
    ];
    const { exit, out } = await buoy(['snapshots', 'list', 'web'], {
      'GET /servers/:id/setup/snapshots': () => ({ body: { snapshots, nextCursor: null } }),
    });
    expect(exit).toBe(0);
    expect(out).toMatch(/^SNAPSHOT +VERSION +MADE FOR +CREATED +SIZE +VERIFIED +NOTE\n/);
    expect(out).toMatch(/snp_1 +2026\.8\.1 +manual .* NO /);
    expect(out).not.toContain('\x1b[2J');
  });

  test('restore sends the other server by its id, and asks before', async () => {
    const bodies: unknown[] = [];
    const words = ['snapshots', 'restore', 'web', 'snp_1', '--on', 'mail', '--with-credentials', '--no-wait'];
    const asked = await buoy(words, restoring(bodies));
    expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining('OpenClaw on mail?')]);
    expect(bodies).toEqual([]);
    expect((await buoy([...words, '--yes'], restoring(bodies))).exit).toBe(0);
    expect(bodies).toEqual([{ targetServerId: 'srv_2', withCredentials: true }]);
  });

  test('restore on another server says in its question that Buoy cannot check what arrives, and only there', async () => {
    const ask = async (...words: string[]) =>
      (await buoy(['snapshots', 'restore', 'web', 'snp_1', ...words], restoring([]))).err;
    const warning = 'Buoy cannot compare what arrives with the checksum of the snapshot';
    expect(await ask('--on', 'mail')).toContain(warning);
    expect(await ask('--on', 'mail', '--with-credentials')).toContain(warning);
    for (const words of [[], ['--on', 'web']]) expect(await ask(...words)).not.toContain(warning);
  });

  test('restore and rollback say who downloads the version', async () => {
    const bodies: unknown[] = [];
    const answers = {
      'GET /servers/:id/setup/snapshots': () => ({ body: { snapshots: [snapshot], nextCursor: null } }),
      ...restoring(bodies),
    };
    for (const words of [
      ['snapshots', 'restore', 'web', 'snp_1'],
      ['rollback', 'web'],
    ])
      expect((await buoy([...words, '--via', 'buoy', '--yes', '--no-wait'], answers)).exit).toBe(0);
    expect(bodies).toEqual(Array(2).fill({ withCredentials: false, via: 'buoy' }));
  });

  test('rollback restores the newest snapshot of an update, and says when there is none', async () => {
    const bodies: unknown[] = [];
    const queries: unknown[] = [];
    const listing = (snapshots: Snapshot[]) => ({
      'GET /servers/:id/setup/snapshots': ({ query }: ScriptedCall) => {
        queries.push(query);
        return { body: { snapshots, nextCursor: null } };
      },
    });
    const ran = await buoy(['rollback', 'web', '--yes', '--no-wait'], {
      ...listing([snapshot]),
      ...restoring(bodies),
    });
    expect([ran.exit, ran.calls.at(-1)]).toEqual([0, 'POST /servers/srv_1/setup/snapshots/snp_1/restore']);
    expect(bodies).toEqual([{ withCredentials: false }]);
    expect(queries).toEqual([{ reason: 'update', limit: 1 }]);
    const none = await buoy(['rollback', 'web', '--yes'], listing([]));
    expect([none.exit, none.err]).toEqual([1, expect.stringContaining('web has no snapshot of an update.')]);
  });

  test('verify exits with 1 for an archive that is not what it was', async () => {
    const answers = (ok: boolean) => ({
      'POST /servers/:id/setup/snapshots/:snapshotId/verify': () => ({ body: { ok, detail: 'So it is.' } }),
    });
    const words = ['snapshots', 'verify', 'web', 'snp_1'];
    expect(await buoy(words, answers(true))).toMatchObject({ exit: 0, out: 'So it is.\n' });
    expect((await buoy(words, answers(false))).exit).toBe(1);
  });

  test('download writes a sealed file, and over no other one', async () => {
    const answers = {
      'GET /servers/:id/setup/snapshots/:snapshotId/download': () => ({ body: { sealed: true } }),
    };
    const to = path.join(folder, 'web.sealed');
    const words = ['snapshots', 'download', 'web', 'snp_1', '--to', to];
    expect((await buoy(words, answers)).exit).toBe(0);
    expect(readFileSync(to, 'utf8')).toBe('{"sealed":true}');
    expect((await buoy(words, answers)).exit).toBe(1);
    expect((await buoy(['snapshots', 'download', 'web', '../../x'], answers)).exit).toBe(1);
    expect(existsSync('../../x.tar.gz.sealed')).toBe(false);
  });

  test('delete asks before, and names the server', async () => {
    const words = ['snapshots', 'delete', 'web', 'snp_1'];
    const asked = await buoy(words, {});
    expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining('snp_1 and its archive on web?')]);
    const deleted = await buoy([...words, '--yes'], {
      'DELETE /servers/:id/setup/snapshots/:snapshotId': () => ({}),
    });
    expect(deleted).toMatchObject({ exit: 0, out: 'Deleted.\n' });
  });

  test('an unknown snapshot is told with the command that lists them', async () => {
    const { exit, err } = await buoy(['snapshots', 'verify', 'web', 'snp_none'], {
      'POST /servers/:id/setup/snapshots/:snapshotId/verify': () => ({
        status: 404,
        body: { error: 'There is no such snapshot of this server.', code: 'not_found', requestId: 'r' },
      }),
    });
    expect([exit, err]).toEqual([
      1,
      expect.stringContaining('List them: buoy openclaw snapshots list srv_1'),
    ]);
  });
});
