// Every read of OpenClaw while its gateway is stopped or its whole host hangs. The rows come from the contract, so a
// new endpoint without a reviewed row fails here.
import { contract, type EndpointKey } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { until } from '../../testbed/until.ts';
import { bothVersions, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

/** Milliseconds within which reads must report a stopped gateway, and a frozen host. */
const STOPPED_MS = 5_000;
const FROZEN_MS = 3_000;
/** Milliseconds until a gateway that has just run a turn answers in its usual time. */
const BUSY_MS = 15_000;
/** Calls at a time to a frozen host: each waits for its own deadline. */
const AT_A_TIME = 4;

type ReadKey = Extract<EndpointKey, `GET /servers/:id/openclaw/${string}`>;
/** The path and query of each endpoint, on top of the server's id. */
type Row = { params?: Record<string, string>; query?: Record<string, string> };

const JOB = 'read while down';
const SESSION = 'agent:main:read-while-down';

/** Reviewed by hand; a string is the reason why the endpoint is not read here. */
const rows: Record<ReadKey, Row | string> = {
  'GET /servers/:id/openclaw/status': {},
  'GET /servers/:id/openclaw/agents': {},
  'GET /servers/:id/openclaw/agents/:agentId': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/files': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/files/:name': { params: { agentId: 'main', name: 'AGENTS.md' } },
  'GET /servers/:id/openclaw/agents/:agentId/skills': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/bindings': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/keys': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/keys/:provider': {
    params: { agentId: 'main', provider: 'fake' },
  },
  'GET /servers/:id/openclaw/sessions': {},
  'GET /servers/:id/openclaw/sessions/:key': { params: { key: SESSION } },
  'GET /servers/:id/openclaw/sessions/:key/messages': { params: { key: SESSION } },
  'GET /servers/:id/openclaw/events': 'a stream',
  'GET /servers/:id/openclaw/skills': {},
  'GET /servers/:id/openclaw/skills/search': 'it asks the internet',
  'GET /servers/:id/openclaw/config': {},
  'GET /servers/:id/openclaw/config/schema': { query: { path: 'agents.defaults' } },
  'GET /servers/:id/openclaw/config/history': "Buoy's own",
  'GET /servers/:id/openclaw/config/history/:rev/diff': "Buoy's own",
  'GET /servers/:id/openclaw/models': {},
  'GET /servers/:id/openclaw/channels': {},
  'GET /servers/:id/openclaw/pairing': {},
  'GET /servers/:id/openclaw/approvals': {},
  'GET /servers/:id/openclaw/exec-policy': {},
  'GET /servers/:id/openclaw/cron': {},
  'GET /servers/:id/openclaw/cron/:jobId/runs': { params: { jobId: '' } },
  'GET /servers/:id/openclaw/logs': { query: { lines: '20' } },
  'GET /servers/:id/openclaw/logs/stream': 'a stream',
  'GET /servers/:id/openclaw/usage': {},
  'GET /servers/:id/openclaw/security-audit': {},
  'GET /servers/:id/openclaw/dashboard-url': 'a link is made for a gateway that runs',
};

const isRead = (key: string) => /^GET \/servers\/:id\/openclaw\//.test(key);
const read = (Object.keys(rows) as ReadKey[]).filter((key) => typeof rows[key] !== 'string');

/** Read by the command on the host even while the gateway runs, which has no call for them. */
const byCommand: readonly ReadKey[] = ['GET /servers/:id/openclaw/security-audit'];

test('the reviewed rows match the reads of the contract', () => {
  expect(Object.keys(rows).sort()).toEqual(Object.keys(contract).filter(isRead).sort());
});

