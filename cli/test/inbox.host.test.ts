// The inbox on the command line: command approvals of agents, and pairing requests on a Telegram channel.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { apart, currentVersion } from '../../backend/test/support/openclaw-fixture.ts';
import {
  botToken,
  type TelegramFixture,
  telegramFixture,
} from '../../backend/test/support/openclaw-telegram.ts';
import { until } from '../../testbed/until.ts';
import { useCliOnGateway } from './support/cli-on-gateway.ts';

type Item = {
  type: 'pairing' | 'approval';
  pairing?: { id: string; from: { id: string } };
  approval?: { id: string; command: string };
};

describe.skipIf(inject('hostsMissing') !== '')('the inbox', { timeout: 180_000 }, () => {
  const { fixture, cli, server } = useCliOnGateway(apart(currentVersion, 'inbox'));

  const out = async (...words: string[]): Promise<string> => {
    const ran = await cli().buoy(words);
    expect(`${ran.exit} ${ran.err}`).toBe('0 ');
    return ran.out;
  };
  const untilWaits = (is: (item: Item) => boolean) =>
    until(60_000, async () => {
      const { items } = JSON.parse(await out('inbox', 'list', '--json')) as { items: Item[] };
      return items.find(is) ?? null;
    });

  describe('with an exec policy that always asks', () => {
    const key = `agent:main:cli-asks-${randomInt(1_000_000)}`;
    beforeAll(async () => {
      const words = ['--security', 'allowlist', '--ask', 'always', '--yes'];
      expect(await out('openclaw', 'exec-policy', 'set', server, ...words)).toMatch(
        /^AGENT +MAY RUN +ASKS +ALLOWED\nall others +allowlist +always +-\n/,
      );
    });
    afterAll(async () => {
      await out(
        'openclaw',
        'exec-policy',
        'set',
        server,
        '--security',
        'default',
        '--ask',
        'default',
        '--yes',
      );
      await until(50_000, async () => {
        const ran = await cli().buoy(['openclaw', 'sessions', 'delete', server, key, '--yes']);
        return ran.exit === 0;
      });
    });

    test('a command waits, is announced in the conversation, and runs when approved by the beginning of its id; the next is denied', async () => {
      const say = (text: string) => cli().buoy(['openclaw', 'sessions', 'send', server, key, text]);
      const sending = say('run: expr 40111 + 2');
      const { approval } = await untilWaits((item) => item.approval?.command.includes('40111') ?? false);
      const id = approval?.id ?? expect.unreachable('it has an id');
      expect(await out('inbox', 'list')).toMatch(
        new RegExp(
          `^REQUEST.*\n${id} +${server} +\\d+ s ago +- +main wants to run a command\n\n${id}:\n(?: .*\n)*  Command:\n  > expr 40111 \\+ 2\n`,
        ),
      );
      expect(await cli().buoy(['inbox', 'approve', id.slice(0, 8), '--yes'])).toEqual({
        exit: 0,
        out: `Allowed once on ${server}: expr 40111 + 2\n`,
        // The whole request is shown even without a question.
        err: expect.stringContaining('  > expr 40111 + 2\n'),
      });
      const said = await sending;
      expect(said.exit).toBe(0);
      expect(said.err).toContain(`Waiting for your approval: buoy inbox approve ${id}, or deny it\n`);
      await until(40_000, async () =>
        (await out('openclaw', 'sessions', 'messages', server, key)).includes('40113'),
      );

      const denying = say('run: expr 50111 + 2');
      await untilWaits((item) => item.approval?.command.includes('50111') ?? false);
      const { items } = JSON.parse(await out('inbox', 'list', '--json')) as { items: Item[] };
      const denied = await out('inbox', 'deny', items[0]?.approval?.id ?? '', '--json');
      expect(JSON.parse(denied)).toMatchObject({ decision: 'deny', already: false });
      await denying;
      expect((await cli().buoy(['inbox', 'list'])).err).toBe('No open requests.\n');
    });
  });

  describe('with a Telegram channel', () => {
    let telegram: TelegramFixture;
    beforeAll(async () => {
      telegram = await telegramFixture(fixture());
    }, 240_000);
    afterAll(() => telegram?.close(), 240_000);

    test('the channel is stopped and started; pairing requests are approved and denied by name', async () => {
      await until(60_000, async () =>
        (await out('openclaw', 'channels', 'list', server)).includes('connected') ? true : null,
      );
      expect(await out('openclaw', 'channels', 'stop', server, 'telegram', '--yes')).toMatch(
        /^telegram \(default\) is /,
      );
      await until(30_000, async () => !telegram.bots.isPolled(botToken));
      await out('openclaw', 'channels', 'start', server, 'telegram');
      await until(60_000, async () => telegram.bots.isPolled(botToken));

      const id = randomInt(10_000_000, 99_999_999);
      telegram.bots.say(botToken, { id, firstName: 'Anna', username: 'anna_k' }, 'hello');
      await untilWaits((item) => item.pairing?.from.id === String(id));
      expect(await out('inbox', 'list')).toMatch(
        new RegExp(`${server} +\\d+ s ago +\\S+ +Anna @anna_k \\(${id}\\) writes on telegram\n`),
      );
      expect((await cli().buoy(['inbox', 'approve', 'anna', '--yes'])).out).toBe(
        `Approved on ${server}: Anna @anna_k (${id}) writes on telegram.\n`,
      );
      const eve = randomInt(10_000_000, 99_999_999);
      telegram.bots.say(botToken, { id: eve, firstName: 'Eve', username: 'eve' }, 'let me in');
      await untilWaits((item) => item.pairing?.from.id === String(eve));
      expect((await cli().buoy(['inbox', 'deny', String(eve)])).out).toBe(
        `Rejected on ${server}: Eve @eve (${eve}) writes on telegram.\n`,
      );
    });
  });
});
