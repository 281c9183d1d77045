// What a setup will run on a server: shown without its secrets, and run as it was edited.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ScriptPreview, Task } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../testbed/until.ts';
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
  /** Starts a step, and returns how it ended, with its output. */
  const run = async (step: string, body: object): Promise<{ task: Task; output: string }> => {
    const started = await running.call('POST', `${setup}/${step}`, { token, body });
    expect(started.statusCode).toBe(202);
    const { id } = started.json().task;
    const task = await until(20_000, async () => {
      const now: Task = (await running.call('GET', `/tasks/${id}`, { token })).json().task;
      return hasEnded(now) && now;
    });
    const { output } = (await running.call('GET', `/tasks/${id}/output`, { token })).json();
    return { task, output: output.text };
  };

  test('are shown with what was chosen, each word quoted, and without the key', async () => {
    const { apiKey: _, ...withoutKey } = onboard;
    expect(await preview('onboard', withoutKey)).toEqual(await preview('onboard', onboard));
    const [script, ...more] = await preview('onboard', onboard);
    expect({ stepId: script?.stepId, more }).toEqual({ stepId: 'onboard', more: [] });
    expect(script?.script).toContain(`MODEL='claude'\\''; touch ~/pwned'`);
    expect(script?.script).toContain('openclaw onboard "$@"');
    expect(script?.script).toMatch(/^# Set before this text, and never shown: API_KEY, CONFIG_PATCH\.$/m);
    expect(JSON.stringify(script)).not.toContain(KEY);
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

  test('run as they were edited, and the step still fails when it brought nothing', async () => {
    const [shown] = await preview('install-node', { version: '24' });
    const script = `echo edited; echo "$HOME" >edited; exit 0\n${shown?.script}`;
    const { task, output } = await run('install-node', { version: '24', script });
    expect(output).toContain('edited');
    expect(readFileSync(path.join(sshd.home, 'edited'), 'utf8')).toBe(`${sshd.home}\n`);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'refused' } });
  });

  test('get their secrets when they were edited', async () => {
    const { output } = await run('onboard', { ...onboard, script: 'echo "$API_KEY" | wc -c; exit 31' });
    expect(output).toContain(String(KEY.length + 1));
    expect(output).not.toContain(KEY);
  });
});
