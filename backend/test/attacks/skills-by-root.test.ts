// With a login as root, a gateway that runs as a service account and has turned hostile names the folders in which Buoy works.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ScriptedGateway,
  startScriptedGateway,
} from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** The service account of the gateway. */
const ACCOUNT = 65_534;

const reason = noSshd ?? (process.getuid?.() === 0 ? null : 'only root can log in as root');

describe.skipIf(reason !== null)(`a login as root (${reason ?? 'real sshd'})`, () => {
  let base: string;
  let sshd: LoopbackSshd;
  let gateway: ScriptedGateway;
  let running: TestBuoy;
  let token: string;
  let serverId: string;
  let status: object;
  const at = (...names: string[]) => path.join(base, ...names);

  beforeEach(async () => {
    base = mkdtempSync('/tmp/buoy-skills-root-');
    chmodSync(base, 0o755);
    for (const folder of ['etc/profile.d', 'etc/ssh', 'root/.openclaw', 'service/skills/evil.sh'])
      mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('etc/ssh/sshd_config'), 'of root', { mode: 0o600 });
    sshd = await startLoopbackSshd({
      config: ['PermitRootLogin prohibit-password', `SetEnv HOME=${at('root')}`],
    });
    gateway = await startScriptedGateway();
    gateway.methods['skills.status'] = () => ({ payload: status });
    gateway.methods['config.get'] = () => ({ payload: {} });
    const auth = { mode: 'token', token: gateway.token };
    writeFileSync(
      at('root/.openclaw/openclaw.json'),
      JSON.stringify({ gateway: { port: gateway.port, auth } }),
    );
    for (const owned of [
      'service',
      'service/skills',
      'service/skills/evil.sh',
      'root/.openclaw/openclaw.json',
    ])
      chownSync(at(owned), ACCOUNT, ACCOUNT);
    running = await startTestBuoy();
    token = await running.signIn(42);
    const login = { port: sshd.port, username: 'root', authType: 'key', privateKey: sshd.privateKey };
    const added = await running.call('POST', '/servers', {
      token,
      body: { name: 'web', host: '127.0.0.1', ...login },
    });
    serverId = added.json().server.id;
  });
  afterEach(async () => {
    await running.close();
    await gateway.stop();
    await sshd.stop();
    rmSync(base, { recursive: true, force: true });
  });

  const skillIn = (managedSkillsDir: string, baseDir: string) => {
    const skill = {
      name: 'weather',
      skillKey: 'weather',
      source: 'openclaw-managed',
      bundled: false,
      baseDir,
    };
    status = { agentId: 'main', workspaceDir: at('service'), managedSkillsDir, skills: [skill] };
  };
  const removeSkill = () => running.call('DELETE', `/servers/${serverId}/openclaw/skills/weather`, { token });

  test('does not delete a folder of root that the gateway passes off as a skill', async () => {
    skillIn(at('etc'), at('etc/ssh'));
    const removed = await removeSkill();
    expect(removed.statusCode).toBe(422);
    expect(readdirSync(at('etc')).toSorted()).toEqual(['profile.d', 'ssh']);
  });

  test('does not move a file into a folder of root when the gateway swaps the staging folder', async () => {
    skillIn(at('service/skills'), at('service/skills/evil.sh'));
    const swap = `
      const fs = require('node:fs');
      const folder = ${JSON.stringify(at('service'))};
      console.log('ready');
      for (const end = Date.now() + 20_000; Date.now() < end; ) {
        const staging = fs.readdirSync(folder).find((name) => name.startsWith('.buoy-skill-'));
        if (staging === undefined) continue;
        try {
          fs.renameSync(folder + '/' + staging, folder + '/gone');
          fs.mkdirSync(folder + '/' + staging);
          fs.symlinkSync(${JSON.stringify(at('etc/profile.d'))}, folder + '/' + staging + '/old');
        } catch {}
        break;
      }`;
    const swapping = spawn(process.execPath, ['-e', swap], {
      uid: ACCOUNT,
      gid: ACCOUNT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(swapping.stdout, 'data');
    await removeSkill();
    swapping.kill();
    expect(readdirSync(at('etc/profile.d'))).toEqual([]);
  });

  test('removes a skill of the service account with its rights', async () => {
    skillIn(at('service/skills'), at('service/skills/evil.sh'));
    expect((await removeSkill()).statusCode).toBe(204);
    expect(existsSync(at('service/skills/evil.sh'))).toBe(false);
  });
});
