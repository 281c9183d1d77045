// From a message of the bot to a repaired gateway on a real host, with two presses.
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type FakeBotApiServer, startFakeBotApiServer } from '../../testbed/fake-bot-api-server.ts';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { within } from '../../testbed/until.ts';
import { currentVersion, type OpenclawFixture, openclawFixture } from './support/openclaw-fixture.ts';

/** Milliseconds from a problem to its message. */
const TOLD_MS = 15_000;
/** Milliseconds: a start takes 6 to 40 s on a busy machine, OpenClaw's own repair as long again. */
const REPAIR_MS = 180_000;
const ada = { id: 4_242, firstName: 'Ada' };

describe.skipIf(inject('hostsMissing') !== '')('a message of the bot', () => {
  let telegram: FakeBotApiServer;
  let fixture: OpenclawFixture;

  beforeAll(async () => {
    telegram = await startFakeBotApiServer();
    fixture = await openclawFixture(currentVersion, {
      ...{ TELEGRAM_BOT_TOKEN: BOT_TOKEN, TELEGRAM_API_ROOT: telegram.url },
    });
    const params = { id: fixture.serverId };
    await fixture.live.api('POST /servers/:id/access', {
      params,
      body: { userId: String(ada.id), role: 'admin' },
    });
    const api = createClient({ baseUrl: `${fixture.live.process().url}/api`, token: () => null });
    const initData = forgeInitData({ id: ada.id, first_name: ada.firstName }, BOT_TOKEN);
    await api('POST /auth/telegram', { body: { initData } });
    telegram.say(BOT_TOKEN, ada, '/start');
    await untilTold('Hello, Ada.');
  });
  afterAll(async () => {
    await fixture?.host.fault('mend-config');
    await fixture?.host.fault('none');
    await fixture?.host.waitGateway();
    await fixture?.close();
    await telegram?.stop();
  });

  const told = () => telegram.textsTo(BOT_TOKEN, ada.id);
  /** Until the bot has sent something with these words, behind the first `after` messages. */
  const untilTold = (words: string, deadlineMs = TOLD_MS, after = 0) =>
    within(deadlineMs, async () =>
      told()
        .slice(after)
        .some((text) => text.includes(words)),
    );
  const press = (data: string) => telegram.press(BOT_TOKEN, ada, data, { messageId: told().length });
  const onHost = async (command: string) =>
    (await fixture.host.exec(command, { user: 'deploy' })).stdout.trim();

  test('tells within 15 s that a gateway is down, and restarts it with two presses', {
    timeout: 400_000,
  }, async () => {
    await fixture.host.fault('gateway-stop');
    await untilTold('Gateway is down');
    const before = told().length;
    press(`repair:${fixture.serverId}`);
    await untilTold('systemctl --user restart openclaw-gateway.service', TOLD_MS, before);
    press(`run:${fixture.serverId}:restart`);
    await untilTold('The gateway works again.', REPAIR_MS, before);
    expect(await onHost('systemctl --user is-active openclaw-gateway')).toBe('active');
    await untilTold('Resolved', TOLD_MS, before);
  });

  test('offers OpenClaw’s own repair where a restart does not help against a broken config', {
    timeout: 600_000,
  }, async () => {
    // OpenClaw 2026.9.6 does not start with a key that it does not know, and its own repair removes it.
    await onHost(`sed -i 's/"gateway": {/"gateway": { "nonsense": 1,/' .openclaw/openclaw.json`);
    const before = told().length;
    press(`run:${fixture.serverId}:restart`);
    await untilTold('It did not help.', REPAIR_MS, before);
    press(`run:${fixture.serverId}:doctor`);
    await untilTold('The gateway works again.', REPAIR_MS, before);
    expect(await onHost('systemctl --user is-active openclaw-gateway')).toBe('active');
  });

  test('answers with the words of an agent that is asked', { timeout: 200_000 }, async () => {
    const before = told().length;
    const { server } = await fixture.live.api('GET /servers/:id', { params: { id: fixture.serverId } });
    // A server that somebody else has given is asked by its name alone.
    telegram.say(BOT_TOKEN, ada, `/ask main@${server.name} Say hello to the bot.`);
    await untilTold('is working …', 30_000, before);
    await within(120_000, async () => told().length >= before + 2);
    expect(told()[before + 1]).not.toContain('It ended without an answer.');
  });
});
