// Errors of unreachable servers: each cause has its own kind and message.
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createAddressPolicy } from './address-policy.ts';
import { createSsh } from './create-ssh.ts';
import { failureOf, lostFailure } from './failures.ts';
import { hostKeyOf } from './host-key.ts';
import { exchangeFailure } from './key-exchanges.ts';
import type { Ssh, SshTarget } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';
import { startRawServer, startScriptedServer } from './testing/scripted-server.ts';

const soon = { deadlineMs: 10_000 };
const cleanUp: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

function kept<T extends { close(): Promise<void> }>(resource: T): T {
  cleanUp.push(() => resource.close());
  return resource;
}

function sshFor(target: SshTarget): {
  ssh: Ssh;
  targets: ReturnType<typeof createMemoryTargets>;
  log: () => string;
} {
  const targets = createMemoryTargets(target);
  const { logger, text } = createKeptLogger();
  return { ssh: kept(createSsh({ targets, clock: systemClock, logger })), targets, log: text };
}

async function failureOfTest(target: SshTarget, deadlineMs = 3000) {
  const { ssh } = sshFor(target);
  const error = await ssh.test(target, { deadlineMs }).then(
    () => new Error('the test passed'),
    (caught: unknown) => caught,
  );
  return { ...failureOf(error), error: error as AppError };
}

describe('of a connection that was lost', () => {
  test('tell why Buoy cut it', () => {
    expect(lostFailure('web:22', true, exchangeFailure('web:22')).message).toBe(
      'web:22 did not finish an exchange of keys.',
    );
  });

  test('do not name the jump server whose connection was lost', () => {
    const ofJump = lostFailure('gate:22', true, exchangeFailure('gate:22'));
    expect(lostFailure('web:22', true, ofJump).message).toBe('The connection to web:22 was lost.');
  });
});

describe('on the network', () => {
  test('a denied network is reported without connecting, for a test and for a host key scan', async () => {
    let visits = 0;
    const server = kept(
      await startRawServer(() => {
        visits += 1;
      }),
    );
    const ssh = kept(
      createSsh({
        targets: createMemoryTargets(),
        addressPolicy: createAddressPolicy(['127.0.0.0/8']),
        clock: systemClock,
        logger: createKeptLogger().logger,
      }),
    );
    const denied = { code: 'unreachable', message: expect.stringContaining('its network is denied') };
    await expect(ssh.test(server.target(), soon)).rejects.toMatchObject(denied);
    await expect(ssh.scanHostKey(server.target(), soon)).rejects.toMatchObject(denied);
    expect(visits).toBe(0);
    const allowed = ssh.test(server.target({ allowDeniedNetworks: true }), { deadlineMs: 200 });
    await expect(allowed).rejects.toMatchObject({ details: { kind: 'timeout' } });
    expect(visits).toBe(1);
  });

  test('an unknown host name is dns', async () => {
    const target = { ...(await closedPort()), host: 'no-such-host.invalid' };
    const { kind, message } = await failureOfTest(target, 10_000);
    expect(kind).toBe('dns');
    expect(message).toContain('no-such-host.invalid');
  });

  test('a closed port is refused', async () => {
    const failed = await failureOfTest(await closedPort());
    expect(failed).toMatchObject({ kind: 'refused', hint: expect.stringContaining('sshd') });
    expect(failed.error.code).toBe('unreachable');
  });

  async function closedPort(): Promise<SshTarget> {
    const server = await startRawServer(() => {});
    await server.close();
    return server.target();
  }
});

