// A hostile gateway tries to freeze Buoy, to fill its disk or to swell the answers of other people.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { type HostileGateway, startHostileGateway } from '../support/answering-gateway.ts';
import { auditLogOf } from '../support/audit-log.ts';
import { SUPER_ID } from '../support/test-buoy.ts';

/** Many times what Buoy needs, and a fraction of what it took without the limits, so that a busy machine does not fail the test. */
const FROZEN_MS = 1_500;

describe.skipIf(noSshd !== null)('hostile gateway', () => {
  let fixture: HostileGateway;
  beforeEach(async () => {
    fixture = await startHostileGateway();
  });
  afterEach(() => fixture.close());

  const rows = (count: number, row: (index: number) => object) =>
    Array.from({ length: count }, (_, n) => row(n));

  /** The longest time the event loop was blocked while `work` ran. */
  async function frozenDuring(work: () => Promise<unknown>): Promise<number> {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    try {
      await work();
      longest = Math.max(longest, performance.now() - last);
    } finally {
      clearInterval(timer);
    }
    return longest;
  }

  test.each([
    ['sessions', 'sessions.list', { sessions: rows(200_000, () => ({ key: 'a' })) }],
    ['cron', 'cron.list', { jobs: rows(200_000, () => ({ id: 'a' })) }],
    [
      'skills',
      'skills.status',
      { workspaceDir: '/w', managedSkillsDir: '/m', skills: rows(100_000, () => ({ name: 'a' })) },
    ],
  ])(
    'an endless %s list is refused with an error and does not block others',
    async (path, method, payload) => {
      await fixture.get('/openclaw/channels');
      fixture.gateway.methods[method] = () => ({ payload });
      let answer = await fixture.get('/openclaw/channels');
      const frozenMs = await frozenDuring(async () => {
        answer = await fixture.get(`/openclaw/${path}`);
      });
      expect(answer.statusCode).toBe(502);
      expect(answer.json()).toMatchObject({ code: 'output_too_large' });
      expect(answer.body).toContain('The answer of the gateway is larger than Buoy accepts.');
      expect(frozenMs).toBeLessThan(FROZEN_MS);
    },
  );

  test.each([
    ['sessions', 'sessions.list', { sessions: rows(5_000, () => ({ key: 'a' })) }, 200],
    ['cron', 'cron.list', { jobs: rows(5_000, () => ({ id: 'a' })) }, 200],
    [
      'skills',
      'skills.status',
      { workspaceDir: '/w', managedSkillsDir: '/m', skills: rows(5_000, () => ({ name: 'a' })) },
      500,
    ],
  ])(
    'an oversized %s list is refused with the number of entries that Buoy reads',
    async (path, method, payload, most) => {
      fixture.gateway.methods[method] = () => ({ payload });
      const answer = await fixture.get(`/openclaw/${path}`);
      expect(answer.json()).toMatchObject({ code: 'output_too_large', details: { most } });
      expect(answer.body).toContain(`a list of more than ${most} entries`);
    },
  );

  /** The first moment after the year 9999, as OpenClaw writes times: as text or in milliseconds. */
  const [LATE, LATE_MS] = ['+010000-01-01T00:00:00.000Z', Date.UTC(10_000, 0)];

  test.each([
    [
      'request of a person',
      'channels.pairing.list',
      { requests: [{ requestId: 'r', channel: 'c', createdAt: LATE }] },
    ],
    ['request of a device', 'device.pair.list', { pending: [{ requestId: 'r', ts: LATE_MS }] }],
    [
      'command',
      'exec.approval.list',
      [{ id: 'r', request: { command: 'id' }, createdAtMs: LATE_MS, expiresAtMs: LATE_MS }],
    ],
  ])(
    'a %s dated in the year 10000 does not break the inbox of all servers',
    async (_what, method, payload) => {
      Object.assign(fixture.gateway.methods, {
        'channels.pairing.list': () => ({ payload: { requests: [] } }),
        'device.pair.list': () => ({ payload: { pending: [] } }),
        'exec.approval.list': () => ({ payload: [] }),
        [method]: () => ({ payload }),
      });
      await fixture.get('/openclaw/channels');
      const inbox = await fixture.running.call('GET', '/inbox', { token: fixture.token });
      expect(inbox.statusCode).toBe(200);
      expect(inbox.json()).toMatchObject({ items: [{ serverId: fixture.serverId }], unreachable: [] });
    },
  );

  test.each([
    [
      'job',
      'cron',
      'cron.list',
      { jobs: [{ id: 'j', schedule: { kind: 'at', at: LATE }, nextRunAtMs: LATE_MS }] },
    ],
    ['session', 'sessions', 'sessions.list', { sessions: [{ key: 'agent:main:main', updatedAt: LATE_MS }] }],
    [
      'channel',
      'channels',
      'channels.status',
      { channels: { telegram: { running: true, lastStartAt: LATE_MS } } },
    ],
    [
      'line of the log',
      'logs',
      'logs.tail',
      { file: 'f', cursor: 1, lines: [JSON.stringify({ time: LATE })] },
    ],
  ])('a %s dated in the year 10000 does not hide the others', async (_what, path, method, payload) => {
    fixture.gateway.methods[method] = () => ({ payload });
    const answer = await fixture.get(`/openclaw/${path}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).not.toContain('10000-');
  });

  /** More than JSON tells exactly. */
  const HUGE = 1e300;

  test.each([
    ['channel', 'channels', 'channels.status', { channelOrder: ['constructor', '__proto__'], channels: {} }],
    [
      'job',
      'cron',
      'cron.list',
      {
        jobs: [
          {
            id: 'j',
            schedule: { kind: 'every', everyMs: 60_000 },
            state: { lastDurationMs: HUGE, nextRunAtMs: HUGE },
          },
        ],
      },
    ],
    [
      'session',
      'sessions',
      'sessions.list',
      { sessions: [{ key: 'agent:main:main', totalTokens: HUGE, estimatedCostUsd: HUGE }] },
    ],
    [
      'command',
      'approvals',
      'exec.approval.list',
      [{ id: 'r', request: { command: 'id' }, createdAtMs: HUGE }],
    ],
  ])(
    'a %s with names of JavaScript or figures beyond its numbers does not hide the others',
    async (_what, path, method, payload) => {
      fixture.gateway.methods[method] = () => ({ payload });
      expect((await fixture.get(`/openclaw/${path}`)).statusCode).toBe(200);
    },
  );

  test('new stopped channels at each check leave 100 alerts and one summary, without blocking others', async () => {
    let round = 0;
    fixture.gateway.methods['channels.status'] = () => {
      round += 1;
      const accounts = rows(20, (n) => ({ accountId: `a${n}`, running: false }));
      return {
        payload: {
          channelAccounts: Object.fromEntries(
            rows(90, (n) => ({ n })).map((_, n) => [`r${round}c${n}`, accounts]),
          ),
        },
      };
    };
    const check = () =>
      fixture.running.call('POST', `/servers/${fixture.serverId}/check`, { token: fixture.token });
    await check();
    let checked = await check();
    const frozenMs = await frozenDuring(async () => {
      checked = await check();
    });
    expect(checked.statusCode).toBe(200);
    const alerts = checked.json().alerts as Array<{ type: string; cause: string }>;
    const ofChannels = alerts.filter(({ type }) => type === 'channel_down');
    expect(ofChannels).toHaveLength(101);
    expect(ofChannels.map(({ cause }) => cause)).toContain(
      'And 1700 more channels are stopped or disconnected.',
    );
    expect(frozenMs).toBeLessThan(FROZEN_MS);
  });

  test('a version of half a megabyte adds only some bytes to the list of servers', async () => {
    fixture.gateway.version = `2026.9.6${'v'.repeat(500_000)}`;
    expect((await fixture.get('/openclaw/status')).statusCode).toBe(200);
    await fixture.running.call('POST', `/servers/${fixture.serverId}/check`, { token: fixture.token });
    const list = await fixture.running.call('GET', '/servers', { token: fixture.token });
    expect(list.body).toContain('2026.9.6vvv');
    expect(list.body.length).toBeLessThan(5_000);
  });

  test('a job name of half a megabyte adds 200 characters to the audit log', async () => {
    fixture.gateway.methods['cron.get'] = () => ({
      payload: { id: 'j1', name: 'n'.repeat(500_000), schedule: { kind: 'every', everyMs: 60_000 } },
    });
    fixture.gateway.methods['cron.remove'] = () => ({ payload: {} });
    const removed = await fixture.running.call('DELETE', `/servers/${fixture.serverId}/openclaw/cron/j1`, {
      token: fixture.token,
    });
    expect(removed.statusCode).toBe(204);
    const log = await auditLogOf(fixture.running, await fixture.running.signIn(SUPER_ID));
    const entry = log.find(({ action }) => action.startsWith('DELETE') && action.includes('/cron/'));
    expect(entry?.target).toBe('n'.repeat(200));
  });

  test('skills of made-up agents leave no row in the database', async () => {
    const description = 'x'.repeat(3_000);
    const skills = rows(100, (n) => ({ name: `s${n}`, description }));
    fixture.gateway.methods['skills.status'] = () => ({
      payload: { workspaceDir: '/w', managedSkillsDir: '/m', skills },
    });
    for (let agent = 0; agent < 20; agent += 1)
      expect((await fixture.get(`/openclaw/skills?agentId=ag${agent}`)).statusCode).toBe(200);
    const other = await openDatabase({ engine: 'sqlite', file: `${fixture.running.dataDir}/buoy.db` });
    try {
      const kept = await other.db.selectFrom('openclawSnapshots').select('kind').execute();
      expect(kept.map(({ kind }) => kind).filter((kind) => /ag\d/.test(kind))).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
