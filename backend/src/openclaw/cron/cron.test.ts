// Calls to the scheduler, and how its answers and refusals are translated.
import { newCronJob } from '@buoy/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditRecorder } from '../../audit/audit-recorder.ts';
import { AppError } from '../../lib/app-error.ts';
import { type CalledGateways, createCalledGateways, readerOf, refused } from '../testing/called-gateways.ts';
import { createOpenclawCron, type OpenclawCron } from './cron.ts';

const { signal } = new AbortController();
let noted: unknown[];
const audit = { note: (note: unknown) => void noted.push(note) } as unknown as AuditRecorder;
const options = { signal, audit };

const stored = {
  id: 'j1',
  name: 'Report',
  enabled: true,
  agentId: 'main',
  schedule: { kind: 'cron', expr: '0 9 * * *' },
  sessionTarget: 'isolated',
  payload: { kind: 'agentTurn', message: 'write it' },
  delivery: { mode: 'none' },
};
const wanted = newCronJob.parse({
  name: 'Report',
  schedule: { kind: 'cron', expr: '0 9 * * *' },
  message: 'write it',
});

let gateways: CalledGateways;
let cron: OpenclawCron;
let job: object;
beforeEach(() => {
  noted = [];
  job = stored;
  gateways = createCalledGateways();
  gateways.methods['cron.get'] = () => job;
  gateways.methods['cron.add'] = () => stored;
  gateways.methods['cron.update'] = ({ patch }) => ({ ...job, ...(patch as object) });
  gateways.methods['cron.remove'] = () => ({ ok: true, removed: true });
  gateways.methods['agents.list'] = () => ({ agents: [{ id: 'main' }] });
  cron = createOpenclawCron({ gateways, reader: readerOf(gateways) });
});
const lastCall = () => gateways.calls.at(-1);

test('cron jobs › reads the list page by page', async () => {
  const pages = [
    { jobs: [stored, { ...stored, id: 'j2' }], hasMore: true, nextOffset: 2 },
    { jobs: [{ ...stored, id: 'j3' }], hasMore: false, nextOffset: null },
  ];
  gateways.methods['cron.list'] = () => pages.shift();
  const { jobs } = await cron.list('s1', { signal });
  expect(jobs.map(({ id }) => id)).toEqual(['j1', 'j2', 'j3']);
  expect(gateways.calls.map(({ params }) => params.offset)).toEqual([0, 2]);
});

