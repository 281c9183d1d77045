// Every read of OpenClaw, and changes, while its gateway is stopped or its whole host hangs.
import { ApiError } from '@buoy/contract/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { untilUp } from '../../testbed/buoy-client.ts';
import { until } from '../../testbed/until.ts';
import { skillMd } from '../src/openclaw/skills/testing/make-zip.ts';
import { createConversations } from './support/conversations.ts';
import { type FollowedEvents, followEvents } from './support/follow-events.ts';
import { type LiveEvents, openLiveEvents } from './support/live-events.ts';
import {
  apart,
  currentVersion,
  type OpenclawFixture,
  openclawFixture,
  previousVersion,
} from './support/openclaw-fixture.ts';
import { byCommand, EXAMPLE_SESSION, type ReadKey, type Row, reads, rows } from './support/openclaw-reads.ts';

const versions = [currentVersion, apart(previousVersion, 'down')];
/** Milliseconds within which reads must report a stopped gateway, and a frozen host. */
const STOPPED_MS = 5_000;
const FROZEN_MS = 3_000;
/** Milliseconds until a gateway that has just run a turn answers in its usual time. */
const BUSY_MS = 15_000;
/** Calls at a time to a frozen host: each waits for its own deadline. */
const AT_A_TIME = 4;

/** Milliseconds for the first turn of an agent, and for a start of a gateway, on a busy machine. */
const TURN_MS = 90_000;
const START_MS = 90_000;
const SKILL_FOLDERS =
  '~/.openclaw/skills ~/.openclaw/.buoy-skill-* ~/.openclaw/workspace/skills ~/.openclaw/workspace/.buoy-skill-*';

const JOB = 'read while down';
const SESSION = EXAMPLE_SESSION;

