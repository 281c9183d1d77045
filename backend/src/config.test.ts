// Settings from the environment: invalid values, defaults, and the secrets of the first start.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { createVault } from './vault/vault.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-config-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const load = (environment: Record<string, string> = {}) => loadConfig({ DATA_DIR: folder, ...environment });
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

/** The message of the ConfigError that `run` throws. */
function configError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return expect.unreachable('the value was taken');
}

const number = 'requests a minute';
const bad: Array<[name: string, takes: string, values: string[]]> = [
  ['HOST', 'an address to listen on', ['local host', 'http://127.0.0.1', '127.0.0.1\n', '🦞', ' ']],
  ['PORT', 'a port from 0', ['http', '-1', '65536', '80.5', '0x50', '8080 ', '1e3', '99999999999', 'NaN']],
  ['DATABASE_URL', 'postgres://', ['mysql://h/d', 'sqlite:x.db', 'h:5432/d', ' postgres://h/d']],
  [
    'APP_DOMAIN',
    'a host name',
    ['https://buoy.example.org', 'buoy.example.org/', 'a b', '*.example.org', '-x', 'x.'],
  ],
  [
    'TELEGRAM_BOT_TOKEN',
    'a bot token',
    ['token', '123456', '123456:', '123456:short', 'bot123456:ABCDEFGHIJ', '1:ABCDEFGHIJ\n'],
  ],
  ['TELEGRAM_API_ROOT', 'https://', ['telegram', 'https://user:secret@api.example.org']],
  ['SMTP_URL', 'smtp://', ['mail.example.org', 'https://mail.example.org', 'smtp://mail example']],
  ['SMTP_FROM', 'an address', ['buoy', 'Buoy <buoy>', 'a@b\r\nBcc: c@d']],
  ['TELEGRAM_OIDC_CLIENT_ID', 'Client ID', ['bot', '12a', '-1', '1'.repeat(21)]],
  ['TELEGRAM_OIDC_CLIENT_SECRET', 'Client Secret', ['short', 'with a space', 'x'.repeat(257)]],
  [
    'TELEGRAM_OIDC_ISSUER',
    'https://',
    ['oauth.telegram.org', 'http://oauth.telegram.org', 'https://oauth.telegram.org/', 'https://a@b'],
  ],
  [
    'OIDC_ISSUER',
    'https://',
    [
      'id.example',
      'http://id.example',
      'https://id.example?a=b',
      'https://id.example/#a',
      'https://u@id.example',
    ],
  ],
  ['OIDC_CLIENT_ID', 'client id', ['with a space', 'x'.repeat(257)]],
  ['OIDC_CLIENT_SECRET', 'client secret', ['short', 'with a space', 'x'.repeat(513)]],
  ['ADMIN_USER_IDS', 'user ids', [',', '1,,2', '1;2', '1 2', '@ada', '1,']],
  ['SIGN_UP', 'approval or open', ['closed', 'Open', 'true']],
  [
    'SSH_DENIED_NETWORKS',
    'networks such as',
    ['localhost', '10.0.0.0', '10.0.0.0/33', '::1/129', '10.0.0/8', '300.0.0.0/8', '10.0.0.0/8;::1/128'],
  ],
  ['MAX_SERVERS_PER_USER', 'how many servers', ['0', '-1', '100001', 'all']],
  ['MAX_STREAMS_PER_USER', 'how many live streams', ['0', '1001', 'none']],
  ['MAX_TERMINALS_PER_USER', 'how many terminals', ['0', '101', 'none']],
  ['MAX_STREAMS', 'how many live streams', ['0', '100001', '1e3']],
  ['SESSION_MAX_DAYS', 'days', ['0', '3651', '90d']],
  ['AUDIT_RETENTION_DAYS', 'days', ['0', '36501', 'ever']],
  ['JWT_SECRET', '32 characters', ['secret', 'x'.repeat(31)]],
  ['JWT_SECRET_PREVIOUS', '32 characters', ['secret', 'x'.repeat(31)]],
  ['VAULT_KEYS', 'id:base64', ['k1', 'k1:short', `k1:${key(1)},k1:${key(2)}`, `:${key(1)}`, ',']],
  ['LOG_LEVEL', 'one of fatal', ['verbose', 'INFO', '30']],
  ['TRUST_PROXY', 'number of proxies', ['true', '-1', '101', 'loopback', '1.5']],
  ['TLS_CERT', 'a PEM file', ['a\nb']],
  ['TLS_KEY', 'a PEM file', ['a\nb']],
  ['ALLOW_INSECURE_HTTP', '1, or 0', ['true', 'yes', '2']],
  ['MONITOR_INTERVAL_S', 'seconds', ['0', '4', '86401', '5m', '']],
  [
    'HEARTBEAT_URL',
    'https://',
    [
      'hc-ping.com/token',
      'ftp://hc-ping.com/token',
      'https://ada:secret@hc-ping.com/token',
      'https://hc-ping.com/token#part',
      'https://hc-ping.com/two words',
      'https://hc-ping.com:99999/token',
      'https://',
    ],
  ],
  ['RATE_LIMIT_GLOBAL', number, ['0', '-5', 'off', '1000001']],
  ['RATE_LIMIT_AUTH', number, ['0', 'ten', '1e9']],
  ['RATE_LIMIT_EXEC', number, ['0', '2.5', 'Infinity']],
  ['BACKUP_AT', 'a time of day', ['24:00', '3:15', '03:60', '03:15:00', '0315', '03:15\n', 'daily']],
  ['BACKUP_KEEP', 'how many backups', ['0', '1001', '-1', 'all', '1.5']],
  [
    'NODE_MIRROR',
    'https://',
    ['node.example', 'ftp://node.example', 'https://ada:secret@node.example', 'https://node.example?a=b'],
  ],
  [
    'NPM_REGISTRY',
    'https://',
    [
      'npm.example',
      'https://ada@npm.example/',
      'https://npm.example/ x',
      'https://npm.example/#a',
      'https://',
    ],
  ],
  [
    'OLLAMA_INSTALL_URL',
    'https://',
    ['ollama.com/install.sh', 'https://ada:secret@ollama.example/install.sh'],
  ],
];

