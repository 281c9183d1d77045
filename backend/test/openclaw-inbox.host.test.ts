// Channels, pairing, approvals and the inbox with a real Telegram channel whose Bot API server is a fake, on both versions.
import { randomInt } from 'node:crypto';
import { ApiError } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../testbed/until.ts';
import {
  apart,
  currentVersion,
  type OpenclawFixture,
  openclawFixture,
  usualVersions,
} from './support/openclaw-fixture.ts';
import { botToken, type TelegramFixture, telegramFixture } from './support/openclaw-telegram.ts';

const pairingList = z.looseObject({ requests: z.array(z.looseObject({ id: z.string() })) });

/** The status and code of a refused call. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; code: string }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`not refused: ${error}`);
  return { status: error.status, code: error.code };
}

describe.skipIf(inject('hostsMissing') !== '').for(usualVersions.map((version) => apart(version, 'inbox')))(
  'inbox of OpenClaw $version',
  (version) => {
    const isCurrent = version.version === currentVersion.version;
    let fixture: OpenclawFixture;
    let telegram: TelegramFixture;
    let params: { id: string };
    const api: OpenclawFixture['live']['api'] = (key, ...input) => fixture.live.api(key, ...input);

    beforeAll(async () => {
      fixture = await openclawFixture(version);
      params = { id: fixture.serverId };
    });
    afterAll(async () => {
      await telegram?.close();
      await fixture?.close();
    });

    /** A new person each time: hosts remember whom they have paired. */
    const stranger = () => ({ id: randomInt(10_000_000, 99_999_999), firstName: 'Anna', username: 'anna_k' });
    const waitingFrom = async (id: number) => {
      const { requests } = await api('GET /servers/:id/openclaw/pairing', { params });
      return requests.find(({ from }) => from.id === String(id)) ?? null;
    };
    const listedByCommand = async (id: number) => {
      const { requests } = await fixture.cli(['pairing', 'list', 'telegram', '--json'], pairingList);
      return requests.some((request) => request.id === String(id));
    };

    describe('without channels', () => {
      test('the lists are empty and come straight from the gateway', async () => {
        const [channels, pairing, approvals] = await Promise.all([
          api('GET /servers/:id/openclaw/channels', { params }),
          api('GET /servers/:id/openclaw/pairing', { params }),
          api('GET /servers/:id/openclaw/approvals', { params }),
        ]);
        expect(channels).toMatchObject({ channels: [], source: 'gateway' });
        expect(pairing).toMatchObject({ requests: [], source: 'gateway' });
        expect(approvals).toMatchObject({ approvals: [], source: 'gateway' });
        expect(await api('GET /inbox', {})).toEqual({ items: [], accessRequests: [], unreachable: [] });
      });

      test('returns 404 for unknown channels, requests and approvals', async () => {
        const channel = { params: { ...params, channelId: 'telegram' }, body: {} };
        expect(await refusal(api('POST /servers/:id/openclaw/channels/:channelId/start', channel))).toEqual({
          status: 404,
          code: 'not_found',
        });
        const request = { params: { ...params, requestId: 'nobody' } };
        expect(await refusal(api('POST /servers/:id/openclaw/pairing/:requestId/approve', request))).toEqual({
          status: 404,
          code: 'not_found',
        });
        const command = {
          params: { ...params, approvalId: '00000000-0000-4000-8000-000000000000' },
          body: { decision: 'deny' as const },
        };
        expect(
          await refusal(api('POST /servers/:id/openclaw/approvals/:approvalId/resolve', command)),
        ).toEqual({ status: 404, code: 'not_found' });
      });
    });

    describe('with a Telegram channel', () => {
      beforeAll(async () => {
        telegram = await telegramFixture(fixture);
      });

      const untilState = (state: string) =>
        until(60_000, async () => {
          const { channels } = await api('GET /servers/:id/openclaw/channels', { params });
          return channels.find((channel) => channel.id === 'telegram' && channel.state === state) ?? null;
        });

      test('it is listed as connected', async () => {
        expect(await untilState('connected')).toMatchObject({
          account: 'default',
          enabled: true,
          configured: true,
          error: null,
        });
      });

      test('a token that Telegram refuses is refused in its words, and the bot stays connected', async () => {
        telegram.bots.failNext('getMe', { code: 401, description: 'Unauthorized' });
        const body = { type: 'telegram', botToken: `${botToken}x` } as const;
        await expect(api('POST /servers/:id/setup/channel', { params, body })).rejects.toMatchObject({
          ...{ code: 'provider_refused', message: 'Telegram refuses the token: Unauthorized.' },
        });
        await untilState('connected');
        expect(telegram.bots.isPolled(botToken)).toBe(true);
      });

      test('its token is in no log, no audit entry and no revision of the config', async () => {
        const [{ entries }, { revisions }] = await Promise.all([
          api('GET /admin/audit', { query: { limit: 100 } }),
          api('GET /servers/:id/openclaw/config/history', { params, query: {} }),
        ]);
        expect(JSON.stringify(entries)).toContain('/setup/channel');
        const kept = JSON.stringify([entries, revisions]) + fixture.live.printed();
        expect(kept).not.toContain('AAFakeToken');
      });

      test('it stops and starts again, together with the bot', async () => {
        const target = { params: { ...params, channelId: 'telegram' }, body: { account: 'default' } };
        const stopped = await api('POST /servers/:id/openclaw/channels/:channelId/stop', target);
        expect(stopped.channel.id).toBe('telegram');
        await until(30_000, async () => !telegram.bots.isPolled(botToken));
        await untilState('stopped');
        await api('POST /servers/:id/openclaw/channels/:channelId/start', { ...target, body: {} });
        await until(60_000, async () => telegram.bots.isPolled(botToken));
        await untilState('connected');
      });

      test('a stranger who writes appears in the lists, is approved, and gets answers from then on', async () => {
        const anna = stranger();
        telegram.bots.say(botToken, anna, 'hello');
        const request = await until(60_000, () => waitingFrom(anna.id));
        expect(request).toMatchObject({
          kind: 'dm',
          channel: 'telegram',
          account: 'default',
          from: { id: String(anna.id), name: 'Anna @anna_k' },
          device: null,
        });
        expect(Date.parse(request.expiresAt ?? '') - Date.parse(request.requestedAt ?? '')).toBe(3_600_000);
        expect(await listedByCommand(anna.id)).toBe(true);
        const inbox = await api('GET /inbox', {});
        expect(inbox.unreachable).toEqual([]);
        expect(inbox.items).toContainEqual({
          type: 'pairing',
          serverId: fixture.serverId,
          serverName: expect.any(String),
          pairing: request,
        });

        const target = { params: { ...params, requestId: request.id } };
        const both = await Promise.all([
          api('POST /servers/:id/openclaw/pairing/:requestId/approve', target),
          api('POST /servers/:id/openclaw/pairing/:requestId/approve', target),
        ]);
        expect(both.map(({ already }) => already).sort()).toEqual([false, true]);
        expect(both[0]).toMatchObject({
          decision: 'approved',
          request: { id: request.id, from: request.from },
        });
        expect(await refusal(api('POST /servers/:id/openclaw/pairing/:requestId/reject', target))).toEqual({
          status: 409,
          code: 'conflict',
        });
        expect(await waitingFrom(anna.id)).toBeNull();
        expect(await listedByCommand(anna.id)).toBe(false);
        expect((await api('GET /inbox', {})).items).toEqual([]);

        telegram.bots.say(botToken, anna, 'hello again');
        await until(60_000, async () =>
          telegram.bots.textsTo(botToken, anna.id).some((text) => text.includes('hello again')),
        );
      });

      test(
        isCurrent
          ? 'a rejected stranger disappears from the lists'
          : 'rejecting a stranger returns 422 on this version',
        async () => {
          const eve = { ...stranger(), firstName: 'Eve', username: 'eve' };
          telegram.bots.say(botToken, eve, 'let me in');
          const { id } = await until(60_000, () => waitingFrom(eve.id));
          const target = { params: { ...params, requestId: id } };
          const reject = () => api('POST /servers/:id/openclaw/pairing/:requestId/reject', target);
          if (!isCurrent) {
            expect(await refusal(reject())).toEqual({ status: 422, code: 'unsupported' });
            // Leaves no waiting request on this host.
            await api('POST /servers/:id/openclaw/pairing/:requestId/approve', target);
            return;
          }
          expect(await reject()).toMatchObject({ decision: 'rejected', already: false });
          expect(await reject()).toMatchObject({ decision: 'rejected', already: true });
          expect(await waitingFrom(eve.id)).toBeNull();
          expect(await refusal(api('POST /servers/:id/openclaw/pairing/:requestId/approve', target))).toEqual(
            {
              status: 409,
              code: 'conflict',
            },
          );
        },
      );
    });

    describe('with a policy that always asks', () => {
      const sessionKeys = ['allowed', 'denied'].map(
        (word) => `agent:main:buoy-${word}-${randomInt(1_000_000)}`,
      ) as [string, string];
      const [allowedKey, deniedKey] = sessionKeys;
      const storedPolicy = z.looseObject({
        file: z.looseObject({ defaults: z.looseObject({ ask: z.string().optional() }).optional() }),
      });

      beforeAll(async () => {
        const { policy } = await api('GET /servers/:id/openclaw/exec-policy', { params });
        expect(policy.defaults).toEqual({ security: null, ask: null });
        const changed = await api('PUT /servers/:id/openclaw/exec-policy', {
          params,
          body: { defaults: { security: 'allowlist', ask: 'always' }, hash: policy.hash ?? undefined },
        });
        expect(changed.policy.defaults).toEqual({ security: 'allowlist', ask: 'always' });
      });
      afterAll(async () => {
        await api('PUT /servers/:id/openclaw/exec-policy', {
          params,
          body: { defaults: { security: null, ask: null } },
        });
        for (const key of sessionKeys)
          await api('DELETE /servers/:id/openclaw/sessions/:key', { params: { ...params, key } });
      });

      const say = (key: string, text: string) =>
        api('POST /servers/:id/openclaw/sessions/:key/messages', {
          params: { ...params, key },
          body: { text },
        });
      const commandsInInbox = async () => {
        const { items } = await api('GET /inbox', {});
        return items.flatMap((item) => (item.type === 'approval' ? [item] : []));
      };
      const untilWaits = (word: string) =>
        until(
          40_000,
          async () =>
            (await commandsInInbox()).find(({ approval }) => approval.command.includes(word)) ?? null,
        );
      const hasSaid = async (key: string, word: string) => {
        const answer = await api('GET /servers/:id/openclaw/sessions/:key/messages', {
          params: { ...params, key },
        });
        return JSON.stringify(answer.messages).includes(word);
      };
      const untilSaid = (key: string, word: string) => until(40_000, () => hasSaid(key, word));

      test('the host has the policy, and a stale change of it is refused', async () => {
        const stored = await fixture.cli(['approvals', 'get', '--json'], storedPolicy);
        expect(stored.file.defaults).toMatchObject({ security: 'allowlist', ask: 'always' });
        const stale = { params, body: { defaults: { ask: 'off' as const }, hash: 'an-old-one' } };
        expect(await refusal(api('PUT /servers/:id/openclaw/exec-policy', stale))).toEqual({
          status: 409,
          code: 'stale_version',
        });
      });

      test('a command of a turn waits in the inbox, is allowed there, and its output arrives', async () => {
        // A plain command: OpenClaw denies at once what it cannot bind an approval to, such as substitutions.
        await say(allowedKey, 'run: expr 40111 + 2');
        const item = await untilWaits('40111');
        const { approval } = item;
        expect(item.serverId).toBe(fixture.serverId);
        expect(approval).toMatchObject({ agentId: 'main', sessionKey: allowedKey, status: 'pending' });
        expect(approval.allowedDecisions).toContain('allow-once');
        const { approvals } = await api('GET /servers/:id/openclaw/approvals', { params });
        expect(approvals).toEqual([approval]);

        const target = { params: { ...params, approvalId: approval.id } };
        const resolve = (decision: 'allow-once' | 'deny') =>
          api('POST /servers/:id/openclaw/approvals/:approvalId/resolve', { ...target, body: { decision } });
        expect(await resolve('allow-once')).toMatchObject({
          decision: 'allow-once',
          already: false,
          approval,
        });
        expect(await resolve('allow-once')).toMatchObject({ decision: 'allow-once', already: true });
        expect(await refusal(resolve('deny'))).toEqual({ status: 409, code: 'conflict' });
        await untilSaid(allowedKey, '40113');
        expect(await commandsInInbox()).toEqual([]);
      });

      test('a denied command does not run', async () => {
        await say(deniedKey, 'run: expr 50111 + 2');
        const item = await untilWaits('50111');
        const target = {
          params: { ...params, approvalId: item.approval.id },
          body: { decision: 'deny' as const },
        };
        expect(await api('POST /servers/:id/openclaw/approvals/:approvalId/resolve', target)).toMatchObject({
          decision: 'deny',
          already: false,
        });
        await untilSaid(deniedKey, 'denied');
        expect(await hasSaid(deniedKey, '50113')).toBe(false);
        expect(await commandsInInbox()).toEqual([]);
      });
    });
  },
);
