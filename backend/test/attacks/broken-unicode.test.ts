// A hostile server sends halves of characters, which no address can hold: a page that links to such a session or agent would fail.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/hostile-gateway.ts';

const half = (text: string) => `${text}\ud800`;
const device = { requestId: half('r'), deviceId: half('d'), displayName: half('n'), ts: 1 };

describe.skipIf(noSshd !== null)('half of a character', () => {
  let fixture: HostileGateway;
  let token: string;
  let serverId: string;
  beforeAll(async () => {
    fixture = await startHostileGateway();
    const config = { agents: { list: [{ id: half('a'), name: half('agent') }] } };
    Object.assign(fixture.gateway.methods, {
      'exec.approval.list': () => ({
        payload: [
          {
            id: half('i'),
            request: {
              ...{ command: half('ls '), cwd: half('/'), envKeys: [half('PATH')], agentId: half('a') },
              ...{ sessionKey: half('agent:main:'), warningText: half('w') },
            },
            createdAtMs: Date.now(),
            expiresAtMs: Date.now() + 600_000,
          },
        ],
      }),
      'device.pair.list': () => ({ payload: { pending: [device] } }),
      'channels.pairing.list': () => ({
        payload: { requests: [{ requestId: half('p'), channel: half('irc'), senderId: half('s') }] },
      }),
      'sessions.list': () => ({
        payload: { sessions: [{ key: half('agent:main:'), label: half('l'), displayName: half('n') }] },
      }),
      'agents.list': () => ({
        payload: { defaultId: half('a'), agents: [{ id: half('a'), name: half('n') }] },
      }),
      'config.get': () => ({
        payload: { valid: true, parsed: config, hash: 'h', path: half('/c'), issues: [] },
      }),
      'cron.list': () => ({
        payload: {
          jobs: [
            {
              ...{ id: half('j'), name: half('job'), enabled: true, agentId: half('a') },
              ...{
                schedule: { kind: 'cron', expr: half('* *') },
                payload: { kind: 'agentTurn', message: half('m') },
              },
            },
          ],
        },
      }),
      'channels.status': () => ({
        payload: { channels: { [half('irc')]: { configured: true, lastError: half('e') } } },
      }),
    });
    token = await fixture.signIn(1);
    serverId = await fixture.addServer(token);
  });
  afterAll(() => fixture.close());

  test.each([
    'inbox',
    'servers/ID/openclaw/approvals',
    'servers/ID/openclaw/pairing',
    'servers/ID/openclaw/sessions',
    'servers/ID/openclaw/agents',
    'servers/ID/openclaw/cron',
    'servers/ID/openclaw/channels',
    'servers/ID/openclaw/config',
  ])('is in no text of /%s', async (path) => {
    const { status, json } = await fixture.call(token, 'GET', `/${path.replace('ID', serverId)}`);
    const answer = JSON.stringify(json);
    expect([status, answer]).toEqual([200, expect.stringContaining('\uFFFD')]);
    expect(answer).not.toMatch(/\\ud[89a-f]/);
  });
});
