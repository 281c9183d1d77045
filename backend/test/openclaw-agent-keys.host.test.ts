// API keys of model providers on real gateways: never shown whole, for one agent or shared by all.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { until } from '../../testbed/until.ts';
import { type AgentsFixture, agentsFixture, home } from './support/agents-fixture.ts';
import { usualVersions } from './support/openclaw-fixture.ts';

/** Different in each run: OpenClaw remembers the workspaces of an interrupted run. */
const AGENT = `suite-${Date.now().toString(36)}-keys`;

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions)(
  'provider keys of OpenClaw $version',
  { timeout: 180_000 },
  (openclaw) => {
    const isCurrent = openclaw.version === '2026.9.6';
    let fixture: AgentsFixture;
    const ask = (method: string, path: string, body?: unknown) => fixture.ask(method, path, body);
    const onHost = (command: string) => fixture.onHost(command);
    const ofAgent = () => ({ id: fixture.serverId, agentId: AGENT });

    beforeAll(async () => {
      fixture = await agentsFixture(openclaw);
      await ask('DELETE', '/agents/main/keys/anthropic');
      expect(await ask('POST', '/agents', { id: AGENT })).toMatchObject({ status: 201 });
      // 2026.7.35 reads its whole config again for a new agent, and on a busy machine misses the next change meanwhile.
      await until(60_000, async () => (await ask('GET', `/agents/${AGENT}/keys`)).status === 200);
    }, 300_000);
    afterAll(async () => {
      if (fixture === undefined) return;
      await ask('DELETE', '/agents/main/keys/anthropic');
      await ask('DELETE', `/agents/${AGENT}?deleteFiles=true`);
      await fixture.close();
    }, 120_000);

    test('keys are saved, shown masked only, and removed', async () => {
      const key = 'sk-ant-api03-suite-0123456789-abcdefghij-wxyz';
      const path = `/agents/${AGENT}/keys/anthropic`;
      const read = async () => (await ask('GET', `/agents/${AGENT}/keys`)).answer;
      expect(await read()).toMatchObject({
        keys: expect.arrayContaining([expect.objectContaining({ provider: 'fake', source: 'config' })]),
      });
      if (!isCurrent) {
        expect(await ask('PUT', path, { apiKey: key })).toMatchObject({
          status: 422,
          answer: { code: 'unsupported' },
        });
        expect((await ask('DELETE', path)).status).toBe(404);
        expect(await ask('POST', `/agents/${AGENT}/keys/fake/test`)).toMatchObject({ status: 422 });
        return;
      }
      expect(await ask('PUT', path, { apiKey: key })).toMatchObject({
        status: 200,
        answer: {
          key: {
            provider: 'anthropic',
            masked: 'sk-…wxyz',
            type: 'api_key',
            scope: 'agent',
            source: 'store',
          },
        },
      });
      expect((await ask('GET', path)).answer).toMatchObject({ key: { masked: 'sk-…wxyz' } });
      const said = await onHost(`grep -c "${key}" ${home}/openclaw.json`);
      expect(said.stdout.trim()).toBe('0');
      const shown = JSON.stringify([await read(), fixture.live.printed()]);
      expect(shown).not.toContain(key);
      expect(shown).not.toContain('abcdefghij');
      expect((await ask('PUT', `/agents/${AGENT}/keys/no-such-provider`, { apiKey: key })).status).toBe(404);
      expect(await ask('DELETE', `/agents/${AGENT}/keys/fake`)).toMatchObject({ status: 409 });
      expect((await ask('POST', `/agents/${AGENT}/keys/fake/test`)).answer).toMatchObject({
        test: { ok: true, status: 'ok' },
      });
      const { live } = fixture;
      await live.api('DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider', {
        params: { ...ofAgent(), provider: 'anthropic' },
      });
      expect((await ask('GET', path)).status).toBe(404);
    });

    test.skipIf(!isCurrent)(
      'a key of the default agent is shared: any agent can replace and remove it for all',
      async () => {
        const place = 'keys/anthropic';
        const apiKey = 'sk-ant-api03-shared-0123456789-abcdefghij-stuv';
        expect(await ask('PUT', `/agents/main/${place}`, { apiKey })).toMatchObject({
          answer: { key: { scope: 'gateway', masked: 'sk-…stuv' } },
        });
        expect(await ask('GET', `/agents/${AGENT}/${place}`)).toMatchObject({
          answer: { key: { scope: 'gateway', masked: 'sk-…stuv' } },
        });
        const replaced = 'sk-ant-api03-shared-0123456789-abcdefghij-qrst';
        expect(await ask('PUT', `/agents/${AGENT}/${place}`, { apiKey: replaced })).toMatchObject({
          answer: { key: { scope: 'gateway', masked: 'sk-…qrst' } },
        });
        expect(await ask('GET', `/agents/main/${place}`)).toMatchObject({
          answer: { key: { masked: 'sk-…qrst' } },
        });
        expect((await ask('DELETE', `/agents/${AGENT}/${place}`)).status).toBe(204);
        for (const agentId of [AGENT, 'main'])
          expect((await ask('GET', `/agents/${agentId}/${place}`)).status).toBe(404);
      },
    );
  },
);
