// Puts the fake Bot API server behind the Telegram channel of a host's OpenClaw, and removes it again.
import { expect } from 'vitest';
import { z } from 'zod';
import { untilUp } from '../../../testbed/buoy-client.ts';
import { type FakeBotApiServer, startFakeBotApiServer } from '../../../testbed/fake-bot-api-server.ts';
import { until } from '../../../testbed/until.ts';
import type { OpenclawFixture } from './openclaw-fixture.ts';

export const botToken = '700000001:AAFakeTokenOfTheTestBedWithThirtyFiveChars';

export type TelegramFixture = {
  bots: FakeBotApiServer;
  /** Removes the channel from the config, and its files from the disk. */
  close(): Promise<void>;
};

const config = z.looseObject({ hash: z.string().optional() });
/** A connection that a restart ended is not a refusal. */
const patched = z.looseObject({
  error: z.looseObject({ type: z.string().refine((type) => type !== 'gateway_request_error') }).optional(),
});

/** Merges `patch` into the config by OpenClaw's own command; null removes. 2026.7.35 restarts for channels, perhaps before it answers. */
async function patchConfig(
  fixture: OpenclawFixture,
  patch: object,
  replacePaths: string[] = [],
): Promise<void> {
  const { hash } = await fixture.cli(['gateway', 'call', 'config.get', '--params', '{}', '--json'], config);
  const params = JSON.stringify({
    raw: JSON.stringify(patch),
    baseHash: hash,
    ...(replacePaths.length === 0 ? {} : { replacePaths }),
  });
  await fixture.cli(['gateway', 'call', 'config.patch', '--params', params, '--json'], patched);
}

/** Returns once the bot polls and Buoy is connected to the gateway. */
export async function telegramFixture(fixture: OpenclawFixture): Promise<TelegramFixture> {
  // The address of this machine as seen from the host.
  const route = await fixture.host.exec("ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p'");
  const bots = await startFakeBotApiServer({ host: route.stdout.trim() });
  const settled = async () => {
    await fixture.host.waitGateway();
    await untilUp(fixture.live.api, fixture.serverId);
  };
  async function close(): Promise<void> {
    await settled();
    // The command of 2026.7.35 makes the first person whom it approves the owner of OpenClaw's commands.
    const patch = {
      channels: { telegram: null },
      plugins: { entries: { telegram: null } },
      commands: { ownerAllowFrom: null },
    };
    await patchConfig(fixture, patch, ['commands.ownerAllowFrom']);
    await until(60_000, async () => !bots.isPolled(botToken));
    await settled();
    await bots.stop();
  }
  try {
    await patchConfig(fixture, { channels: { telegram: { apiRoot: bots.url, dmPolicy: 'pairing' } } });
    await settled();
    const { channel } = await fixture.live.api('POST /servers/:id/setup/channel', {
      params: { id: fixture.serverId },
      body: { type: 'telegram', botToken },
    });
    expect(channel).toEqual({
      ...{ id: 'telegram', account: 'default', state: 'connected' },
      username: 'test_700000001_bot',
    });
    await until(60_000, async () => bots.isPolled(botToken));
    await settled();
  } catch (error) {
    await close();
    throw error;
  }
  return { bots, close };
}
