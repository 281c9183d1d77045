import { describe, expect, test } from 'vitest';
import { startFakeSmtpServer } from '../../../../testbed/fake-smtp-server.ts';
import { createMailer } from './email.ts';

const sendThrough = async (host: string) => {
  const server = await startFakeSmtpServer(host);
  try {
    const smtpUrl = server.url.replace('//', '//buoy:secret-word@');
    const mailer = createMailer({ smtpUrl, from: 'buoy@example.org', appUrl: null, clock: { now: () => 0 } });
    const result = await mailer.sendCode('ada@example.org', '123456', 'en');
    return { result, server };
  } finally {
    await server.stop();
  }
};

describe('mailer', () => {
  test('sends no password over a network to a mail server that does not encrypt', async () => {
    const { result, server } = await sendThrough('127.0.0.2');
    expect(result.outcome).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('did not take it') });
    expect(server.passwords).toEqual([]);
  });

  test('signs in without encryption to a mail server on this machine', async () => {
    const { result, server } = await sendThrough('127.0.0.1');
    expect(result.outcome).toBe('sent');
    expect(server.passwords).toEqual(['secret-word']);
    expect(server.mails[0]?.to).toEqual(['ada@example.org']);
  });
});
