// Access approval from the command line, against a Buoy with SIGN_UP=approval.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture({ SIGN_UP: 'approval' });
});
afterAll(() => fixture.close());

const as = async (token: string, ...words: string[]) => {
  const before = fixture.environment.BUOY_TOKEN;
  fixture.environment.BUOY_TOKEN = token;
  const answer = await fixture.buoy(words);
  fixture.environment.BUOY_TOKEN = before;
  return answer;
};

test('a person without approval gets the sentence to send to an admin', async () => {
  const token = await fixture.running.signIn(700);
  const { exit, err } = await as(token, 'servers', 'list');
  expect(exit).toBe(1);
  expect(err).toMatch(/Ask an admin of this Buoy for access: "User 700 .*\(id 700\) asks for access\."/);
  expect((await as(token, 'whoami')).out).toMatch(/Approved:\s+no/);
});

test('inbox list shows requests for access, and approve and deny decide them', async () => {
  const [anna, eve] = [await fixture.running.signIn(701), await fixture.running.signIn(702)];
  const { out } = await fixture.buoy(['inbox', 'list']);
  expect(out).toMatch(/701 .*User 701 .* asks for access to Buoy/);
  expect((await fixture.buoy(['inbox', 'approve', '701'])).out).toMatch(/^Approved: User 701 .*\(701\)\.\n$/);
  expect((await as(anna, 'servers', 'list')).exit).toBe(0);
  expect((await fixture.buoy(['inbox', 'deny', 'User 702'])).out).toMatch(
    /^Refused: User 702 .*\(702\)\.\n$/,
  );
  expect((await as(eve, 'servers', 'list')).exit).toBe(1);
  const { accessRequests } = JSON.parse((await fixture.buoy(['inbox', 'list', '--json'])).out);
  expect(accessRequests.map(({ userId }: { userId: string }) => userId)).not.toContain('702');
});

test('admin users finds people by status and name, and approves, changes, disables and enables them', async () => {
  const token = await fixture.running.signIn(710);
  const listed = async (...words: string[]) =>
    JSON.parse((await fixture.buoy(['admin', 'users', 'list', ...words, '--json'])).out).users.map(
      ({ id }: { id: string }) => id,
    );
  expect(await listed('--status', 'pending', '--search', 'user 710')).toEqual(['710']);
  expect((await fixture.buoy(['admin', 'users', 'approve', '710'])).out).toMatch(/\(710\) is approved\.\n$/);
  expect((await as(token, 'servers', 'list')).exit).toBe(0);

  const narrowed = await fixture.buoy(['admin', 'users', 'change', '710', '--add-servers', 'no']);
  expect(narrowed.out).toMatch(/\(710\) may no longer add servers\.\n$/);
  expect((await fixture.buoy(['admin', 'users', 'change', '710'])).exit).toBe(2);

  const unasked = await fixture.buoy(['admin', 'users', 'disable', '710']);
  expect(unasked.exit).toBe(2);
  expect(unasked.err).toContain('Disable User 710');
  expect((await fixture.buoy(['admin', 'users', 'disable', '710', '--yes'])).exit).toBe(0);
  expect(await listed('--status', 'disabled')).toEqual(['710']);
  expect((await as(token, 'servers', 'list')).exit).toBe(1);
  expect((await fixture.buoy(['admin', 'users', 'enable', '710'])).out).toMatch(/is enabled\.\n$/);
  expect(await listed('--status', 'disabled')).toEqual([]);
  expect((await fixture.buoy(['admin', 'users', 'approve', 'nobody'])).err).toContain('There is no person');
});
