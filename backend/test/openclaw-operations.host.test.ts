// Jobs, logs, usage and the security audit of OpenClaw through the API, compared with OpenClaw's own command on the host.
import { ApiError } from '@buoy/contract/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { isLongRun } from '../../testbed/long-run.ts';
import { until } from '../../testbed/until.ts';
import { followEvents } from './support/follow-events.ts';
import { type OpenclawFixture, openclawFixture, usualVersions } from './support/openclaw-fixture.ts';

/** Milliseconds for the first turn of an agent on a busy machine. */
const TURN_MS = 120_000;

const cliJobs = z.looseObject({
  jobs: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      enabled: z.boolean(),
      schedule: z.looseObject({ kind: z.string() }),
      declarationKey: z.string().optional(),
      nextRunAtMs: z.number().optional(),
      state: z.looseObject({ nextRunAtMs: z.number().optional() }).optional(),
    }),
  ),
});
const cliUsage = z.looseObject({
  daily: z.array(z.looseObject({ date: z.string(), totalTokens: z.number() })),
  totals: z.looseObject({
    input: z.number(),
    output: z.number(),
    totalTokens: z.number(),
    totalCost: z.number(),
  }),
});
const cliAudit = z.looseObject({
  summary: z.looseObject({ critical: z.number(), warn: z.number(), info: z.number() }),
  findings: z.array(z.looseObject({ checkId: z.string(), severity: z.string(), detail: z.string() })),
});