describe('an invalid setting stops the start with one line that names the variable and the allowed values', () => {
  const cases = bad.flatMap(([name, takes, values]) =>
    values.filter(Boolean).map((value) => ({ name, takes, value })),
  );
  test.each(cases)('$name = $value', ({ name, takes, value }) => {
    const message = configError(() => load({ [name]: value }));
    expect(message.startsWith(`${name} takes `)).toBe(true);
    expect(message).toContain(takes);
    expect(message).not.toContain('\n');
  });

  test.each(['TELEGRAM_BOT_TOKEN', 'JWT_SECRET', 'VAULT_KEYS', 'DATABASE_URL', 'SMTP_URL', 'HEARTBEAT_URL'])(
    'an invalid %s is not printed, as it may be a secret',
    (name) => {
      expect(configError(() => load({ [name]: 'hunter2-hunter2' }))).not.toContain('hunter2');
    },
  );

  test('an invalid setting stops the start before anything is written', () => {
    const inside = path.join(folder, 'data');
    for (const [name, , [value = '']] of bad) configError(() => load({ DATA_DIR: inside, [name]: value }));
    expect(existsSync(inside)).toBe(false);
  });
});

test.each([
  'https://hc-ping.com/6f1c2a0e-0000-4000-8000-000000000000',
  'http://192.168.1.5:3001/api/push/Qw3rty?status=up&msg=OK&ping=',
  'http://[fd00::5]/beat',
  'https://watch.example.org',
])('HEARTBEAT_URL takes %s', (url) => {
  expect(load({ HEARTBEAT_URL: url }).heartbeatUrl).toBe(url);
});

describe('built-in TLS', () => {
  test('takes both files, relative to the working directory', () => {
    expect(load({ TLS_CERT: 'cert.pem', TLS_KEY: '/etc/key.pem' }).tls).toEqual({
      cert: path.resolve('cert.pem'),
      key: '/etc/key.pem',
    });
  });

  test.each([
    ['TLS_CERT', 'TLS_CERT needs TLS_KEY'],
    ['TLS_KEY', 'TLS_KEY needs TLS_CERT'],
  ])('refuses %s without the other', (name, complaint) => {
    expect(configError(() => load({ [name]: 'file.pem' }))).toContain(complaint);
  });
});

