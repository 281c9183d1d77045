// A person with a role on a server sends a script of their own for a step of its setup, and writes a key into it: who may, how long it may be, and where
// it stays.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasEnded } from '@buoy/contract/constants';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

const PLANTED = 'planted-in-a-script';
const script = `export HTTPS_PROXY_PASS=${PLANTED}\n${'# a line that nobody reads\n'.repeat(200)}`;
const sha256 = createHash('sha256').update(script).digest('hex');
const MAX_BYTES = 65_536;
const TASK_END_MS = 30_000;
const steps: ReadonlyArray<readonly [string, object]> = [
  ['install-node', {}],
  ['install-openclaw', {}],
  ['onboard', { provider: 'skip' }],
  ['systemd', {}],
];

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  serverId = await fixture.newServer();
});
afterAll(() => fixture.running.close());

const send = (person: 'owner' | 'admin' | 'viewer' | 'stranger', step: string, body: object) =>
  fixture.as(person, 'POST', `/servers/${serverId}/setup/${step}`, body);
/** Nothing listens there, so a task waits until it is cancelled. */
const cancel = async (id: string) => {
  await fixture.as('owner', 'POST', `/tasks/${id}/cancel`);
  await until(TASK_END_MS, async () => {
    const { task } = (await fixture.as('owner', 'GET', `/tasks/${id}`)).json();
    return hasEnded(task) ? task : null;
  });
};
/** All files of the data folder, the database and its journal among them. */
const storedFiles = (): string =>
  readdirSync(fixture.running.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(fixture.running.dataDir, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');

describe('the edited script of a setup step', () => {
  test.each([...steps, ['configure-gateway', {}] as const])(
    'is not taken for %s from a viewer or a stranger',
    async (step, body) => {
      expect((await send('viewer', step, { ...body, script })).statusCode).toBe(403);
      expect((await send('stranger', step, { ...body, script })).statusCode).toBe(404);
    },
  );

  test.each(steps)('for %s is in no answer, audit entry or file, where its hash is', async (step, body) => {
    const answer = await send('admin', step, { ...body, script });
    expect(answer.statusCode, answer.body).toBe(202);
    const { id } = answer.json().task;
    expect(storedFiles().includes(PLANTED)).toBe(false);
    await cancel(id);
    const seen = [answer.body, (await fixture.as('viewer', 'GET', `/tasks/${id}`)).body];
    seen.push((await fixture.as('viewer', 'GET', `/tasks/${id}/output`)).body);
    const entry = (await fixture.auditLog()).find(
      ({ action, target }) => action === `POST /servers/:id/setup/${step}` && target === id,
    );
    expect(entry).toMatchObject({
      ...{ result: 'ok', userId: ids.admin, serverId },
      details: { editedScript: sha256 },
    });
    expect(JSON.stringify(entry)).not.toContain(PLANTED);
    expect(seen.join('\n').includes(PLANTED)).toBe(false);
    expect(storedFiles().includes(PLANTED)).toBe(false);
  });

  test('is in no audit entry of a call that was refused', async () => {
    const answers = [
      await send('admin', 'install-node', { script, unknown: 1 }),
      await send('viewer', 'install-node', { script }),
      await send('admin', 'configure-gateway', { script }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 403, 503]);
    expect(JSON.stringify(await fixture.auditLog())).not.toContain(PLANTED);
    expect(storedFiles().includes(PLANTED)).toBe(false);
  });

  test.each([
    ['more than 64 KiB', 'x'.repeat(MAX_BYTES + 1)],
    ['more than 64 KiB in characters of several bytes', 'я'.repeat(MAX_BYTES / 2 + 1)],
    ['nothing', ''],
    ['a NUL byte', 'echo \0'],
  ])('with %s is 400', async (_what, text) => {
    const answer = await send('admin', 'install-node', { script: text });
    expect(answer.statusCode).toBe(400);
    const { details } = answer.json();
    expect(new Set(details.map((one: { path: string }) => one.path))).toEqual(new Set(['script']));
  });

  test('of exactly 64 KiB is taken', async () => {
    const answer = await send('admin', 'install-node', { script: 'x'.repeat(MAX_BYTES) });
    expect(answer.statusCode).toBe(202);
    await cancel(answer.json().task.id);
  });

  test.each(['run', 'fix', 'update-component'])('is not taken by %s', async (call) => {
    const bodies: Record<string, object> = {
      run: { onboard: { provider: 'skip' }, node: { script } },
      fix: { checkId: 'node', script },
      'update-component': { component: 'node', script },
    };
    expect((await send('admin', call, bodies[call]!)).statusCode).toBe(400);
  });
});

describe('an update of a component', () => {
  test.each([
    [422, 'unsupported', { component: 'rag' }],
    [400, 'invalid_request', { component: 'ollama' }],
    [400, 'invalid_request', { component: 'ollama', version: 'latest' }],
    [400, 'invalid_request', { component: 'node', version: '24' }],
    [400, 'invalid_request', { component: 'node', version: "24.21.0'; touch /tmp/pwned; '" }],
    [400, 'invalid_request', { component: 'kernel' }],
  ])('is %i %s for %j', async (status, code, body) => {
    const answer = await send('admin', 'update-component', body);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test.each(['node', 'npm'])('of %s is no business of the pins of OpenClaw', async (component) => {
    const pinned = await fixture.newServer({ tags: ['pinned'] });
    await fixture.as('owner', 'PUT', '/update-policies/pinned', { pinned: '2026.9.1' });
    const answer = await fixture.as('admin', 'POST', `/servers/${pinned}/setup/update-component`, {
      ...{ component, version: '24.21.0' },
    });
    expect(answer.statusCode, answer.body).toBe(202);
  });

  test('keeps a password for sudo only where it needs one, and shows it nowhere', async () => {
    const other = await fixture.newServer();
    const call = (body: object) =>
      fixture.as('admin', 'POST', `/servers/${other}/setup/update-component`, {
        ...{ sudoPassword: PLANTED, ...body },
      });
    const answer = await call({ component: 'ollama', version: '0.12.6' });
    expect(answer.statusCode, answer.body).toBe(202);
    expect(storedFiles().includes(PLANTED)).toBe(false);
    expect(JSON.stringify(await fixture.auditLog())).not.toContain(PLANTED);
    await cancel(answer.json().task.id);
    expect((await call({ component: 'npm' })).statusCode).toBe(202);
    expect(storedFiles().includes(PLANTED)).toBe(false);
  });
});
