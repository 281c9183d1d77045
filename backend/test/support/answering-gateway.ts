// A server whose OpenClaw is a script of the test, behind a real sshd: for tests of a hostile or broken gateway.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  type ScriptedGateway,
  startScriptedGateway,
} from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from './test-buoy.ts';

export type HostileGateway = {
  running: TestBuoy;
  gateway: ScriptedGateway;
  /** Token of the person who owns the server. */
  token: string;
  serverId: string;
  get(path: string): ReturnType<TestBuoy['call']>;
  close(): Promise<void>;
};

/** @param answers of the gateway from its start on, besides those of a healthy one: its server has had no other state then */
export async function startHostileGateway(answers: ScriptedGateway['methods'] = {}): Promise<HostileGateway> {
  const sshd = await startLoopbackSshd();
  const gateway = await startScriptedGateway();
  gateway.methods = {
    'sessions.subscribe': () => ({ payload: {} }),
    'system.info': () => ({ payload: {} }),
    'sessions.list': () => ({ payload: { sessions: [] } }),
    'agents.list': () => ({ payload: { agents: [] } }),
    'cron.list': () => ({ payload: { jobs: [] } }),
    'channels.status': () => ({ payload: {} }),
    ...answers,
  };
  mkdirSync(`${sshd.home}/.openclaw`, { recursive: true });
  const auth = { mode: 'token', token: gateway.token };
  writeFileSync(
    `${sshd.home}/.openclaw/openclaw.json`,
    JSON.stringify({ gateway: { port: gateway.port, bind: 'loopback', auth } }),
  );
  execFileSync('chmod', ['-R', 'a+rX', `${sshd.home}/.openclaw`]);

  const running = await startTestBuoy();
  const token = await running.signIn(42);
  const body = {
    ...{ name: 'hostile', host: '127.0.0.1', port: sshd.port, username: sshd.username },
    ...{ authType: 'key', privateKey: sshd.privateKey },
  };
  const added = await running.call('POST', '/servers', { token, body });
  if (added.statusCode !== 201) throw new Error(added.body);
  const serverId: string = added.json().server.id;
  return {
    ...{ running, gateway, token, serverId },
    get: (path) => running.call('GET', `/servers/${serverId}${path}`, { token }),
    async close() {
      await running.close();
      await gateway.stop();
      await sshd.stop();
    },
  };
}
