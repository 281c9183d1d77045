// A hostile agent replaces one of its files by a symlink, so that a viewer who opens that file in Buoy would read the SSH key of the login.
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY----- of the login';

describe.skipIf(noSshd !== null)('agent files without a running gateway', () => {
  let fixture: AccessFixture;
  let sshd: LoopbackSshd;
  let serverId: string;
  let workspace: string;
  let key: string;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    workspace = path.join(sshd.home, '.openclaw', 'workspace');
    mkdirSync(workspace, { recursive: true });
    key = path.join(sshd.home, '.ssh', 'id_ed25519');
    mkdirSync(path.dirname(key), { recursive: true });
    writeFileSync(key, KEY);
    writeFileSync(
      path.join(sshd.home, '.openclaw', 'openclaw.json'),
      JSON.stringify({ agents: { defaults: { workspace }, list: [{ id: 'main' }] } }),
    );
    fixture = await prepareAccessFixture();
    serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
  });
  afterAll(async () => {
    await fixture.running.close();
    await sshd.stop();
  });
  beforeEach(() => {
    rmSync(workspace, { recursive: true });
    mkdirSync(workspace);
  });

  const read = (name: string) =>
    fixture.as('viewer', 'GET', `/servers/${serverId}/openclaw/agents/main/files/${name}`);

  test('returns the content of existing files and marks a missing one', async () => {
    writeFileSync(path.join(workspace, 'AGENTS.md'), 'Be kind. Будь добр. 🦞\n');
    writeFileSync(path.join(workspace, 'soul'), 'kept elsewhere');
    symlinkSync('soul', path.join(workspace, 'SOUL.md'));
    expect((await read('AGENTS.md')).json().file).toMatchObject({
      content: 'Be kind. Будь добр. 🦞\n',
      missing: false,
    });
    expect((await read('SOUL.md')).json().file).toMatchObject({ content: 'kept elsewhere' });
    expect((await read('USER.md')).json().file).toMatchObject({ missing: true, hash: null });
  });

  test.each([
    ['a link to the key', 'IDENTITY.md', (file: string) => symlinkSync(key, file)],
    [
      'a relative link to the key',
      'BOOTSTRAP.md',
      (file: string) => symlinkSync('../../.ssh/id_ed25519', file),
    ],
    [
      'a link by way of a linked folder',
      'MEMORY.md',
      (file: string) => {
        symlinkSync(path.dirname(key), path.join(workspace, 'folder'));
        symlinkSync('folder/id_ed25519', file);
      },
    ],
    ['a second name of the key', 'TOOLS.md', (file: string) => linkSync(key, file)],
  ])('returns 422 and no key for %s', async (_what, name, make) => {
    make(path.join(workspace, name));
    const { statusCode, body } = await read(name);
    expect(body).not.toContain(KEY);
    expect([statusCode, JSON.parse(body).code]).toEqual([422, 'refused']);
    expect(JSON.parse(body).error).toContain(`${name} is a link that leads out`);
  });

  test('returns 422 for a folder in place of the file', async () => {
    mkdirSync(path.join(workspace, 'HEARTBEAT.md'));
    expect((await read('HEARTBEAT.md')).statusCode).toBe(422);
  });
});
