// Who may check the health of a gateway, and who may have a model asked, which costs tokens. The server is away: 503 is the answer to whoever may.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const people = { viewer: 43, admin: 44 } as const;

describe('a check of a gateway', () => {
  let running: TestBuoy;
  let url: string;
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    running = await startTestBuoy();
    const token = await running.signIn(42);
    const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'x' };
    const { server } = (
      await running.call('POST', '/servers', { token, body: { name: 'web', ...login } })
    ).json();
    url = `/servers/${server.id}/setup/verify-health`;
    for (const [role, id] of Object.entries(people)) {
      tokens.set(role, await running.signIn(id));
      await running.grant(server.id, String(id), role as keyof typeof people);
    }
  });
  afterAll(() => running?.close());

  const get = async (role: string, modelTurn: string) =>
    running.call('GET', `${url}?modelTurn=${modelTurn}`, { token: tokens.get(role) ?? null });
  const post = async (role: string, modelTurn: boolean) =>
    running.call('POST', url, { token: tokens.get(role) ?? null, body: { modelTurn } });

  test.each(Object.keys(people))('is for a %s, by GET and by POST', async (role) => {
    expect((await get(role, 'false')).statusCode).toBe(503);
    expect((await post(role, false)).statusCode).toBe(503);
  });

  test('asks a model for admins, by GET and by POST', async () => {
    expect((await get('admin', 'true')).statusCode).toBe(503);
    expect((await post('admin', true)).statusCode).toBe(503);
  });

  test('asks no model for viewers, and says why', async () => {
    for (const answer of [await get('viewer', 'true'), await post('viewer', true)]) {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden', error: expect.stringContaining('tokens') });
    }
  });
});