describe('instead of an SSH greeting', () => {
  test('silence is a timeout that asks about the port', async () => {
    const server = kept(await startRawServer(() => {}));
    expect(await failureOfTest(server.target(), 200)).toMatchObject({
      kind: 'timeout',
      message: `127.0.0.1:${server.port} accepts connections but says nothing.`,
    });
  });

  test('a web server is named as one', async () => {
    const server = kept(
      await startRawServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      ),
    );
    expect((await failureOfTest(server.target())).message).toContain('a web server answers there');
  });

  test('a mail server is not an SSH server', async () => {
    const server = kept(await startRawServer((socket) => socket.write('220 mail.example ESMTP\r\n')));
    expect((await failureOfTest(server.target())).message).toContain('is not an SSH server');
  });

  test('a hang-up hints at fail2ban and MaxStartups', async () => {
    const server = kept(await startRawServer((socket) => socket.end('Exceeded MaxStartups\r\n')));
    const failed = await failureOfTest(server.target());
    expect(failed.hint).toContain('fail2ban');
    expect(failed.error.details).toEqual({ kind: 'other' });
  });

  test.each([
    ['a notice, then SSH-1.5-old\r\nmore', 'a notice\r\nSSH-1.5-old\r\nmore\r\n'],
    ['SSH-1.5-old alone', 'SSH-1.5-old\r\n'],
  ])('only an SSH greeting is repeated, and no line before or after it: %s', async (_what, words) => {
    const server = kept(await startRawServer((socket) => socket.write(words)));
    const failed = await failureOfTest(server.target());
    expect(failed.error.details).toEqual({ kind: 'other', serverSays: 'SSH-1.5-old' });
  });

  test.each(['HTTP/1.1 200 OK', '220 mail.example', 'not SSH-2.0-x', 'redis 7.2'])(
    'what another service says is not repeated: %s',
    async (words) => {
      const server = kept(await startRawServer((socket) => socket.end(`${words}\r\n`)));
      const { error, message, hint } = await failureOfTest(server.target());
      expect(JSON.stringify({ details: error.details, message, hint })).not.toContain(words);
    },
  );

  test('a reset is reported like a hang-up', async () => {
    const server = kept(await startRawServer((socket) => socket.resetAndDestroy()));
    expect((await failureOfTest(server.target())).message).toContain('before the SSH greeting');
  });

  test('text without end is cut off', async () => {
    const server = kept(
      await startRawServer((socket) => {
        const sendMore = () => {
          while (socket.writable && socket.write('x'.repeat(1000)));
        };
        socket.on('drain', sendMore);
        sendMore();
      }),
    );
    expect((await failureOfTest(server.target())).message).toContain('text without end');
  });

  test('version 1 of the protocol is refused', async () => {
    const server = kept(await startRawServer((socket) => socket.write('SSH-1.5-old\n')));
    expect((await failureOfTest(server.target())).message).toContain('version 1');
  });

  test('a notice before the greeting is fine', async () => {
    const server = kept(await startScriptedServer({ config: { greeting: 'Welcome\r\nto this host' } }));
    const { ssh } = sshFor(server.target());
    expect((await ssh.test(server.target(), soon)).latencyMs).toBeGreaterThan(0);
  });
});

describe('in the key exchange', () => {
  test('no common algorithm is reported as such', async () => {
    const server = kept(await startScriptedServer({ config: { algorithms: { cipher: ['aes128-cbc'] } } }));
    expect(await failureOfTest(server.target())).toMatchObject({
      kind: 'other',
      message: expect.stringContaining('no encryption method in common'),
    });
  });

  test('silence after the greeting is a timeout of the key exchange', async () => {
    const server = kept(await startRawServer((socket) => socket.write('SSH-2.0-Slow\r\n')));
    const failed = await failureOfTest(server.target(), 200);
    expect(failed).toMatchObject({ kind: 'timeout', message: expect.stringContaining('key exchange') });
  });

  test('a hang-up after the greeting is reported', async () => {
    const server = kept(await startRawServer((socket) => socket.end('SSH-2.0-Gone\r\n')));
    expect((await failureOfTest(server.target())).message).toContain(
      'closed the connection during the key exchange',
    );
  });
});

describe('in the login', () => {
  test('a refused password names the user and is tried once', async () => {
    const server = kept(
      await startScriptedServer({
        onAuth: (context) => context.reject(['password', 'publickey', 'keyboard-interactive']),
      }),
    );
    const failed = await failureOfTest(server.target());
    expect(failed).toMatchObject({
      kind: 'auth',
      message: expect.stringContaining('The password was refused for the user "anna"'),
    });
    expect(failed.error.code).toBe('ssh_auth');
    expect(server.tried).toEqual(['password anna']);
  });

  test('a server that takes only keys says so', async () => {
    const server = kept(await startScriptedServer({ onAuth: (context) => context.reject(['publickey']) }));
    const failed = await failureOfTest(server.target());
    expect(failed).toMatchObject({ kind: 'auth', message: expect.stringContaining('takes no passwords') });
    expect(failed.hint).toContain('publickey');
    expect(server.tried).toEqual([]);
  });

  test('keyboard-interactive stands in for a password where only that is offered', async () => {
    const server = kept(
      await startScriptedServer({
        onAuth: (context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
          context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
            answers[0] === 'correct-horse' ? context.accept() : context.reject(),
          );
        },
      }),
    );
    const { ssh } = sshFor(server.target());
    expect((await ssh.test(server.target(), soon)).hostKey.algorithm).toBe('ssh-ed25519');
  });

  test('a request for a second factor is reported, and not answered with the password', async () => {
    const answered: string[] = [];
    const server = kept(
      await startScriptedServer({
        onAuth: (context) => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
          context.prompt(
            [
              { prompt: 'Password: ', echo: false },
              { prompt: 'Code: ', echo: true },
            ],
            (answers) => {
              answered.push(...answers);
              context.reject();
            },
          );
        },
      }),
    );
    expect((await failureOfTest(server.target())).message).toContain('second factor');
    expect(answered).toEqual(['', '']);
  });

  test('an unusable key fails before anything is sent', async () => {
    const server = kept(await startScriptedServer());
    const target = server.target({
      credential: { type: 'key', privateKey: 'ssh-ed25519 AAAA me', passphrase: null },
    });
    expect(await failureOfTest(target)).toMatchObject({
      kind: 'key_format',
      message: 'This is a public key.',
    });
    expect(server.clients).toHaveLength(0);
  });

  test('after a refused login further calls fail without a new attempt, until a reset', async () => {
    const server = kept(await startScriptedServer({ onAuth: (context) => context.reject(['password']) }));
    const target = server.target();
    const { ssh } = sshFor(target);
    for (let i = 0; i < 5; i += 1) {
      await expect(ssh.exec(target.serverId, 'true', soon)).rejects.toMatchObject({ code: 'ssh_auth' });
    }
    expect(server.tried).toHaveLength(1);
    ssh.reset(target.serverId);
    await expect(ssh.exec(target.serverId, 'true', soon)).rejects.toMatchObject({ code: 'ssh_auth' });
    expect(server.tried).toHaveLength(2);
  });

  test('a login that is aborted before its answer counts as refused', async () => {
    const server = kept(
      await startScriptedServer({
        onAuth: (context) => (context.method === 'none' ? context.reject(['password']) : undefined),
      }),
    );
    const { ssh } = sshFor(server.target());
    for (let guess = 0; guess < 6; guess += 1) {
      const giveUp = new AbortController();
      const tried = ssh.test(server.target(), { ...soon, signal: giveUp.signal });
      const isSent = until(() => server.tried.length > guess, 'the guess is sent', 1000);
      await Promise.race([isSent, tried]).catch(() => undefined);
      giveUp.abort();
      await expect(tried).rejects.toMatchObject({ code: guess < 5 ? 'cancelled' : 'circuit_open' });
      await isSent.catch(() => undefined);
    }
    expect(server.tried).toHaveLength(5);
  });

  test('silence is a timeout of the login', async () => {
    const server = kept(await startScriptedServer({ onAuth: () => {} }));
    expect(await failureOfTest(server.target(), 500)).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('did not finish the login'),
    });
  });
});

