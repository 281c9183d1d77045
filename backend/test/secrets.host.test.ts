// Planted secrets are searched for wherever they could leak: logs at trace, answers, `ps` on the host, the database, task output.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { addServer, signInByLink, untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { ended, type LiveBuoy, startLiveBuoy } from './support/live-buoy.ts';

type OneServer = { server: { id: string } };

const plant = (name: string) => `planted-${name}-${randomBytes(12).toString('hex')}`;

describe.skipIf(inject('hostsMissing') !== '')('secrets', () => {
  const vaultKey = randomBytes(32).toString('base64');
  const planted = {
    password: plant('password'),
    wrongPassword: plant('wrong'),
    passphrase: plant('passphrase'),
    jwtSecret: plant('jwt'),
    vaultKey,
  };
  let host: Host;
  let live: LiveBuoy;
  const answers: string[] = [];

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer, waitGateway: true });
    live = await startLiveBuoy({
      LOG_LEVEL: 'trace',
      JWT_SECRET: planted.jwtSecret,
      VAULT_KEYS: `k1:${vaultKey}`,
    });
  });
  afterAll(() => live?.close());

  /** One raw call; its whole answer is kept. */
  const call = async <T = unknown>(method: string, url: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${live.process().url}/api${url}`, {
      method,
      headers: {
        authorization: `Bearer ${live.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    answers.push(`${JSON.stringify([...response.headers])}\n${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  };

  test('never come back in logs, answers, ps, database or task output', async () => {
    const user = 'planted';
    await host.exec(`id ${user} >/dev/null 2>&1 || useradd -m -s /bin/sh ${user}`);
    await host.exec(['chpasswd'], { input: `${user}:${planted.password}\n` });
    const keyFile = path.join(live.dataDir, 'planted-key');
    await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', planted.passphrase, '-f', keyFile], {
      timeoutMs: 30_000,
    });
    const privateKey = readFileSync(keyFile, 'utf8');
    const keyLine = privateKey.split('\n')[1] ?? '';
    const publicKey = readFileSync(`${keyFile}.pub`, 'utf8');
    await host.exec(
      `mkdir -p /home/${user}/.ssh && cat > /home/${user}/.ssh/authorized_keys && chown -R ${user}: /home/${user}/.ssh`,
      {
        input: publicKey,
      },
    );
    const token = (await host.info()).gatewayToken ?? '';
    expect(token).not.toBe('');

    // Reads the process list on the host all the while.
    let isReading = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (isReading)
        for (const line of (await host.exec('ps -eo args')).stdout.split('\n')) seen.add(line);
    })();

    const gateway = await live.add(host, 'gateway');
    await untilUp(live.api, gateway.id);
    const place = { host: host.host, port: host.port, username: user };
    const byPassword = await call<OneServer>('POST', '/servers', {
      name: 'p',
      ...place,
      authType: 'password',
      password: planted.password,
    });
    const byKey = await call<OneServer>('POST', '/servers', {
      name: 'k',
      ...place,
      authType: 'key',
      privateKey,
      passphrase: planted.passphrase,
    });
    const wrong = await call<OneServer>('POST', '/servers', {
      name: 'w',
      ...place,
      authType: 'password',
      password: planted.wrongPassword,
    });
    for (const { server } of [byPassword, byKey, wrong]) {
      await call('POST', `/servers/${server.id}/test`);
      await call('POST', `/servers/${server.id}/exec`, { command: 'id', timeoutS: 10 });
      await call('GET', `/servers/${server.id}/openclaw/status`);
      await call('PUT', `/servers/${server.id}`, { name: 'renamed' });
    }
    await call('PUT', `/servers/${wrong.server.id}`, {
      password: planted.wrongPassword,
      nonsense: 1,
    });
    await call('POST', '/servers', {
      name: 'x',
      ...place,
      authType: 'key',
      privateKey,
      passphrase: planted.wrongPassword,
    });
    await call('GET', '/servers');
    await call('GET', `/servers/${gateway.id}/openclaw/status`);
    const { task } = await call<{ task: { id: string } }>('POST', `/servers/${gateway.id}/openclaw/restart`);
    await live.untilTask(task.id, ended);
    await call('GET', `/tasks/${task.id}`);
    await call('GET', `/tasks/${task.id}/output`);
    await call('POST', '/auth/link', { code: live.process().signInCode });
    isReading = false;
    await reader;

    const places: Record<string, string> = {
      log: live.printed().replaceAll(live.process().signInCode ?? '', ''),
      answers: answers.join('\n'),
      ps: [...seen].join('\n'),
      database: readdirSync(live.dataDir)
        .filter((name) => name.startsWith('buoy.db'))
        .map((name) => readFileSync(path.join(live.dataDir, name), 'latin1'))
        .join('\n'),
    };
    // Positive control: each place holds some text.
    expect(places.log?.includes('gateway connected')).toBe(true);
    expect(places.ps?.includes('sshd')).toBe(true);
    expect(places.database?.includes(gateway.id)).toBe(true);
    const secrets: Record<string, string> = {
      ...planted,
      keyLine,
      gatewayToken: token,
      signedIn: live.token,
    };
    for (const [where, text] of Object.entries(places))
      for (const [name, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${name} is in the ${where}`).toBe(false);
  });

  test('a used sign-in link is refused', async () => {
    await expect(signInByLink(live.process())).rejects.toThrow(/it was used/);
    await expect(
      addServer(live.api, { name: 'n', host: '127.0.0.1', username: 'u', authType: 'password' }),
    ).rejects.toMatchObject({ status: 400 });
  });
});
