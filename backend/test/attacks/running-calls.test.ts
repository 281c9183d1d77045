// A person who loses access while a call runs must not get its answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../../testbed/run-command.ts';
import { until, within } from '../../../testbed/until.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

describe.skipIf(noSshd !== null)('admin who is revoked while a command runs', () => {
  let fixture: AccessFixture;
  let sshd: LoopbackSshd;
  let url: string;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    fixture = await prepareAccessFixture();
    url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await fixture.running.close();
    await sshd.stop();
  });

  /** Starts a command that would show a secret after `seconds`, and waits until it runs. */
  async function start(token: string, seconds: number, headers: Record<string, string> = {}) {
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const send = (by: string) =>
      fetch(`${url}/api/servers/${serverId}/exec`, {
        method: 'POST',
        headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ command: `sleep ${seconds}; echo the $((40 + 2)) secrets` }),
      }).then(async (response) => ({ status: response.status, text: await response.text() }));
    const answer = send(token);
    const isRunning = async () =>
      (await runCommand('pgrep', ['-xf', `sleep ${seconds}`], { timeoutMs: 5_000 })).code === 0;
    await until(10_000, isRunning);
    return { serverId, answer, isRunning, send };
  }

  test('gets a refusal without output, and the command is stopped', async () => {
    const { serverId, answer, isRunning } = await start(fixture.tokens.admin, 9.25);
    const revoked = await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    expect(revoked.statusCode).toBe(204);
    const { status, text } = await answer;
    expect(text).not.toContain('the 42 secrets');
    expect([status, JSON.parse(text).code]).toEqual([403, 'forbidden']);
    await within(5_000, async () => !(await isRunning()));
    const entries = (await fixture.auditLog()).filter((entry) => entry.serverId === serverId);
    expect(entries.find(({ result }) => result === 'denied')).toMatchObject({
      action: 'POST /servers/:id/exec',
      userId: ids.admin,
    });
  });

  test('gets a refusal without output when the session ends', async () => {
    const token = await fixture.running.signIn(Number(ids.admin));
    const { answer } = await start(token, 8.75);
    await fixture.running.call('POST', '/auth/logout', { token });
    const { status, text } = await answer;
    expect(text).not.toContain('the 42 secrets');
    expect([status, JSON.parse(text).code]).toEqual([401, 'session_revoked']);
  });

  test('gets no output by repeating the call with a token that is revoked meanwhile', async () => {
    const made = await fixture.as('admin', 'POST', '/me/tokens', { name: 'stolen', scopes: ['operate'] });
    const { id, secret } = made.json().token;
    const { answer, send } = await start(fixture.tokens.admin, 6.25, { 'idempotency-key': 'nightly' });
    const repeated = send(secret);
    await within(5_000, async () => {
      const { tokens } = (await fixture.as('admin', 'GET', '/me/tokens')).json();
      return tokens.some((one: { id: string; lastUsedAt: unknown }) => one.id === id && one.lastUsedAt);
    });
    expect((await fixture.as('admin', 'DELETE', `/me/tokens/${id}`)).statusCode).toBe(204);
    const { status, text } = await repeated;
    expect(text).not.toContain('the 42 secrets');
    expect([status, JSON.parse(text).code]).toEqual([401, 'session_revoked']);
    // A person who still has access gets the output.
    expect((await answer).text).toContain('the 42 secrets');
  });

  test('gets the output with the same Idempotency-Key once access is back', async () => {
    const { serverId, answer, send } = await start(fixture.tokens.admin, 4.25, {
      'idempotency-key': 'again',
    });
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    expect((await answer).status).toBe(403);
    await fixture.as('owner', 'POST', `/servers/${serverId}/access`, { userId: ids.admin, role: 'admin' });
    expect(await send(fixture.tokens.admin)).toMatchObject({
      status: 200,
      text: expect.stringContaining('the 42 secrets'),
    });
  });

  test('gets the output with the same Idempotency-Key after a new sign-in', async () => {
    const token = await fixture.running.signIn(Number(ids.admin));
    const { answer, send } = await start(token, 4.5, { 'idempotency-key': 'signed-in-again' });
    await fixture.running.call('POST', '/auth/logout', { token });
    expect((await answer).status).toBe(401);
    expect(await send(await fixture.running.signIn(Number(ids.admin)))).toMatchObject({
      status: 200,
      text: expect.stringContaining('the 42 secrets'),
    });
  });

  test('gets no more of a stream, and the command is stopped', async () => {
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const command = 'echo begun; sleep 7.25; echo the $((40 + 2)) secrets';
    const answer = await fetch(`${url}/api/servers/${serverId}/exec/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${fixture.tokens.admin}`, 'content-type': 'application/json' },
      body: JSON.stringify({ command }),
    });
    const isRunning = async () =>
      (await runCommand('pgrep', ['-xf', 'sleep 7.25'], { timeoutMs: 5_000 })).code === 0;
    await until(10_000, isRunning);
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    const outputs = [...(await answer.text()).matchAll(/"data":"([^"]*)"/g)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString(),
    );
    expect(outputs).toEqual(['begun\n']);
    await within(5_000, async () => !(await isRunning()));
    const entry = await within(
      5_000,
      async () =>
        (await fixture.auditLog()).find((one) => one.serverId === serverId && one.result === 'denied') ??
        null,
    );
    expect(entry).toMatchObject({
      action: 'POST /servers/:id/exec/stream',
      userId: ids.admin,
      details: { body: { command }, status: 403, error: 'forbidden' },
    });
  });

  test('a closed stream stops its command and leaves an audit entry about it', async () => {
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const gone = new AbortController();
    await fetch(`${url}/api/servers/${serverId}/exec/stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${fixture.tokens.owner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ command: 'sleep 30.25' }),
      signal: gone.signal,
    });
    const isRunning = async () =>
      (await runCommand('pgrep', ['-xf', 'sleep 30.25'], { timeoutMs: 5_000 })).code === 0;
    await until(10_000, isRunning);
    gone.abort();
    await within(5_000, async () => !(await isRunning()));
    const entry = await within(
      5_000,
      async () =>
        (await fixture.auditLog()).find((one) => one.serverId === serverId && one.result === 'failed') ??
        null,
    );
    expect(entry).toMatchObject({ action: 'POST /servers/:id/exec/stream', details: { error: 'cancelled' } });
  });

  test('gets no output that arrives between two access checks', async () => {
    const { serverId, answer } = await start(fixture.tokens.admin, 1.5);
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'viewer' });
    const { status, text } = await answer;
    expect(text).not.toContain('the 42 secrets');
    expect(status).toBe(403);
  });
});

describe.skipIf(noSshd !== null)('admin whose network breaks while a command runs', () => {
  let fixture: AccessFixture;
  let sshd: LoopbackSshd;
  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    fixture = await prepareAccessFixture();
  });
  afterAll(async () => {
    await fixture.running.close();
    await sshd.stop();
  });

  test('gets the output by sending the call again with the same Idempotency-Key', async () => {
    const url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
    const serverId = await fixture.newServer({
      ...{ port: sshd.port, username: sshd.username, authType: 'key' },
      ...{ password: undefined, privateKey: sshd.privateKey },
    });
    const send = (signal?: AbortSignal) =>
      fetch(`${url}/api/servers/${serverId}/exec`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${fixture.tokens.admin}`,
          ...{ 'content-type': 'application/json', 'idempotency-key': 'in-a-tunnel' },
        },
        body: JSON.stringify({ command: 'sleep 3.75; echo done' }),
        ...(signal === undefined ? {} : { signal }),
      });
    const isRunning = async () =>
      (await runCommand('pgrep', ['-xf', 'sleep 3.75'], { timeoutMs: 5_000 })).code === 0;
    const network = new AbortController();
    const lost = send(network.signal).catch(() => 'lost');
    await until(10_000, isRunning);
    network.abort();
    expect(await lost).toBe('lost');
    await within(5_000, async () => !(await isRunning()));
    const again = await send();
    expect([again.status, await again.text()]).toEqual([200, expect.stringContaining('done')]);
  });
});
