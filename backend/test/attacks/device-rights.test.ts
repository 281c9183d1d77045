// A device that wants to be paired asks for a harmless right where it is read, and for another one where it is not.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';

describe.skipIf(noSshd !== null)('a device that asks to be paired', () => {
  let fixture: HostileGateway;
  let request: Record<string, unknown>;
  let decided: string[];
  beforeAll(async () => {
    fixture = await startHostileGateway();
    const { methods } = fixture.gateway;
    methods['channels.pairing.list'] = () => ({ payload: { requests: [] } });
    methods['device.pair.list'] = () => ({ payload: { pending: [request], paired: [] } });
    for (const decision of ['approve', 'reject'])
      methods[`device.pair.${decision}`] = () => {
        decided.push(decision);
        return { payload: {} };
      };
  });
  beforeEach(() => {
    decided = [];
  });
  afterAll(() => fixture.close());

  let made = 0;
  /** As `device.pair.list` of both versions: a device that asks twice has one request, with the roles and scopes of both. */
  const asked = (more: { roles?: string[]; scopes: string[] }) => {
    made += 1;
    return { requestId: `d${made}`, deviceId: '71944e7e', clientId: 'cli', role: 'operator', ...more };
  };
  const shown = async () => {
    const { requests } = (await fixture.get('/openclaw/pairing')).json();
    return requests[0].device;
  };
  const decide = async (decision: 'approve' | 'reject') => {
    const path = `/servers/${fixture.serverId}/openclaw/pairing/${String(request.requestId)}/${decision}`;
    return (await fixture.running.call('POST', path, { token: fixture.token })).json();
  };

  test('cannot hide a role behind the one that it asked for last', async () => {
    request = asked({ roles: ['node', 'operator'], scopes: ['operator.read'] });
    expect(await shown()).toMatchObject({ role: 'operator, node', scopes: ['operator.read'] });
    expect(await decide('approve')).toMatchObject({ decision: 'approved' });
    expect(decided).toEqual(['approve']);
  });

  const many = Array.from({ length: 50 }, (_, index) => `operator.a${index}`);
  test.each([
    ['permissions', { scopes: [...many, 'operator.admin'] }],
    ['roles', { roles: [...many, 'node'], scopes: [] }],
    ['characters in a permission', { scopes: [`operator.${'a'.repeat(100)}`] }],
  ])('gets no approval with more %s than are shown', async (_what, more) => {
    request = asked(more);
    expect(await decide('approve')).toMatchObject({
      code: 'refused',
      error: expect.stringContaining('more rights'),
    });
    expect(decided).toEqual([]);
    expect(await decide('reject')).toMatchObject({ decision: 'rejected' });
  });

  test('gets an approval with as many permissions as are shown', async () => {
    request = asked({ scopes: many });
    expect((await shown()).scopes).toEqual(many);
    expect(await decide('approve')).toMatchObject({ decision: 'approved' });
  });
});
