// A viewer reads how a server is. Errors of channels and jobs repeat what failed, such as an address with the token of a bot in it.
import { describe, expect, test } from 'vitest';
import { createTranslator } from '../../src/openclaw/events/translate.ts';
import { noSshd } from '../../src/ssh/testing/loopback-sshd.ts';
import { startHostileGateway } from '../support/answering-gateway.ts';

const TOKEN = `123456789:${'AbCdEf'.repeat(6)}`;
const failed = `fetch https://api.telegram.org/bot${TOKEN}/getMe failed`;
/** The token is where a long error is cut. */
const failedLater = `${'x'.repeat(200)} ${failed.padStart(110)}`;
const account = (lastError: string) => ({ accountId: 'default', running: true, connected: false, lastError });

describe('a viewer who wants the token of a bot', () => {
  test.skipIf(noSshd !== null)('does not find it in the status', async () => {
    const fixture = await startHostileGateway();
    fixture.gateway.methods['channels.status'] = () => ({
      payload: { channelAccounts: { telegram: [account(failed), account(failedLater)] } },
    });
    const { status } = (await fixture.get('/openclaw/status')).json();
    await fixture.close();
    expect(status.channels).toHaveLength(2);
    expect(JSON.stringify(status)).not.toContain('AbCdEf');
  });

  test.each([
    ['health', { channels: { telegram: { accounts: { default: account(failed) } } } }],
    ['chat', { sessionKey: 'agent:main:main', runId: 'r1', state: 'error', errorMessage: failed }],
    ['cron', { jobId: 'j1', action: 'finished', status: 'error', error: failed }],
  ])('does not find it in the event %s', (event, payload) => {
    const told = JSON.stringify(createTranslator()({ event, payload }));
    expect(told).toContain('api.telegram.org');
    expect(told).not.toContain('AbCdEf');
  });
});
