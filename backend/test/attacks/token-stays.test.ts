// Whoever steals an API token must not become a person, who stays when the token is revoked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

describe('an API token of a super-admin', () => {
  test('makes no person with a sign-in link, only one without', async () => {
    const { call } = fixture.running;
    const created = await fixture.as('super', 'POST', '/me/tokens', { name: 'ci', scopes: ['admin'] });
    const token: string = created.json().token.secret;
    const add = (link: boolean) => call('POST', '/admin/users', { token, body: { name: 'Me', link } });
    const refused = await add(true);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      code: 'forbidden',
      error: 'This cannot be done with an API token.',
    });
    const added = await add(false);
    expect(added.statusCode).toBe(201);
    expect(added.json().signInUrl).toBeNull();
    const { user } = added.json();
    const link = await call('POST', `/admin/users/${user.id}/sign-in-link`, { token });
    expect(link.statusCode).toBe(403);
  });

  test('gets no sign-in link by repeating the call of a super-admin with its Idempotency-Key', async () => {
    const { call } = fixture.running;
    const created = await fixture.as('super', 'POST', '/me/tokens', { name: 'log', scopes: ['admin'] });
    const token: string = created.json().token.secret;
    const add = (by: string) =>
      call('POST', '/admin/users', {
        ...{ token: by, body: { name: 'Ada', link: true } },
        headers: { 'idempotency-key': 'add-ada' },
      });
    expect((await add(fixture.tokens.super)).statusCode).toBe(201);
    const repeated = await add(token);
    expect([repeated.statusCode, repeated.json().code]).toEqual([403, 'forbidden']);
    expect(repeated.body).not.toContain('#code=');
  });

  test('is not needed by a super-admin in person', async () => {
    const added = await fixture.as('super', 'POST', '/admin/users', { name: 'Grace', link: true });
    expect(added.statusCode).toBe(201);
    expect(added.json().signInUrl).toContain('#code=');
  });
});
