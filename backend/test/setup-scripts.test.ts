// What a setup will run on a server, shown without its secrets.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ScriptPreview } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const KEY = 'planted-of-a-provider';
const onboard = { provider: 'anthropic', apiKey: KEY, model: "claude'; touch ~/pwned" };

describe.skipIf(noSshd !== null)('scripts of a setup', () => {
  let running: TestBuoy;
  let sshd: LoopbackSshd;
  let token: string;
  let setup: string;
  beforeAll(async () => {
    [running, sshd] = await Promise.all([startTestBuoy(), startLoopbackSshd()]);
    token = await running.signIn(42);
    const { port, username, privateKey } = sshd;
    const body = { name: 'bare', host: '127.0.0.1', port, username, authType: 'key', privateKey };
    const { server } = (await running.call('POST', '/servers', { token, body })).json();
    setup = `/servers/${server.id}/setup`;
  });
  afterAll(async () => {
    await running?.close();
    await sshd?.stop();
  });

  const preview = async (step: string, body: object): Promise<ScriptPreview[]> => {
    const answer = await running.call('POST', `${setup}/${step}/preview`, { token, body });
    expect(answer.statusCode).toBe(200);
    return answer.json().scripts;
  };
  test('are shown with what was chosen, each word quoted, and without the key', async () => {
    const { apiKey: _, ...withoutKey } = onboard;
    expect(await preview('onboard', withoutKey)).toEqual(await preview('onboard', onboard));
    const [script, ...more] = await preview('onboard', onboard);
    expect({ stepId: script?.stepId, more }).toEqual({ stepId: 'onboard', more: [] });
    expect(script?.script).toContain(`MODEL='claude'\\''; touch ~/pwned'`);
    expect(script?.script).toContain('openclaw onboard "$@"');
    expect(script?.script).toMatch(
      /^# Set before this text, and never shown: API_KEY=\*\*\*, CONFIG_PATCH=\*\*\*\.$/m,
    );
    expect(JSON.stringify(script)).not.toContain(KEY);
  });

  test('that take what Buoy sends are shown where Buoy is to download', async () => {
    const scripts = await preview('run', { onboard, via: 'buoy' });
    const [node, openclaw] = scripts.map(({ script }) => script);
    for (const script of [node, openclaw]) {
      expect(script).toMatch(
        /^# Known once Buoy has sent its downloads: CARRIED, CARRIED_SHA256, CARRIED_INDEX_BYTES\.$/m,
      );
      expect(script).toContain("NPM_REGISTRY='http://carried.invalid'");
    }
    expect(openclaw).toContain('createServer(');
    expect(await preview('install-node', { via: 'buoy' })).toEqual([scripts[0]]);
    expect((await preview('install-node', { via: 'server' }))[0]?.script).not.toContain('carried');
  });

  test('of a whole setup are those of its steps', async () => {
    const scripts = await preview('run', { onboard, sudoPassword: 'planted-for-sudo' });
    expect(scripts.map(({ stepId }) => stepId)).toEqual([
      ...['install-node', 'install-openclaw', 'onboard', 'configure-gateway', 'systemd'],
    ]);
    expect(JSON.stringify(scripts)).not.toMatch(/planted/);
  });

  test('are shown without asking the server for anything', async () => {
    await preview('install-node', {});
    expect(existsSync(path.join(sshd.home, '.buoy'))).toBe(false);
  });
});