const failure = async (call: Promise<unknown>): Promise<ApiError> => {
  const error = await call.then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw error;
};

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'operations of OpenClaw $version',
  (which) => {
    let fixture: OpenclawFixture;
    let api: OpenclawFixture['live']['api'];
    let params: { id: string };

    beforeAll(async () => {
      fixture = await openclawFixture(which);
      ({ api } = fixture.live);
      params = { id: fixture.serverId };
    });
    afterAll(() => fixture?.close());

    const jobsOnHost = async () => (await fixture.cli(['cron', 'list', '--all', '--json'], cliJobs)).jobs;
    const jobs = async () => (await api('GET /servers/:id/openclaw/cron', { params })).jobs;

    describe('jobs', () => {
      const made: string[] = [];
      afterEach(async () => {
        for (const jobId of made.splice(0))
          await api('DELETE /servers/:id/openclaw/cron/:jobId', { params: { ...params, jobId } }).catch(
            () => undefined,
          );
      });
      const add = async (more: object) => {
        const { job } = await api('POST /servers/:id/openclaw/cron', {
          params,
          body: {
            name: 'Buoy test',
            schedule: { kind: 'cron', expr: '0 9 1 1 *', tz: 'Europe/Moscow' },
            message: 'say hi',
            ...more,
          },
        });
        made.push(job.id);
        return job;
      };

      test("list matches the command, with OpenClaw's built-in jobs marked", async () => {
        const job = await add({});
        const { jobs: read, source } = await api('GET /servers/:id/openclaw/cron', { params });
        expect(source).toBe('gateway');
        const onHost = await jobsOnHost();
        expect(read.map(({ id }) => id).sort()).toEqual(onHost.map(({ id }) => id).sort());
        for (const { id, system, enabled, nextRunAt } of read) {
          const other = onHost.find((one) => one.id === id);
          expect({ system, enabled }).toEqual({
            system: other?.declarationKey !== undefined,
            enabled: other?.enabled,
          });
          const next = other?.nextRunAtMs ?? other?.state?.nextRunAtMs;
          if (id === job.id) expect(nextRunAt).toBe(new Date(next ?? 0).toISOString());
        }
        for (const { id: jobId } of read.filter(({ system }) => system)) {
          const at = { params: { ...params, jobId } };
          expect(await failure(api('DELETE /servers/:id/openclaw/cron/:jobId', at))).toMatchObject({
            status: 409,
            code: 'conflict',
          });
          expect(
            await failure(api('PUT /servers/:id/openclaw/cron/:jobId', { ...at, body: { enabled: false } })),
          ).toMatchObject({ status: 409 });
        }
      });

      test('can be created, changed and removed, and keep their time zone', async () => {
        const job = await add({ agentId: 'main' });
        expect(job).toMatchObject({
          name: 'Buoy test',
          enabled: true,
          agentId: 'main',
          schedule: { kind: 'cron', expr: '0 9 1 1 *', tz: 'Europe/Moscow' },
          message: 'say hi',
          sessionTarget: 'isolated',
          delivery: { mode: 'none', channel: null, to: null },
          // Nine in Moscow.
          nextRunAt: expect.stringMatching(/-01-01T06:00:00\.000Z$/),
          lastRun: null,
          system: false,
        });
        const at = { params: { ...params, jobId: job.id } };
        const change = async (body: object) =>
          (await api('PUT /servers/:id/openclaw/cron/:jobId', { ...at, body })).job;
        expect(await change({})).toEqual(job);
        expect(await change({ enabled: false, name: 'Пауза', message: 'line one\nline two' })).toMatchObject({
          enabled: false,
          name: 'Пауза',
          message: 'line one\nline two',
          nextRunAt: null,
        });
        expect((await jobsOnHost()).find(({ id }) => id === job.id)).toMatchObject({
          name: 'Пауза',
          enabled: false,
        });
        expect(
          await change({
            enabled: true,
            schedule: { kind: 'every', everyMs: 86_400_000 },
            sessionTarget: 'main',
          }),
        ).toMatchObject({
          schedule: { kind: 'every', everyMs: 86_400_000 },
          sessionTarget: 'main',
          message: 'line one\nline two',
        });
        expect(await change({ schedule: { kind: 'at', at: '2030-01-01T01:00:00+01:00' } })).toMatchObject({
          schedule: { kind: 'at', at: '2030-01-01T00:00:00.000Z' },
          nextRunAt: '2030-01-01T00:00:00.000Z',
        });
        await api('DELETE /servers/:id/openclaw/cron/:jobId', at);
        expect((await jobsOnHost()).map(({ id }) => id)).not.toContain(job.id);
        expect((await jobs()).map(({ id }) => id)).not.toContain(job.id);
      });

      test('that OpenClaw rejects return its own message', async () => {
        const bad = (more: object) =>
          failure(
            api('POST /servers/:id/openclaw/cron', {
              params,
              body: {
                name: 'Buoy test',
                schedule: { kind: 'cron', expr: '0 9 * * *' },
                message: 'x',
                ...more,
              },
            }),
          );
        const expression = await bad({ schedule: { kind: 'cron', expr: 'not cron' } });
        expect(expression).toMatchObject({ status: 422, message: expect.stringContaining('CronPattern') });
        const zone = await bad({ schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Mars/Base' } });
        expect(zone).toMatchObject({ status: 422, message: expect.stringContaining('Mars/Base') });
        const past = await bad({ schedule: { kind: 'at', at: '2020-01-01T00:00:00Z' } });
        expect(past).toMatchObject({ status: 422, message: expect.stringContaining('in the past') });
        expect(await bad({ agentId: 'nobody' })).toMatchObject({
          status: 400,
          details: [{ path: 'agentId', message: expect.any(String) }],
        });
        expect((await jobs()).filter(({ name }) => name === 'Buoy test')).toEqual([]);
      });

      test('return 404 when they do not exist', async () => {
        const at = { params: { ...params, jobId: 'not-there' } };
        const calls = [
          () => api('PUT /servers/:id/openclaw/cron/:jobId', { ...at, body: { enabled: false } }),
          () => api('DELETE /servers/:id/openclaw/cron/:jobId', at),
          () => api('POST /servers/:id/openclaw/cron/:jobId/run', at),
          () => api('GET /servers/:id/openclaw/cron/:jobId/runs', at),
        ];
        for (const call of calls)
          expect(await failure(call())).toMatchObject({ status: 404, code: 'not_found' });
      });

      test('run on demand, list their runs, and count the usage', async () => {
        const job = await add({});
        const at = { params: { ...params, jobId: job.id } };
        expect((await api('GET /servers/:id/openclaw/cron/:jobId/runs', at)).runs).toEqual([]);
        // OpenClaw skips a run when a busy model does not answer at once.
        const [run, ended] = await until(TURN_MS, async () => {
          const { run: queued } = await api('POST /servers/:id/openclaw/cron/:jobId/run', at);
          expect(queued).toEqual({ id: expect.any(String), jobId: job.id });
          const found = await until(TURN_MS, async () => {
            const { runs } = await api('GET /servers/:id/openclaw/cron/:jobId/runs', at);
            return runs.find(({ id }) => id === queued.id) ?? null;
          });
          return found.status !== 'skipped' && ([queued, found] as const);
        });
        expect(ended).toMatchObject({
          id: run.id,
          status: 'ok',
          error: null,
          summary: expect.stringContaining('FAKE-REPLY'),
          delivered: null,
        });
        expect((await jobs()).find(({ id }) => id === job.id)).toMatchObject({
          lastRun: { at: ended.at, status: 'ok', error: null },
        });
        const page = await api('GET /servers/:id/openclaw/cron/:jobId/runs', { ...at, query: { limit: 1 } });
        expect(page).toMatchObject({ runs: [{ id: run.id }] });
        expect(
          await failure(api('GET /servers/:id/openclaw/cron/:jobId/runs', { ...at, query: { cursor: 'x' } })),
        ).toMatchObject({ status: 400 });

        // OpenClaw caches its sums for half a minute.
        await until(90_000, async () => {
          const { usage } = await api('GET /servers/:id/openclaw/usage', { params });
          const onHost = await fixture.cli(['gateway', 'usage-cost', '--all-agents', '--json'], cliUsage);
          const { input, output, tokens, costUsd } = usage.totals;
          const same =
            usage.fresh &&
            input === onHost.totals.input &&
            output === onHost.totals.output &&
            tokens === onHost.totals.totalTokens &&
            costUsd === onHost.totals.totalCost;
          return same && tokens > 0 && usage.byModel.some(({ tokens: used }) => used > 0);
        });
      });
    });

    describe('usage', () => {
      test('returns the requested days by day, model and agent', async () => {
        const today = new Date().toISOString().slice(0, 10);
        // The gateway counts anew beside its answer.
        const { usage, source } = await until(10_000, async () => {
          const answer = await api('GET /servers/:id/openclaw/usage', {
            params,
            query: { from: today, to: today },
          });
          return answer.usage.fresh && answer;
        });
        expect(source).toBe('gateway');
        expect(usage).toMatchObject({ from: today, to: today, fresh: true });
        expect(usage.byDay.map(({ date }) => date)).toEqual([today]);
        expect(usage.byDay[0]).toMatchObject({ tokens: usage.totals.tokens, input: usage.totals.input });
        const sum = (list: ReadonlyArray<{ tokens: number }>) =>
          list.reduce((all, { tokens }) => all + tokens, 0);
        expect(sum(usage.byModel)).toBe(usage.totals.tokens);
        expect(sum(usage.byAgent)).toBe(usage.totals.tokens);
      });

      test('returns 400 for invalid days', async () => {
        for (const query of [
          { from: '2026-11-25', to: '2026-11-24' },
          { from: '2024-01-01', to: '2026-01-01' },
          { from: '2026-11-25' },
          { from: '2026-13-01', to: '2026-13-02' },
        ])
          expect(await failure(api('GET /servers/:id/openclaw/usage', { params, query }))).toMatchObject({
            status: 400,
          });
      });
    });

    describe('logs', () => {
      const read = (query: object = {}) => api('GET /servers/:id/openclaw/logs', { params, query });
      /** A call that the gateway writes to its log, under a unique name. */
      const writeToLog = async () => {
        const name = `buoy.${crypto.randomUUID().slice(0, 8)}`;
        await fixture.cli(['gateway', 'call', name, '--json'], z.unknown());
        return name;
      };

      test('match the command, filtered by number, level and text', async () => {
        const name = await writeToLog();
        const { logs, source } = await read({ q: name });
        expect(source).toBe('gateway');
        expect(logs.lines.length).toBeGreaterThan(0);
        for (const line of logs.lines) {
          expect(line.message).toContain(name);
          expect(line).toMatchObject({ at: expect.any(String), subsystem: expect.any(String) });
        }
        const { stdout } = await fixture.host.exec(
          'PATH=/opt/node24/bin:$PATH openclaw --no-color logs --json --limit 50',
          { user: 'deploy' },
        );
        expect(stdout).toContain(name);
        expect((await read({ lines: 3 })).logs.lines).toHaveLength(3);
        const { logs: bad } = await read({ level: 'warn', lines: 2_000 });
        for (const { level } of bad.lines) expect(['warn', 'error', 'fatal']).toContain(level);
        expect(logs.file).toMatch(/^\/tmp\/openclaw.*\.log$/);
        expect(JSON.stringify(await read({ lines: 2_000 }))).not.toContain(fixture.host.gatewayToken);
      });

      test('are followed live by several readers and resume without a loss', async () => {
        const stream = (headers: Record<string, string> = {}) =>
          followEvents(fixture.live, `/servers/${fixture.serverId}/openclaw/logs/stream?lines=1`, headers);
        const [one, two] = [await stream(), await stream()];
        const name = await writeToLog();
        const has = (event: { event: string; data: unknown }) =>
          event.event === 'line' && JSON.stringify(event.data).includes(name);
        const seen = await one.until(has);
        expect(await two.until(has)).toMatchObject({ data: seen.data, id: seen.id });
        await two.close();
        const missed = await writeToLog();
        await one.until(({ data }) => JSON.stringify(data).includes(missed));
        const again = await stream({ 'last-event-id': seen.id ?? '' });
        const events = await again.allUntil(({ data }) => JSON.stringify(data).includes(missed));
        expect(events.map(({ event }) => event)).not.toContain('reset');
        expect(events.some(has)).toBe(false);
        await again.close();
        await one.close();
      });
    });

    test.runIf(isLongRun)('the security audit matches the command and is not run twice', async () => {
      const read = async (fresh: 'true' | 'false' = 'false') =>
        api('GET /servers/:id/openclaw/security-audit', { params, query: { fresh } });
      const [first, same] = await Promise.all([read(), read()]);
      expect(same).toEqual(first);
      expect(first.source).toBe('cli');
      const onHost = await fixture.cli(['security', 'audit', '--json'], cliAudit);
      const names = (list: ReadonlyArray<{ id: string; severity: string }>) =>
        list.map(({ id, severity }) => `${severity} ${id}`).sort();
      expect(names(first.audit.findings)).toEqual(
        names(onHost.findings.map(({ checkId, severity }) => ({ id: checkId, severity }))),
      );
      expect(first.audit.summary).toEqual({
        critical: onHost.summary.critical,
        warn: onHost.summary.warn,
        info: onHost.summary.info,
      });
      const startedAt = performance.now();
      expect(await read('true')).toEqual(first);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    });
  },
);
