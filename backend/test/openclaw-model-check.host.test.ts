// The model test through the API on a real gateway, which removes afterwards what it created.
import type { ModelCheck } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { isLongRun } from '../../testbed/long-run.ts';
import { type OpenclawFixture, openclawFixture, usualVersions } from './support/openclaw-fixture.ts';

const sessionsList = z.looseObject({ sessions: z.array(z.looseObject({ key: z.string() })) });

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'model test of OpenClaw $version',
  (version) => {
    let fixture: OpenclawFixture;

    beforeAll(async () => {
      fixture = await openclawFixture(version);
    });
    afterAll(() => fixture?.live.close());

    const check = async (body: { provider?: string }): Promise<ModelCheck> =>
      (
        await fixture.live.api('POST /servers/:id/openclaw/model-check', {
          params: { id: fixture.serverId },
          body,
        })
      ).check;
    const sessionKeys = async () =>
      (await fixture.cli(['sessions', '--json', '--all-agents'], sessionsList)).sessions
        .map(({ key }) => key)
        .filter((key) => key.includes('buoy-check'));

    test.for([{}, { provider: 'fake' }])('succeeds with the body %j', async (body) => {
      expect(await check(body)).toEqual({
        ok: true,
        status: 'ok',
        provider: 'fake',
        model: 'fake-1',
        latencyMs: expect.any(Number),
        detail: 'The model answers.',
      });
      expect(await sessionKeys()).toEqual([]);
    });

    test('names a provider that is not set up as the reason', async () => {
      expect(await check({ provider: 'no-such-provider' })).toMatchObject({
        ok: false,
        status: 'no_model',
        provider: 'no-such-provider',
        detail: expect.stringMatching(/^No model is set up for this provider\./),
      });
      expect(await sessionKeys()).toEqual([]);
    });

    test.runIf(isLongRun)('fails when the model server is down', async () => {
      const pid = (await fixture.host.exec('pgrep -f fake-model-server')).stdout.trim().split('\n')[0];
      expect(pid).toMatch(/^\d+$/);
      await fixture.host.exec(`kill -STOP ${pid}`);
      try {
        const { ok, status, detail } = await check({});
        expect({ ok, status }).toEqual({ ok: false, status: 'timeout' });
        expect(detail).toMatch(/^The provider did not answer in time/);
      } finally {
        await fixture.host.exec(`kill -CONT ${pid}`);
      }
      expect(await check({})).toMatchObject({ ok: true });
      expect(await sessionKeys()).toEqual([]);
    });
  },
);