describe('host keys', () => {
  test('the first one is pinned before the login goes on', async () => {
    const order: string[] = [];
    const server = kept(
      await startScriptedServer({
        onAuth: (context) => {
          order.push('login');
          context.accept();
        },
      }),
    );
    const target = server.target();
    const { ssh, targets } = sshFor(target);
    const pin = targets.onHostKeyPinned;
    targets.onHostKeyPinned = async (...args) => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('pinned');
      return pin(...args);
    };
    await ssh.exec(target.serverId, 'true', soon);
    expect(order[0]).toBe('pinned');
    expect(targets.pinned).toHaveLength(1);
  });

  test('when pinning fails, nothing is logged in', async () => {
    const server = kept(await startScriptedServer());
    const { ssh, targets } = sshFor(server.target());
    targets.onHostKeyPinned = () => Promise.reject(new AppError('storage_full', 'The disk is full.'));
    await expect(ssh.exec(server.target().serverId, 'true', soon)).rejects.toMatchObject({
      code: 'storage_full',
    });
    expect(server.tried).toEqual([]);
  });

  test('another one than the pinned is refused with both fingerprints, and no password is sent', async () => {
    const server = kept(await startScriptedServer());
    const pinned = hostKeyOf(Buffer.from('\0\0\0\x0bssh-ed25519other'));
    const target = server.target({ hostKey: pinned });
    const { ssh, targets } = sshFor(target);
    const error = await ssh
      .exec(target.serverId, 'true', soon)
      .catch((caught: unknown) => caught as AppError);
    const [, offered] = targets.refused[0] ?? [];
    expect(error).toMatchObject({ code: 'host_key_changed', details: { pinned, offered } });
    expect((error as AppError).message).toContain(pinned.fingerprint);
    expect((error as AppError).message).toContain(offered?.fingerprint);
    expect(failureOf(error).kind).toBe('host_key_changed');
    expect(server.tried).toEqual([]);
    await expect(ssh.exec(target.serverId, 'true', soon)).rejects.toMatchObject({ code: 'host_key_changed' });
    expect(server.clients).toHaveLength(1);
  });

  test('a scan shows the key without logging in or pinning', async () => {
    const server = kept(await startScriptedServer());
    const { ssh, targets } = sshFor(server.target());
    const key = await ssh.scanHostKey(server.target(), soon);
    expect(key).toMatchObject({
      algorithm: 'ssh-ed25519',
      fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
    });
    expect([server.tried, targets.pinned]).toEqual([[], []]);
  });
});

describe('secrets', () => {
  test('are in no log line and no error, whatever fails', async () => {
    const server = kept(await startScriptedServer({ onAuth: (context) => context.reject(['password']) }));
    const target = server.target({ credential: { type: 'password', password: 'pa55-word-in-clear' } });
    const { ssh, log } = sshFor(target);
    const error = await ssh
      .exec(target.serverId, 'true', soon)
      .catch((caught: unknown) => caught as AppError);
    const all = JSON.stringify([error, (error as AppError).cause, String((error as AppError).stack)]) + log();
    expect(all).not.toContain('pa55-word');
    expect(log()).toContain('ssh connection failed');
  });
});

test('an unexpected error has the kind "other", and its message stays hidden', () => {
  const shown = failureOf(new Error('secret detail'));
  expect(shown.kind).toBe('other');
  expect(shown.message).not.toContain('secret detail');
});
