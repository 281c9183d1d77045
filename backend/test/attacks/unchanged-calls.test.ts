// Calls that succeed and change nothing can be repeated without end: they must not fill the disk through the audit log.
import type { AuditEntry } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

const REPEATED = 25;
/** A minute may end meanwhile on a busy machine, with two entries for each. */
const FEW = 10;

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  serverId = await fixture.newServer();
});
afterAll(() => fixture.running.close());

const times = async (count: number, call: () => Promise<unknown>) => {
  for (let index = 0; index < count; index += 1) await call();
};
const entriesOf = async (action: string): Promise<AuditEntry[]> =>
  (await fixture.auditLog()).filter((entry) => entry.action === action);
/** How many calls the entries stand for. */
const countIn = (entries: readonly AuditEntry[]): number =>
  entries.reduce((sum, { details }) => sum + Number(details.count ?? 1), 0);

describe('audit log growth by calls that change nothing', () => {
  test('a server that is changed to what it is keeps its version, and its entries count the calls', async () => {
    const body = { name: 'shared', tags: ['one'], host: '127.0.0.1', port: 1, username: 'root' };
    const put = () => fixture.as('owner', 'PUT', `/servers/${serverId}`, body);
    const { version } = (await put()).json().server;
    await times(REPEATED, async () => {
      const answer = await put();
      expect(answer.statusCode).toBe(200);
      expect(answer.json().server).toMatchObject({ version, tags: ['one'] });
    });
    const entries = await entriesOf('PUT /servers/:id');
    expect(entries.length).toBeLessThan(FEW);
    expect(countIn(entries)).toBe(REPEATED + 1);
    for (const entry of entries)
      expect(entry).toMatchObject({ userId: ids.owner, serverId, target: 'shared', result: 'ok' });
    const other = await fixture.as('owner', 'PUT', `/servers/${serverId}`, { tags: ['two'] });
    expect(other.json().server.version).toBe(version + 1);
  });

  test.each([
    ['POST', '/servers/:id/setup/install-node/preview', {}],
    ['POST', '/servers/:id/setup/run/preview', { onboard: { provider: 'skip' } }],
    ['POST', '/servers/:id/test', undefined],
    ['PUT', '/me', { displayName: 'Ada' }],
    ['PUT', '/servers/:id/access/102', { role: 'viewer' }],
    ['POST', '/me/passkeys/options', undefined],
  ] as const)('%s %s leaves few entries, which count the calls', async (method, path, body) => {
    await times(REPEATED, async () => {
      const answer = await fixture.as('owner', method, path.replace(':id', serverId), body);
      expect(answer.statusCode, answer.body).toBe(200);
    });
    const entries = await entriesOf(`${method} ${path.replace('102', ':userId')}`);
    expect(entries.length).toBeLessThan(FEW);
    expect(countIn(entries)).toBe(REPEATED);
    expect(entries[0]).toMatchObject({ userId: ids.owner, result: 'ok', ip: '127.0.0.1' });
  });

  test('a person who is disabled again and again is counted after the first time', async () => {
    await fixture.running.signIn(900);
    await times(REPEATED, async () => {
      const { statusCode, body } = await fixture.as('super', 'POST', '/admin/users/900/disable');
      expect(statusCode, body).toBe(200);
    });
    const entries = await entriesOf('POST /admin/users/:id/disable');
    expect(entries.length).toBeLessThan(FEW);
    expect(countIn(entries)).toBe(REPEATED);
    for (const entry of entries)
      expect(entry).toMatchObject({ userId: ids.super, target: '900', result: 'ok' });
  });

  test('the kept answer of a call is told again and again, with one entry for the first time', async () => {
    const add = () =>
      fixture.running.call('POST', '/servers', {
        token: fixture.tokens.stranger,
        headers: { 'idempotency-key': 'again' },
        body: {
          name: 'once',
          host: '127.0.0.1',
          port: 1,
          username: 'root',
          authType: 'password',
          password: 'x',
        },
      });
    await times(REPEATED, async () => expect((await add()).statusCode).toBe(201));
    const entries = (await entriesOf('POST /servers')).filter(({ userId }) => userId === ids.stranger);
    expect(entries.length).toBeLessThan(FEW);
    expect(countIn(entries)).toBe(REPEATED);
    expect(entries.slice(0, 2)).toMatchObject([
      { details: { body: { name: 'once' } } },
      { details: { repeated: true } },
    ]);
  });

  test('sign-ins by the same launch of the Mini App are counted after the first of a minute', async () => {
    const body = {
      initData: forgeInitData({ id: Number(ids.stranger), first_name: 'Again' }, BOT_TOKEN),
      launchKey: 'a'.repeat(32),
    };
    await times(REPEATED, async () =>
      expect((await fixture.running.call('POST', '/auth/telegram', { body })).statusCode).toBe(200),
    );
    const entries = (await entriesOf('POST /auth/telegram')).filter(({ userId }) => userId === ids.stranger);
    expect(entries.length).toBeLessThan(FEW);
    // One of the fixture is among them.
    expect(countIn(entries)).toBe(REPEATED + 1);
    for (const entry of entries) expect(entry).toMatchObject({ target: ids.stranger, result: 'ok' });
  });
});
