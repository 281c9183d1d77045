// `buoy setup apply` against a real Buoy and a real sshd: servers that are added, changed and left alone, and host keys that are not those of the file.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../backend/src/ssh/testing/loopback-sshd.ts';
import { startScriptedServer } from '../../backend/src/ssh/testing/scripted-server.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const example = path.resolve(import.meta.dirname, '../../docs/servers.yaml');

describe.skipIf(noSshd !== null)('setup apply', () => {
  let fixture: CliFixture;
  let sshd: LoopbackSshd;
  beforeAll(async () => {
    [fixture, sshd] = await Promise.all([startCliFixture(), startLoopbackSshd()]);
    writeFileSync(path.join(fixture.folder, 'key'), sshd.privateKey, { mode: 0o600 });
  });
  afterAll(async () => {
    await fixture?.close();
    await sshd?.stop();
  });

  const yamlOf = (fields: Record<string, unknown>) => {
    const file = path.join(fixture.folder, 'servers.yaml');
    const login = { host: '127.0.0.1', port: sshd.port, username: sshd.username };
    const auth = { privateKey: { file: 'key' } };
    const hostKey = sshd.hostKeys.ed25519.fingerprint;
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ servers: [{ ...login, auth, hostKey, ...fields }] }));
    return file;
  };
  const apply = (fields: Record<string, unknown>, words = ['--yes']) =>
    fixture.buoy(['setup', 'apply', '-f', yamlOf(fields), ...words]);
  const shown = async (name: string) =>
    JSON.parse((await fixture.buoy(['servers', 'show', name, '--json'])).out).server;
  const tasksOf = async (name: string): Promise<Task[]> => {
    const { id } = await shown(name);
    const { tasks } = JSON.parse((await fixture.buoy(['tasks', 'list', '--json'])).out);
    return tasks.filter((task: Task) => task.serverId === id);
  };
  const otherKey = `SHA256:${'A'.repeat(43)}`;

  test('adds a server, leaves it alone when run again, and changes what is changed in the file', async () => {
    const added = await apply({ name: 'first', tags: ['prod'] });
    expect({ exit: added.exit, out: added.out }).toEqual({
      exit: 0,
      out: expect.stringMatching(/RESULT {2}WHY\nfirst {3}added {3}-\nApplied to 1 server\.\n$/),
    });
    const before = await shown('first');
    expect(before.hostKey.fingerprint).toBe(sshd.hostKeys.ed25519.fingerprint);

    const again = await apply({ name: 'first', tags: ['prod'] }, []);
    expect(again).toMatchObject({ exit: 0, out: expect.stringMatching(/Nothing is to be done\.\n$/) });
    expect(await shown('first')).toMatchObject({ version: before.version });

    expect((await apply({ name: 'first', tags: ['prod', 'eu'] })).exit).toBe(0);
    expect(await shown('first')).toMatchObject({ tags: ['prod', 'eu'] });
    expect((await apply({ name: 'first' }, [])).out).toContain('Nothing is to be done.');
  });

  test('sends the secret of a new server to no other host key than that of the file', async () => {
    const { exit, out } = await apply({ name: 'forged', hostKey: otherKey });
    expect(exit).toBe(1);
    expect(out).toContain(`not ${otherKey}`);
    expect((await shown('forged')).hostKey).toBeNull();
  });

  test('does not replace a pinned host key by one that the server does not show', async () => {
    await apply({ name: 'pinned' });
    const { exit, out } = await apply({ name: 'pinned', hostKey: otherKey });
    expect(exit).toBe(1);
    expect(out).toContain(`host key: ${sshd.hostKeys.ed25519.fingerprint} → ${otherKey}`);
    expect((await shown('pinned')).hostKey.fingerprint).toBe(sshd.hostKeys.ed25519.fingerprint);
  });

  test('of a file without a server removes nothing', async () => {
    await apply({ name: 'kept' });
    await apply({ name: 'another' });
    expect((await shown('kept')).name).toBe('kept');
  });

  test('starts no setup on an account that runs no commands, and names the fix', async () => {
    const mute = await startScriptedServer();
    try {
      await fixture.buoy(['servers', 'add', `anna@127.0.0.1:${mute.port}`, '--name', 'mute', '--password'], {
        readStdin: () => Promise.resolve('First-pa55word'),
      });
      const setup = { onboard: { provider: 'skip' } };
      const own = { port: mute.port, username: 'anna', auth: undefined, hostKey: undefined };
      const { exit, out } = await apply({ name: 'mute', ...own, setup });
      expect(exit).toBe(1);
      expect(out).toContain(
        'mute    not possible  The account does not run commands. Give it a real login shell',
      );
      expect(await tasksOf('mute')).toEqual([]);
    } finally {
      await mute.close();
    }
  });

  test('runs a setup, and names why it failed and how to read its output', async () => {
    // The gateway cannot have a port on which sshd listens: the setup ends before it installs anything.
    const setup = { onboard: { provider: 'skip' }, gateway: { port: sshd.port } };
    const { exit, out, err } = await apply({ name: 'taken', setup });
    const [task, ...others] = await tasksOf('taken');
    expect({ exit, type: task?.type, status: task?.status, others }).toEqual({
      ...{ exit: 1, type: 'setup', status: 'failed', others: [] },
    });
    expect(task?.steps.map(({ status }) => status).slice(0, 2)).toEqual(['failed', 'skipped']);
    expect(out).toContain(`Its output: buoy tasks output ${task?.id}`);
    expect(out).toContain(task?.error?.message);
    expect(err).toContain('taken: Check what the server has (1/9)');
  });

  test('takes the example of the docs, and plans it', async () => {
    const { exit, out, err } = await fixture.buoy(['setup', 'apply', '-f', example, '--dry-run']);
    expect({ exit, err }).toEqual({ exit: 0, err: 'This is the plan; nothing was done.\n' });
    expect(out).toMatch(/^3 to add, 2 to set up\.$/m);
    expect(out).toContain('password from $DB_PASSWORD');
    expect(readFileSync(example, 'utf8')).toContain('{ env: DB_PASSWORD }');
  });
});
