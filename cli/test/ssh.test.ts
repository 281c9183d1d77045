// `servers ssh` and `servers terminal` on real SSH servers: pinned host keys, unchanged arguments, exit codes.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  freePort,
  type LoopbackSshd,
  noSshd,
  startLoopbackSshd,
} from '../../backend/src/ssh/testing/loopback-sshd.ts';
import { writeSshConfig } from '../src/ssh-config.ts';
import type { Keyboard } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const hasSsh = existsSync('/usr/bin/ssh');

describe.skipIf(noSshd !== null || !hasSsh)(
  `on real SSH servers${noSshd === null ? '' : ` (${noSshd})`}`,
  () => {
    let fixture: CliFixture;
    let sshd: LoopbackSshd;
    let gate: LoopbackSshd;
    let identity: string;
    beforeAll(async () => {
      [fixture, sshd, gate] = await Promise.all([
        startCliFixture({ RATE_LIMIT_EXEC: '1000' }),
        startLoopbackSshd(),
        startLoopbackSshd(),
      ]);
      identity = path.join(fixture.folder, 'own key');
      writeFileSync(identity, sshd.privateKey, { mode: 0o600 });
      await add('web', sshd);
    });
    afterAll(async () => {
      await fixture?.close();
      await sshd?.stop();
      await gate?.stop();
    });
    const add = async (name: string, { port, username, privateKey }: LoopbackSshd): Promise<string> => {
      const { json } = await fixture.running.call('POST', '/servers', {
        token: fixture.token,
        body: { name, host: '127.0.0.1', port, username, authType: 'key', privateKey },
      });
      const { id } = json().server;
      expect((await fixture.buoy(['servers', 'test', id])).exit).toBe(0);
      return id;
    };
    const serverOf = async (name: string): Promise<Server> =>
      JSON.parse((await fixture.buoy(['servers', 'show', name, '--json'])).out).server;

    /** Runs the real ssh and captures its output. */
    async function runSsh(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
      const child = spawn('ssh', ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (bytes) => {
        out += bytes;
      });
      child.stderr.on('data', (bytes) => {
        err += bytes;
      });
      const code = await new Promise<number>((resolve) =>
        child.once('close', (ended) => resolve(ended ?? -1)),
      );
      return { code, out, err };
    }
    async function ssh(...words: string[]) {
      let printed = { code: -1, out: '', err: '' };
      const { exit } = await fixture.buoy(['servers', 'ssh', ...words], {
        async runProgram(_program, args) {
          printed = await runSsh(args);
          return printed.code;
        },
      });
      return { exit, ...printed };
    }

    test('servers ssh passes each word unchanged and returns the exit code of the command', async () => {
      const words = ['a b', '$HOME', "it's", '', '*'];
      const asked = await ssh('-i', identity, 'web', '--', 'printf', '<%s>', ...words);
      expect([asked.exit, asked.out, asked.err]).toEqual([0, words.map((word) => `<${word}>`).join(''), '']);
      expect((await ssh('web', '-i', identity, 'echo $((40 + 2)); exit 6')).exit).toBe(6);
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith('buoy-ssh-'))).toEqual([]);
    });

    test('servers ssh -L forwards a port', async () => {
      const there = createServer((socket) => socket.end('from there'));
      await new Promise<void>((resolve) => there.listen(0, '127.0.0.1', resolve));
      const { port } = there.address() as { port: number };
      const own = await freePort();
      const running = ssh('-i', identity, '-L', `${own}:127.0.0.1:${port}`, 'web', 'echo on; sleep 5');
      const received = await new Promise<string>((resolve) => {
        const attempt = () => {
          const socket = connect(own, '127.0.0.1');
          socket.once('data', (bytes) => resolve(String(bytes)));
          socket.once('error', () => setTimeout(attempt, 50));
        };
        attempt();
      });
      expect(received).toBe('from there');
      await running;
      there.close();
    });

    test('servers ssh refuses a host key other than the pinned one', async () => {
      const server = await serverOf('web');
      const fingerprint = `SHA256:${'A'.repeat(43)}`;
      const config = writeSshConfig({ ...server, hostKey: { ...server.hostKey!, fingerprint } }, []);
      const { code, err } = await runSsh(['-F', config.file, '-i', identity, '--', config.host, 'echo in']);
      config.remove();
      expect([code, err]).toEqual([255, expect.stringContaining('Host key verification failed')]);
    });

    test('servers ssh connects through jump servers, each checked by its pinned key', async () => {
      await add('gate', gate);
      const [web, jump] = [await serverOf('web'), await serverOf('gate')];
      writeFileSync(`${identity} of gate`, gate.privateKey, { mode: 0o600 });
      const both = writeSshConfig(web, [jump]);
      const files = ['-o', `IdentityFile="${identity}"`, '-o', `IdentityFile="${identity} of gate"`];
      const through = await runSsh([...files, '-F', both.file, '--', both.host, 'echo $SSH_CONNECTION']);
      both.remove();
      // ssh to the jump server reads only the config, which has no key of the test: it passes the host key check and stops at login.
      expect(through.err).toMatch(/Permission denied|^$/);
      expect(through.err).not.toContain('Host key verification failed');
      const wrong = writeSshConfig(web, [
        { ...jump, hostKey: { ...jump.hostKey!, fingerprint: `SHA256:${'A'.repeat(43)}` } },
      ]);
      const refused = await runSsh([...files, '-F', wrong.file, '--', wrong.host, 'echo in']);
      wrong.remove();
      expect([refused.code, refused.err]).toEqual([
        255,
        expect.stringContaining('Host key verification failed'),
      ]);
    });

    test('servers terminal relays keys to a shell and returns its exit code', async () => {
      let shown = '';
      let press = (_text: string): void => undefined;
      let isReleased = false;
      const keyboard: Keyboard = {
        size: () => ({ columns: 91, rows: 33 }),
        onKeys(listener) {
          press = (text) => listener(Buffer.from(text));
        },
        onResize: () => undefined,
        release() {
          isReleased = true;
        },
      };
      let step = 0;
      const { exit } = await fixture.buoy(['servers', 'terminal', 'web'], {
        ...{ isTty: true, canAsk: true, takeKeyboard: () => keyboard },
        write(_target, bytes) {
          shown += Buffer.from(bytes).toString();
          if (step === 0) {
            step = 1;
            press('stty size; echo "6*7=$((6 * 7))"\r');
          } else if (step === 1 && shown.includes('6*7=42')) {
            step = 2;
            press('exit 8\r');
          }
        },
      });
      expect(shown).toContain('33 91');
      expect([exit, isReleased]).toEqual([8, true]);
    });

    test('servers terminal exits with 2 without a terminal', async () => {
      const { exit, err } = await fixture.buoy(['servers', 'terminal', 'web']);
      expect([exit, err]).toEqual([2, expect.stringContaining('buoy servers exec SERVER -- COMMAND')]);
    });
  },
);