describe.skipIf(inject('hostsMissing') !== '').for(bothVersions)('reads of OpenClaw $version', (version) => {
  let fixture: OpenclawFixture;
  let jobId: string;

  type Answer = { ms: number; status: number; source: string | null; said: string };

  /** The source of an answer, or the status and message of a failure. */
  async function ask(key: ReadKey): Promise<Answer> {
    const row = rows[key] as Row;
    const given = row.params?.jobId === undefined ? row.params : { jobId };
    const startedAt = performance.now();
    const ms = () => performance.now() - startedAt;
    const call = fixture.live.api as (key: string, input: object) => Promise<{ source?: string }>;
    try {
      const { source } = await call(key, {
        params: { id: fixture.serverId, ...given },
        query: row.query ?? {},
      });
      return { ms: ms(), status: 200, source: source ?? null, said: '' };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { ms: ms(), status: error.status, source: null, said: `${error.code}: ${error.message}` };
    }
  }

  beforeAll(async () => {
    fixture = await openclawFixture(version);
    const params = { id: fixture.serverId };
    const { job } = await fixture.live.api('POST /servers/:id/openclaw/cron', {
      params,
      body: {
        name: JOB,
        enabled: false,
        schedule: { kind: 'cron', expr: '0 4 * * *' },
        message: 'hello',
      },
    });
    jobId = job.id;
    await fixture.live.api('POST /servers/:id/openclaw/sessions/:key/messages', {
      params: { ...params, key: SESSION },
      body: { text: 'hello' },
    });
  });
  afterAll(async () => {
    if (fixture === undefined) return;
    const params = { id: fixture.serverId };
    try {
      await fixture.host.fault('none');
      await fixture.host.waitGateway();
      await untilUp(fixture.live.api, fixture.serverId);
      await fixture.live.api('DELETE /servers/:id/openclaw/sessions/:key', {
        params: { ...params, key: SESSION },
      });
      await fixture.live.api('DELETE /servers/:id/openclaw/cron/:jobId', { params: { ...params, jobId } });
    } finally {
      await fixture.live.close();
    }
  });

  /** A gateway that is busy with a turn answers late, so Buoy asks the host and says so: no failure. */
  const askAtLeisure = (key: ReadKey) =>
    until(BUSY_MS, async () => {
      const answer = await ask(key);
      return answer.source === 'gateway' || byCommand.includes(key) ? answer : null;
    }).catch(() => ask(key));

  test('come from the gateway while it runs', async () => {
    const answers: Record<string, unknown> = {};
    for (const key of read) {
      const { status, source, said } = await askAtLeisure(key);
      answers[key] = said === '' ? { status, source } : said;
    }
    expect(answers).toEqual(
      Object.fromEntries(
        read.map((key) => [key, { status: 200, source: byCommand.includes(key) ? 'cli' : 'gateway' }]),
      ),
    );
  });

  test('return within 3 s while the host is frozen: the last known state or an error', async () => {
    await fixture.host.fault('freeze');
    const wrong: Record<string, Answer> = {};
    try {
      const left = [...read];
      const work = async () => {
        for (let key = left.shift(); key !== undefined; key = left.shift()) {
          const answer = await ask(key);
          // The audit is kept for ten minutes, since it costs the host nine seconds of CPU.
          const isKept = byCommand.includes(key) && answer.source === 'cli';
          const isGood = isKept || answer.source === 'snapshot' || answer.status === 503;
          if (!isGood || answer.ms > FROZEN_MS) wrong[key] = answer;
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
    } finally {
      await fixture.host.fault('thaw');
    }
    expect(wrong).toEqual({});
    await untilUp(fixture.live.api, fixture.serverId);
  });

  test('return within 5 s while the gateway is stopped, from the host or as last known', async () => {
    await fixture.host.fault('gateway-stop');
    const wrong: Record<string, Answer> = {};
    for (const key of read) {
      const answer = await ask(key);
      const isGood = answer.source === 'cli' || answer.source === 'snapshot';
      if (!isGood || answer.ms > STOPPED_MS) wrong[key] = answer;
    }
    expect(wrong).toEqual({});
  });
});
