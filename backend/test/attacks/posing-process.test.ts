// Another account of a managed server begins a process that looks like the gateway of root, to lead Buoy to a gateway of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lib/testing/until.ts';
import { startScriptedGateway } from '../../src/openclaw/gateway/testing/scripted-gateway.ts';
import { inspectScript } from '../../src/openclaw/host/scripts.ts';
import {
  freePort,
  type LoopbackSshd,
  noSshd,
  startLoopbackSshd,
} from '../../src/ssh/testing/loopback-sshd.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const NOBODY = 65_534;
const reason = noSshd ?? (process.getuid?.() === 0 ? null : 'only root can log in as root');

describe.skipIf(reason !== null)(
  `a process that poses as the gateway of root (${reason ?? 'real sshd'})`,
  () => {
    let base: string;
    let posing: ChildProcess | undefined;
    const at = (...names: string[]) => path.join(base, ...names);
    const configOf = (port: number, token: string) =>
      JSON.stringify({ gateway: { port, auth: { mode: 'token', token } } });

    beforeEach(() => {
      base = mkdtempSync('/tmp/buoy-posing-');
      chmodSync(base, 0o755);
      mkdirSync(at('root/.openclaw'), { recursive: true });
      mkdirSync(at('other'));
      chownSync(at('other'), NOBODY, NOBODY);
    });
    afterEach(async () => {
      if (posing !== undefined && posing.exitCode === null) {
        const exited = once(posing, 'exit');
        posing.kill('SIGKILL');
        await exited;
      }
      posing = undefined;
      rmSync(base, { recursive: true, force: true });
    });

    /** @param account which begins `program`; the name of the gateway stands in its command line, and its config in its environment */
    async function pose(program: string, args: string[], account: number): Promise<number> {
      const child = spawn(program, args, {
        argv0: 'openclaw-gateway',
        env: { PATH: '/usr/bin:/bin', OPENCLAW_CONFIG_PATH: at('other/openclaw.json') },
        ...{ uid: account, gid: account, cwd: '/' },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      posing = child;
      const isThere = () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith('openclaw-gateway');
      await until(isThere, 'it has its name');
      return child.pid ?? 0;
    }

    const inspect = () =>
      execFileSync('/bin/sh', ['-s', 'all'], {
        input: inspectScript,
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin', HOME: at('root') },
      });

    describe('by a program that runs as root whoever begins it', () => {
      let sshd: LoopbackSshd;
      let running: TestBuoy;
      let stopGateway: () => Promise<void>;

      beforeEach(async () => {
        sshd = await startLoopbackSshd({
          config: ['PermitRootLogin prohibit-password', `SetEnv HOME=${at('root')}`],
        });
        running = await startTestBuoy();
      });
      afterEach(async () => {
        await running.close();
        await stopGateway();
        await sshd.stop();
      });

      test('does not lead Buoy to the gateway of another account', async () => {
        const gateway = await startScriptedGateway();
        stopGateway = () => gateway.stop();
        gateway.methods['channels.status'] = () => ({ payload: {} });
        writeFileSync(at('root/.openclaw/openclaw.json'), configOf(await freePort(), 'of-root'));
        writeFileSync(at('other/openclaw.json'), configOf(gateway.port, gateway.token));
        chownSync(at('other/openclaw.json'), NOBODY, NOBODY);
        await pose('su', [], NOBODY);
        const token = await running.signIn(42);
        const login = { port: sshd.port, username: 'root', authType: 'key', privateKey: sshd.privateKey };
        const body = { name: 'web', host: '127.0.0.1', ...login };
        const added = await running.call('POST', '/servers', { token, body });
        const { id } = added.json().server;
        await running.call('GET', `/servers/${id}/openclaw/channels`, { token });
        expect(gateway.connects).toEqual([]);
      });
    });

    test('is not taken for it when its program is set-user-ID', async () => {
      copyFileSync('/bin/sleep', at('sleep'));
      chmodSync(at('sleep'), 0o4755);
      const pid = await pose(at('sleep'), ['60'], 0);
      expect(inspect()).not.toContain(`\npid=${pid}\n`);
    });
  },
);
