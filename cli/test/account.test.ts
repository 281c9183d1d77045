// A person's own account, and accounts created by super-admins.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSoftwareAuthenticator } from '../../testbed/software-authenticator.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());

const open = async (link: string) => {
  const answer = await fixture.running.call('POST', '/auth/link', {
    body: { code: link.trim().split('#code=')[1] },
  });
  return { status: answer.statusCode, user: answer.json().user };
};

test('admin users invite prints the link to standard output and the note to standard error', async () => {
  const { exit, out, err } = await fixture.buoy(['admin', 'users', 'invite', 'Grace Hopper']);
  expect(exit).toBe(0);
  expect(out).toMatch(/^http\S+\/sign-in#code=[\w-]{43}\n$/);
  expect(err).toMatch(/signs Grace Hopper \(u_\w+\) in, once, within a day/);
  expect((await open(out)).user.firstName).toBe('Grace Hopper');
});

test('admin users link asks with the name of the person, and the link signs that person in', async () => {
  await fixture.running.signIn(800);
  const unasked = await fixture.buoy(['admin', 'users', 'link', '800']);
  expect(unasked.exit).toBe(2);
  expect(unasked.err).toMatch(/signs in as User 800 .*\(800\)\?/);
  const { out } = await fixture.buoy(['admin', 'users', 'link', '800', '--yes']);
  expect((await open(out)).user.id).toBe('800');
});

test('a person is renamed by a super-admin, and with account rename', async () => {
  await fixture.running.signIn(801);
  const { out } = await fixture.buoy(['admin', 'users', 'change', '801', '--name', 'Anna']);
  expect(out).toMatch(/\(801\) is now called Anna\.\n$/);
  expect((await fixture.buoy(['account', 'rename', 'Root'])).out).toBe('Others see you as Root.\n');
  expect((await fixture.buoy(['account', 'rename', '--reset'])).out).toMatch(/^Others see you as User 1 /);
  for (const words of [[], ['Root', '--reset']])
    expect((await fixture.buoy(['account', 'rename', ...words])).exit).toBe(2);
});

test('account void-link revokes the link of account link', async () => {
  const { out, err } = await fixture.buoy(['account', 'link', '--yes']);
  expect(err).toContain('Keep it like a password.');
  expect((await fixture.buoy(['account', 'void-link'])).out).toBe('Your sign-in link is revoked.\n');
  expect((await open(out)).status).toBe(401);
  expect((await fixture.buoy(['account', 'void-link'])).exit).toBe(1);
});

test('passkeys are listed, renamed and removed', async () => {
  expect((await fixture.buoy(['passkeys', 'list'])).err).toContain('No passkeys.');
  const headers = { host: 'localhost:8080' };
  const { token } = fixture;
  const asked = await fixture.running.call('POST', '/me/passkeys/options', { token, headers });
  const credential = createSoftwareAuthenticator('http://localhost:8080').create(asked.json().options);
  const body = { name: 'Phone', credential };
  await fixture.running.call('POST', '/me/passkeys', { token, headers, body });
  expect((await fixture.buoy(['passkeys', 'list'])).out).toMatch(/pky_\w+\s+Phone\s+localhost/);
  expect((await fixture.buoy(['passkeys', 'rename', 'phone', 'Laptop'])).out).toBe('Renamed to Laptop.\n');
  expect((await fixture.buoy(['passkeys', 'remove', 'Laptop'])).exit).toBe(2);
  expect((await fixture.buoy(['passkeys', 'remove', 'Laptop', '--yes'])).out).toBe('Removed Laptop.\n');
});