describe('a setting that is not set', () => {
  test('has the documented default', () => {
    expect(load()).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      controlUiPort: null,
      controlUiDomain: null,
      dataDir: folder,
      databaseUrl: null,
      appDomain: null,
      telegramBotToken: null,
      telegramApiRoot: 'https://api.telegram.org',
      smtp: null,
      telegramLogin: null,
      adminUserIds: new Set(),
      signUp: 'approval',
      limits: { serversPerUser: 100, streamsPerUser: 20, terminalsPerUser: 10, streams: 1_000 },
      sessionMaxDays: 90,
      auditRetentionDays: 400,
      logLevel: 'info',
      trustProxy: 0,
      tls: null,
      allowInsecureHttp: false,
      commands: 'npm',
      monitorIntervalS: 300,
      heartbeatUrl: null,
      monitorConcurrency: 60,
      rateLimits: { global: 120, auth: 10, exec: 20 },
      backupAt: { hour: 3, minute: 15 },
      backupKeep: 14,
    });
  });

  test('is the same as an empty one, except SSH_DENIED_NETWORKS', () => {
    const first = load();
    const names = bad.map(([name]) => name).filter((name) => name !== 'SSH_DENIED_NETWORKS');
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(load(empty)).toEqual(first);
  });
});

describe('SSH_DENIED_NETWORKS', () => {
  test('denies loopback, unspecified, link-local and multicast networks by default', () => {
    expect(load().sshDeniedNetworks).toEqual([
      ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
      ...['::/128', '::1/128', 'fe80::/10', 'ff00::/8'],
    ]);
  });

  test('denies nothing when set to an empty value', () => {
    expect(load({ SSH_DENIED_NETWORKS: '' }).sshDeniedNetworks).toEqual([]);
  });

  test('takes networks of both families in place of the default', () => {
    expect(load({ SSH_DENIED_NETWORKS: ' 10.0.0.0/8, fd00::/8 ' }).sshDeniedNetworks).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
    ]);
  });
});

