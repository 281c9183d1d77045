// Rotating the secret that signs tokens, through real restarts: nobody is signed out until the old one is removed.
import { createHmac } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createKeyFixture, type KeyFixture } from './support/key-fixture.ts';

const DAY_MS = 86_400_000;

let fixture: KeyFixture;
afterEach(() => fixture.close());

const statusOf = async (token: string) => (await fixture.call('GET', '/me', { token })).status;
/** Is this token signed with this secret? By hand, not by the code under test. */
const isSignedWith = (token: string, secret = ''): boolean => {
  const [header, payload, signature] = token.split('.');
  return createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature;
};

test('JWT rotation with secrets in the file: earlier tokens stay valid until the old secret is removed', async () => {
  fixture = createKeyFixture();
  const file = path.join(fixture.dataDir, 'jwt-secret');
  const secrets = () => readFileSync(file, 'utf8').trim().split('\n');
  await fixture.start();
  const before = await fixture.signIn();
  const [oldSecret] = secrets();
  expect(isSignedWith(before, oldSecret)).toBe(true);

  const change = await fixture.keys(['rotate', 'jwt']);
  expect([change.code, change.stderr]).toEqual([0, '']);
  const [newSecret, ...rest] = secrets();
  expect(rest).toEqual([oldSecret]);
  await fixture.restart();
  expect(await statusOf(before)).toBe(200);
  const after = await fixture.signIn();
  expect([isSignedWith(after, newSecret), isSignedWith(after, oldSecret)]).toEqual([true, false]);
  expect((await fixture.keys(['show'])).stdout).toContain('1 signs, 1 older still verifies');

  const tooEarly = await fixture.keys(['prune', 'jwt']);
  expect([tooEarly.code, tooEarly.stderr]).toEqual([1, expect.stringContaining('--now')]);
  const yesterday = new Date(Date.now() - DAY_MS - 1_000);
  utimesSync(file, yesterday, yesterday);
  expect((await fixture.keys(['prune', 'jwt'])).code).toBe(0);
  expect(secrets()).toEqual([newSecret]);
  await fixture.restart();
  expect([await statusOf(before), await statusOf(after)]).toEqual([401, 200]);
  for (const { stdout, stderr } of [change, tooEarly])
    for (const secret of [oldSecret, newSecret]) expect(stdout + stderr).not.toContain(secret);
});

test('JWT rotation with --now: tokens of the leaked secret return 401 after the next start', async () => {
  fixture = createKeyFixture();
  await fixture.start();
  const before = await fixture.signIn();
  await fixture.keys(['rotate', 'jwt']);
  expect((await fixture.keys(['prune', 'jwt', '--now'])).code).toBe(0);
  await fixture.restart();
  expect(await statusOf(before)).toBe(401);
  expect(await statusOf(await fixture.signIn())).toBe(200);
});

test('JWT rotation with secrets in the environment: the printed settings keep tokens valid, dropping the previous one revokes them', async () => {
  const first = { JWT_SECRET: 'the first secret of this installation' };
  fixture = createKeyFixture(first);
  await fixture.start();
  const before = await fixture.signIn();
  const refused = await fixture.keys(['rotate', 'jwt']);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  const { code, stdout } = await fixture.keys(['rotate', 'jwt', '--print']);
  expect(code).toBe(0);
  const printed = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  expect(printed).toEqual({ JWT_SECRET: expect.any(String), JWT_SECRET_PREVIOUS: first.JWT_SECRET });

  await fixture.restart(printed);
  expect(await statusOf(before)).toBe(200);
  const after = await fixture.signIn();
  expect(isSignedWith(after, printed.JWT_SECRET)).toBe(true);

  await fixture.restart({ JWT_SECRET: printed.JWT_SECRET ?? '', JWT_SECRET_PREVIOUS: '' });
  expect([await statusOf(before), await statusOf(after)]).toEqual([401, 200]);
});