describe('changing where a cron job delivers', () => {
  const to = 'https://hooks.example.com/services/s3cr3t';
  const change = (address: string) =>
    cron.change('s1', 'j1', { delivery: { mode: 'webhook', to: address } }, options);

  test.each(['webhook', 'none'])(
    'keeps the address that comes back as it was shown, after %s',
    async (mode) => {
      job = { ...stored, delivery: { mode, to } };
      expect((await change('https://hooks.example.com/***')).delivery.to).toBe(
        'https://hooks.example.com/***',
      );
      expect(lastCall()?.params.patch).toEqual({ delivery: { mode: 'webhook', to } });
      await change('https://other.example.com/x');
      expect(lastCall()?.params.patch).toEqual({
        delivery: { mode: 'webhook', to: 'https://other.example.com/x' },
      });
    },
  );

  test('refuses an address that was edited in the part that shows, and its hidden part left', async () => {
    job = { ...stored, delivery: { mode: 'webhook', to } };
    await expect(change('https://other.example.com/***')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('creating a cron job', () => {
  test('announces nothing by default, because OpenClaw would try and fail', async () => {
    await cron.add('s1', wanted, options);
    expect(lastCall()).toEqual({
      method: 'cron.add',
      params: {
        name: 'Report',
        enabled: true,
        schedule: { kind: 'cron', expr: '0 9 * * *' },
        sessionTarget: 'isolated',
        wakeMode: 'now',
        payload: { kind: 'agentTurn', message: 'write it' },
        delivery: { mode: 'none' },
      },
    });
    expect(noted).toEqual([{ target: 'Report', details: { jobId: 'j1' } }]);
  });

  test('for the main session creates a reminder', async () => {
    await cron.add('s1', { ...wanted, sessionTarget: 'main' }, options);
    expect(lastCall()?.params.payload).toEqual({ kind: 'systemEvent', text: 'write it' });
  });

  test('for an unknown agent is refused', async () => {
    await expect(cron.add('s1', { ...wanted, agentId: 'nobody' }, options)).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ path: 'agentId' }],
    });
    expect(lastCall()?.method).toBe('agents.list');
  });

  test('repeats the reason when OpenClaw refuses it', async () => {
    gateways.methods['cron.add'] = () => {
      throw refused("invalid cron.add params: CronPattern: invalid configuration format ('x')");
    };
    await expect(cron.add('s1', wanted, options)).rejects.toMatchObject({
      code: 'refused',
      message: "OpenClaw rejected this job: CronPattern: invalid configuration format ('x')",
    });
  });

  test('passes on any other error', async () => {
    gateways.methods['cron.add'] = () => {
      throw new AppError('gateway_unavailable', 'The gateway is restarting.');
    };
    await expect(cron.add('s1', wanted, options)).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });
});

describe('changing a cron job', () => {
  test('sends only the changed fields', async () => {
    await cron.change('s1', 'j1', { enabled: false }, options);
    expect(lastCall()?.params).toEqual({ id: 'j1', patch: { enabled: false } });
    expect(noted).toEqual([{ target: 'Report', details: { jobId: 'j1', fields: ['enabled'] } }]);
  });

  test('keeps the kind of its text', async () => {
    job = { ...stored, sessionTarget: 'main', payload: { kind: 'systemEvent', text: 'old' } };
    await cron.change('s1', 'j1', { message: 'new' }, options);
    expect(lastCall()?.params.patch).toEqual({ payload: { kind: 'systemEvent', text: 'new' } });
  });

  test('to another session sends the text in its new kind', async () => {
    await cron.change('s1', 'j1', { sessionTarget: 'main' }, options);
    expect(lastCall()?.params.patch).toEqual({
      sessionTarget: 'main',
      payload: { kind: 'systemEvent', text: 'write it' },
    });
  });

  test('without changes sends nothing', async () => {
    await expect(cron.change('s1', 'j1', {}, options)).resolves.toMatchObject({ id: 'j1' });
    expect(lastCall()?.method).toBe('cron.get');
  });

  test('that OpenClaw manages itself is a conflict, and so is its removal', async () => {
    job = { ...stored, declarationKey: 'heartbeat:main' };
    await expect(cron.change('s1', 'j1', { enabled: false }, options)).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(cron.remove('s1', 'j1', options)).rejects.toMatchObject({ code: 'conflict' });
    expect(gateways.calls.map(({ method }) => method)).toEqual(['cron.get', 'cron.get']);
  });
});

test.each([
  refused('Automation not found: j1. List automations and retry.', { code: 'CRON_JOB_NOT_FOUND' }),
  refused('cron job not found: j1'),
  refused('invalid cron.run params: id not found'),
])('cron jobs › returns not_found for an unknown job, whatever the version calls it: %s', async (refusal) => {
  const refuse = () => {
    throw refusal;
  };
  for (const method of ['cron.get', 'cron.run', 'cron.runs']) gateways.methods[method] = refuse;
  for (const call of [
    () => cron.change('s1', 'j1', {}, options),
    () => cron.remove('s1', 'j1', options),
    () => cron.run('s1', 'j1', { signal }),
    () => cron.runs('s1', 'j1', { limit: 50 }, { signal }),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'not_found' });
});

describe('running a cron job', () => {
  test('returns the id of the run', async () => {
    gateways.methods['cron.run'] = () => ({ ok: true, enqueued: true, runId: 'manual:j1:1' });
    await expect(cron.run('s1', 'j1', { signal })).resolves.toEqual({ id: 'manual:j1:1', jobId: 'j1' });
  });

  test('is a conflict with the reason when OpenClaw did not start it', async () => {
    gateways.methods['cron.run'] = () => ({ ok: true, ran: false, reason: 'already-running' });
    await expect(cron.run('s1', 'j1', { signal })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('already-running'),
    });
  });
});

describe('runs of a cron job', () => {
  test('continue where the previous page ended', async () => {
    gateways.methods['cron.runs'] = () => ({
      entries: [{ ts: 1, runAtMs: 1, status: 'ok' }],
      hasMore: true,
      nextOffset: 8,
    });
    const { runs, nextCursor } = await cron.runs('s1', 'j1', { limit: 1, cursor: '7' }, { signal });
    expect(runs).toHaveLength(1);
    expect(nextCursor).toBe('8');
    expect(lastCall()?.params).toEqual({ id: 'j1', limit: 1, offset: 7 });
  });

  test('are empty for a job without runs, and not_found for an unknown job', async () => {
    gateways.methods['cron.runs'] = () => ({ entries: [], hasMore: false, nextOffset: null });
    await expect(cron.runs('s1', 'j1', { limit: 50 }, { signal })).resolves.toMatchObject({
      runs: [],
      nextCursor: null,
    });
    gateways.methods['cron.get'] = () => {
      throw refused('cron job not found: j1');
    };
    await expect(cron.runs('s1', 'j1', { limit: 50 }, { signal })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('are refused for a cursor of another list', () => {
    expect(() => cron.runs('s1', 'j1', { limit: 50, cursor: 'x' }, { signal })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });
});