describe.skipIf(inject('hostsMissing') !== '').for(versions)('reads of OpenClaw $version', (version) => {
  let fixture: OpenclawFixture;
  let events: LiveEvents | undefined;
  let log: FollowedEvents | undefined;
  let jobId: string;
  let skillsBefore: Array<{ name: string; eligible: boolean }>;

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

  const onHost = async (command: string) => (await fixture.host.exec(command, { user: 'deploy' })).stdout;
  const skills = async () => {
    const { skills: all } = await fixture.live.api('GET /servers/:id/openclaw/skills', {
      params: { id: fixture.serverId },
      query: {},
    });
    return all.map(({ name, eligible }) => ({ name, eligible }));
  };

  const followed = async (): Promise<LiveEvents> => {
    const stream = await openLiveEvents(fixture.live, fixture.serverId);
    await stream.until(({ event, data }) => event === 'gateway' && data.state === 'connected');
    return stream;
  };
  const session = async () =>
    (
      await fixture.live.api('GET /servers/:id/openclaw/sessions/:key', {
        params: { id: fixture.serverId, key: SESSION },
      })
    ).session;

  beforeAll(async () => {
    fixture = await openclawFixture(version);
    skillsBefore = await skills();
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
    // Its end is awaited by its event: Buoy asks the host in place of a gateway that is busy with a turn, which keeps both busy.
    const turn = await followed();
    await createConversations(fixture, turn).turn(SESSION, 'hello');
    turn.cut();
  });
  afterAll(async () => {
    events?.cut();
    await log?.close();
    if (fixture === undefined) return;
    const params = { id: fixture.serverId };
    if (version.isApart) return fixture.close();
    try {
      await fixture.host.fault('none');
      await fixture.host.waitGateway();
      await untilUp(fixture.live.api, fixture.serverId);
      await fixture.live.api('DELETE /servers/:id/openclaw/sessions/:key', {
        params: { ...params, key: SESSION },
      });
      await fixture.live.api('DELETE /servers/:id/openclaw/cron/:jobId', { params: { ...params, jobId } });
    } finally {
      await fixture.close();
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
    for (const key of reads) {
      const { status, source, said } = await askAtLeisure(key);
      answers[key] = said === '' ? { status, source } : said;
    }
    expect(answers).toEqual(
      Object.fromEntries(
        reads.map((key) => [key, { status: 200, source: byCommand.includes(key) ? 'cli' : 'gateway' }]),
      ),
    );
  });

  test('return within 3 s while the host is frozen: the last known state or an error', async () => {
    await fixture.host.fault('freeze');
    const wrong: Record<string, Answer> = {};
    try {
      const left = [...reads];
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
    expect(wrong, 'answered in time').toEqual({});
    await untilUp(fixture.live.api, fixture.serverId);
  });

  test('a stop of the gateway is reported to those who follow its events or its log', async () => {
    await fixture.host.fault('gateway-start');
    await untilUp(fixture.live.api, fixture.serverId);
    await until(TURN_MS, async () => (await session()).tokens.input !== null);
    events = await followed();
    log = await followEvents(fixture.live, `/servers/${fixture.serverId}/openclaw/logs/stream?lines=1`);
    await log.until(({ event }) => event === 'line');
    await fixture.host.fault('gateway-stop');
    await events.until(({ event, data }) => event === 'gateway' && data.state !== 'connected', START_MS);
    await log.until(({ event }) => event === 'gap', START_MS);
  });

  test('return within 5 s while the gateway is stopped, from the host or as last known', async () => {
    await fixture.host.fault('gateway-stop');
    const wrong: Record<string, Answer> = {};
    for (const key of reads) {
      const answer = await ask(key);
      const isLastKnown = answer.source === 'snapshot' && (rows[key] as Row).onHost === undefined;
      if (!(answer.source === 'cli' || isLastKnown) || answer.ms > STOPPED_MS) wrong[key] = answer;
    }
    expect(wrong).toEqual({});
  });

  describe('while the gateway is stopped', () => {
    beforeEach(() => fixture.host.fault('gateway-stop'));

    test('the content of a file, the log and the sessions are those on the host, the skills those that the gateway listed', async () => {
      const { file } = await fixture.live.api('GET /servers/:id/openclaw/agents/:agentId/files/:name', {
        params: { id: fixture.serverId, agentId: 'main', name: 'AGENTS.md' },
      });
      expect(file).toMatchObject({
        content: await onHost('cat ~/.openclaw/workspace/AGENTS.md'),
        missing: false,
      });
      const { logs } = await fixture.live.api('GET /servers/:id/openclaw/logs', {
        params: { id: fixture.serverId },
        query: {},
      });
      expect(logs.lines.length).toBeGreaterThan(0);
      const { sessions } = await fixture.live.api('GET /servers/:id/openclaw/sessions', {
        params: { id: fixture.serverId },
        query: {},
      });
      expect(sessions.find(({ key }) => key === SESSION)).toMatchObject({
        agentId: 'main',
        pinned: null,
        tokens: { input: expect.any(Number) },
      });
      expect((await session()).key).toBe(SESSION);
      expect(await skills()).toEqual(skillsBefore);
    });

    test('agents, skills, jobs and sessions cannot be changed: 503, and nothing is written', async () => {
      const params = { id: fixture.serverId };
      const upload = {
        type: 'text/markdown',
        bytes: new Uint8Array(Buffer.from(skillMd('buoy-down'))),
      } as const;
      const outcomes = await Promise.allSettled([
        fixture.live.api('PUT /servers/:id/openclaw/agents/:agentId', {
          params: { ...params, agentId: 'main' },
          body: { name: 'x' },
        }),
        fixture.live.api('POST /servers/:id/openclaw/skills/upload', { params, query: {}, upload }),
        fixture.live.api('DELETE /servers/:id/openclaw/skills/:name', {
          params: { ...params, name: 'github' },
        }),
        fixture.live.api('POST /servers/:id/openclaw/cron', {
          params,
          body: { name: 'x', schedule: { kind: 'every', everyMs: 60_000 }, message: 'x' },
        }),
        fixture.live.api('DELETE /servers/:id/openclaw/sessions/:key', {
          params: { ...params, key: SESSION },
        }),
      ]);
      expect(outcomes).toMatchObject(outcomes.map(() => ({ status: 'rejected', reason: { status: 503 } })));
      expect(await onHost(`find ${SKILL_FOLDERS} -name '*buoy-*' 2>/dev/null`)).toBe('');
    });
  });

  test('the return of the gateway is reported, and a turn runs again', async () => {
    if (events === undefined || log === undefined) throw new Error('Nobody followed the stop.');
    const since = events.seen.length;
    await fixture.host.fault('gateway-start');
    await events.until(
      ({ event, data }) => event === 'gateway' && data.state === 'connected',
      START_MS,
      since,
    );
    await log.until(({ event }) => event === 'line', START_MS);
    await fixture.host.waitGateway();
    await createConversations(fixture, events).turn(SESSION, 'hello again');
  });
});