describe('valid settings', () => {
  test('are parsed', () => {
    const config = load({
      HOST: '::1',
      PORT: '0',
      DATABASE_URL: 'postgresql://u:p@h:5432/d?sslmode=require',
      APP_DOMAIN: 'buoy.example.org:8443',
      TELEGRAM_BOT_TOKEN: '123456:ABC-def_1234567890',
      TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/',
      SMTP_URL: 'smtps://buoy:s%40cret@mail.example.org:465',
      SMTP_FROM: 'Buoy <buoy@example.org>',
      TELEGRAM_OIDC_CLIENT_ID: '7000000001',
      TELEGRAM_OIDC_CLIENT_SECRET: 'client-secret',
      ADMIN_USER_IDS: ' 1, 22 ,u_abc',
      JWT_SECRET: 's'.repeat(32),
      JWT_SECRET_PREVIOUS: 'p'.repeat(32),
      VAULT_KEYS: `new:${key(1)},old:${key(2)}`,
      LOG_LEVEL: 'trace',
      TRUST_PROXY: '2',
      MONITOR_INTERVAL_S: '5',
      MONITOR_CONCURRENCY: '20',
      RATE_LIMIT_GLOBAL: '1',
      RATE_LIMIT_AUTH: '2',
      RATE_LIMIT_EXEC: '3',
      BACKUP_AT: '23:59',
      BACKUP_KEEP: '1000',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 0,
      appDomain: 'buoy.example.org:8443',
      telegramApiRoot: 'http://127.0.0.1:8081',
      smtp: { url: 'smtps://buoy:s%40cret@mail.example.org:465', from: 'Buoy <buoy@example.org>' },
      telegramLogin: {
        issuer: 'https://oauth.telegram.org',
        clientId: '7000000001',
        clientSecret: 'client-secret',
      },
      adminUserIds: new Set(['1', '22', 'u_abc']),
      jwtSecrets: ['s'.repeat(32), 'p'.repeat(32)],
      jwtSecretFile: null,
      vaultKeysFile: null,
      trustProxy: 2,
      monitorIntervalS: 5,
      monitorConcurrency: 20,
      rateLimits: { global: 1, auth: 2, exec: 3 },
      backupAt: { hour: 23, minute: 59 },
      backupKeep: 1000,
    });
    expect(config.vaultKeys.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  test('CONTROL_UI_DOMAIN requires APP_DOMAIN', () => {
    expect(configError(() => load({ CONTROL_UI_DOMAIN: 'control.example' }))).toBe(
      'CONTROL_UI_DOMAIN needs APP_DOMAIN, the public host name of Buoy itself.',
    );
    const names = { CONTROL_UI_DOMAIN: 'control.example', APP_DOMAIN: 'buoy.example' };
    expect(load(names).controlUiDomain).toBe('control.example');
  });

  test.each([
    ['buoy.example', 'buoy.example'],
    ['buoy.example', 'Buoy.Example:443'],
    ['buoy.example:8443', 'buoy.example:8443'],
  ])(
    'with the APP_DOMAIN %s, the CONTROL_UI_DOMAIN %s would give gateways the origin of Buoy',
    (buoy, other) => {
      expect(configError(() => load({ APP_DOMAIN: buoy, CONTROL_UI_DOMAIN: other }))).toBe(
        'CONTROL_UI_DOMAIN needs another name than APP_DOMAIN: pages of a gateway must not have the origin of Buoy.',
      );
    },
  );

  test('the Control UI may have the name of Buoy with another port', () => {
    const names = { APP_DOMAIN: 'buoy.example', CONTROL_UI_DOMAIN: 'buoy.example:8443' };
    expect(load(names).controlUiDomain).toBe('buoy.example:8443');
  });

  test('the Control UI has the port after PORT, and no other where a proxy sends its name', () => {
    const names = { CONTROL_UI_DOMAIN: 'control.example', APP_DOMAIN: 'buoy.example' };
    expect(load({ PORT: '9000' }).controlUiPort).toBeNull();
    expect(load({ ...names, PORT: '9000' }).controlUiPort).toBe(9001);
    expect(load({ ...names, PORT: '9000', CONTROL_UI_PORT: '9005' }).controlUiPort).toBe(9005);
    expect(load({ ...names, PORT: '0' }).controlUiPort).toBe(0);
    expect(configError(() => load({ ...names, PORT: '65535' }))).toBe(
      'CONTROL_UI_DOMAIN needs CONTROL_UI_PORT where PORT is 65535: there is no port after it.',
    );
  });

  test('servers download from the public places, and Node from NPM_REGISTRY where that alone is set', () => {
    expect(load().downloads).toEqual({
      nodeMirror: 'https://nodejs.org/dist',
      npmRegistry: 'https://registry.npmjs.org',
    });
    const npm = { NPM_REGISTRY: 'http://10.0.0.5:4873/npm/' };
    expect(load(npm).downloads).toEqual({ nodeMirror: null, npmRegistry: 'http://10.0.0.5:4873/npm' });
    expect(load({ ...npm, NODE_MIRROR: 'https://[fd00::1]/dist/' }).downloads).toEqual({
      nodeMirror: 'https://[fd00::1]/dist',
      npmRegistry: 'http://10.0.0.5:4873/npm',
    });
  });

  test('servers get Ollama from its vendor, or from OLLAMA_INSTALL_URL', () => {
    expect(load().ollamaInstallUrl).toBe('https://ollama.com/install.sh');
    const mirror = { OLLAMA_INSTALL_URL: 'http://10.0.0.5/ollama.sh' };
    expect(load(mirror).ollamaInstallUrl).toBe('http://10.0.0.5/ollama.sh');
  });

  test('SMTP_URL and SMTP_FROM require each other', () => {
    expect(configError(() => load({ SMTP_URL: 'smtp://mail.example.org' }))).toBe(
      'SMTP_URL needs SMTP_FROM, the address that mails come from.',
    );
    expect(configError(() => load({ SMTP_FROM: 'buoy@example.org' }))).toBe(
      'SMTP_FROM needs SMTP_URL, the mail server.',
    );
  });

  test('TELEGRAM_OIDC_CLIENT_ID and _SECRET require each other', () => {
    expect(configError(() => load({ TELEGRAM_OIDC_CLIENT_ID: '7000000001' }))).toBe(
      'TELEGRAM_OIDC_CLIENT_ID needs TELEGRAM_OIDC_CLIENT_SECRET.',
    );
    expect(configError(() => load({ TELEGRAM_OIDC_CLIENT_SECRET: 'client-secret' }))).toBe(
      'TELEGRAM_OIDC_CLIENT_SECRET needs TELEGRAM_OIDC_CLIENT_ID.',
    );
  });

  test('an OpenID provider requires three settings, and the missing one is named', () => {
    const all = {
      OIDC_ISSUER: 'https://id.example/realms/staff',
      OIDC_CLIENT_ID: 'buoy',
      OIDC_CLIENT_SECRET: 'client-secret',
    };
    expect(load(all).oidc).toEqual({
      issuer: 'https://id.example/realms/staff',
      clientId: 'buoy',
      clientSecret: 'client-secret',
    });
    expect(load({}).oidc).toBeNull();
    for (const missing of Object.keys(all)) {
      const given = Object.entries(all).filter(([name]) => name !== missing);
      expect(configError(() => load(Object.fromEntries(given)))).toBe(`${given[0]?.[0]} needs ${missing}.`);
    }
  });

  test('secrets from the environment are not written to disk', () => {
    load({ JWT_SECRET: 's'.repeat(32), VAULT_KEYS: `k:${key(1)}` });
    expect(existsSync(path.join(folder, 'jwt-secret'))).toBe(false);
    expect(existsSync(path.join(folder, 'vault-keys'))).toBe(false);
  });
});

describe('secrets made at the first start', () => {
  const files = ['jwt-secret', 'vault-keys'];

  test('are stored in a new data folder that only the owner can read', () => {
    const inside = path.join(folder, 'a', 'b');
    load({ DATA_DIR: inside });
    for (const name of files) expect(statSync(path.join(inside, name)).mode & 0o777).toBe(0o600);
    expect(statSync(inside).mode & 0o777).toBe(0o700);
  });

  test('are reused by later starts, so that tokens and stored secrets stay valid', () => {
    const first = load();
    const second = load();
    expect(second.jwtSecrets).toEqual(first.jwtSecrets);
    const place = { table: 't', column: 'c', row: 'r' };
    const sealed = createVault(first.vaultKeys).seal(place, 'kept');
    expect(createVault(second.vaultKeys).open(place, sealed)).toBe('kept');
  });

  test('differ between installations', () => {
    const other = load({ DATA_DIR: path.join(folder, 'other') });
    const here = load();
    expect(other.jwtSecrets).not.toEqual(here.jwtSecrets);
    expect(other.jwtSecrets[0]?.length).toBeGreaterThanOrEqual(32);
    expect(other.vaultKeys).not.toEqual(here.vaultKeys);
  });

  test('lose permissions that were added for other accounts', () => {
    load();
    for (const name of files) chmodSync(path.join(folder, name), 0o644);
    load();
    for (const name of files) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test.each(files)('an empty %s stops the start instead of being replaced', (name) => {
    load();
    writeFileSync(path.join(folder, name), '\n');
    const message = configError(load);
    expect(message).toContain('DATA_DIR');
    expect(message).toContain(name);
    expect(readFileSync(path.join(folder, name), 'utf8')).toBe('\n');
  });

  test('a damaged vault key file stops the start and is named', () => {
    writeFileSync(path.join(folder, 'vault-keys'), 'k1:damaged\n');
    const message = configError(load);
    expect(message).toContain('vault-keys');
  });

  test.each(['short\n', `${'s'.repeat(32)}\nshort\n`])(
    'a JWT secret file with a short secret stops the start and is named: %j',
    (content) => {
      writeFileSync(path.join(folder, 'jwt-secret'), content);
      expect(configError(load)).toContain('jwt-secret');
    },
  );

  test('several JWT secrets are read line by line, JWT_SECRET_PREVIOUS last', () => {
    const [newest, older, previous] = ['n', 'o', 'p'].map((letter) => letter.repeat(32));
    writeFileSync(path.join(folder, 'jwt-secret'), ` ${newest}\r\n\n${older}\n`);
    expect(load().jwtSecrets).toEqual([newest, older]);
    expect(load({ JWT_SECRET_PREVIOUS: previous ?? '' })).toMatchObject({
      jwtSecrets: [newest, older, previous],
      jwtSecretFile: path.join(folder, 'jwt-secret'),
      vaultKeysFile: path.join(folder, 'vault-keys'),
    });
  });

  test.each([...files, 'buoy.db'])(
    'are not created by a command that needs existing ones: without %s',
    (missing) => {
      load();
      writeFileSync(path.join(folder, 'buoy.db'), '');
      expect(loadConfig({ DATA_DIR: folder }, 'used').dataDir).toBe(folder);
      rmSync(path.join(folder, missing));
      const message = configError(() => loadConfig({ DATA_DIR: folder }, 'used'));
      expect(message).toContain(`DATA_DIR holds no ${missing} ("${folder}`);
      expect(existsSync(path.join(folder, missing))).toBe(false);
    },
  );

  test('with PostgreSQL, a command refuses a folder that no Buoy has used', () => {
    const given = {
      DATABASE_URL: 'postgres://h/d',
      JWT_SECRET: 's'.repeat(32),
      VAULT_KEYS: `k:${key(1)}`,
    };
    const inside = path.join(folder, 'data');
    const use = () => loadConfig({ DATA_DIR: inside, ...given }, 'used');
    expect(configError(use)).toContain(`DATA_DIR takes the folder of a Buoy; "${inside}" is not one`);
    load({ DATA_DIR: inside, ...given });
    expect(configError(use)).toContain('DATA_DIR holds no buoy.lock');
    writeFileSync(path.join(inside, 'buoy.lock'), '');
    expect(use().dataDir).toBe(inside);
  });

  test('a restore requires the vault keys, or only the folder when they are lost; the rest is created', () => {
    const restored = (how: 'restored' | 'restored-anew', dataDir = folder) =>
      loadConfig({ DATA_DIR: dataDir }, how);
    const missing = path.join(folder, 'missing');
    expect(configError(() => restored('restored'))).toContain('DATA_DIR holds no vault-keys');
    expect(configError(() => restored('restored-anew', missing))).toContain(`"${missing}" is not one`);
    expect(existsSync(missing)).toBe(false);
    expect(restored('restored-anew').jwtSecrets).toHaveLength(1);
    rmSync(path.join(folder, 'jwt-secret'));
    expect(restored('restored').jwtSecrets).toHaveLength(1);
  });
});

describe('a data folder that cannot be written to', () => {
  test.each([
    ['a file', () => writeFileSync(path.join(folder, 'file'), ''), 'file'],
    ['below a file', () => writeFileSync(path.join(folder, 'file'), ''), 'file/data'],
  ])('%s stops the start and names DATA_DIR', (_what, prepare, name) => {
    prepare();
    expect(configError(() => load({ DATA_DIR: path.join(folder, name) }))).toMatch(
      /^DATA_DIR takes a folder/,
    );
  });

  /** Runs without root, so that file modes apply. */
  const unprivileged = <T>(run: () => T): T => {
    if (process.getuid?.() !== 0) return run();
    process.seteuid?.(65_534);
    try {
      return run();
    } finally {
      process.seteuid?.(0);
    }
  };

  test.each([
    ['with secrets to be made', {}],
    ['with secrets that are given', { JWT_SECRET: 's'.repeat(32), VAULT_KEYS: `k:${key(1)}` }],
  ])('without write permission, %s, stops the start and names DATA_DIR', (_what, environment) => {
    chmodSync(folder, 0o555);
    expect(configError(() => unprivileged(() => load(environment)))).toMatch(/^DATA_DIR takes a folder/);
  });
});
