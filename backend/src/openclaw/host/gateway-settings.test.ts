// Where the gateway's port and secret come from.
import { describe, expect, test } from 'vitest';
import { parseConfigFile } from './config-file.ts';
import {
  parseVariables,
  readCertificatePath,
  readGatewaySettings,
  type SettingsSource,
} from './gateway-settings.ts';

function read(config: string | null, more: Partial<SettingsSource> = {}) {
  return readGatewaySettings({
    config: parseConfigFile(config),
    configPath: config === null ? null : '/home/claw/.openclaw/openclaw.json',
    environment: {},
    dotEnv: {},
    commandPort: null,
    ...more,
  });
}

describe('the secret', () => {
  test('a token in a config file with comments and trailing commas', () => {
    const settings = read(`{
      // written by hand
      gateway: { port: 19001, bind: 'lan', auth: { mode: 'token', token: 'abc' }, },
    }`);
    expect(settings).toEqual({
      port: 19_001,
      bind: 'lan',
      authMode: 'token',
      access: { port: 19_001, auth: { token: 'abc' }, problem: null },
    });
  });

  test('a password, when that is the mode', () => {
    const { access } = read('{gateway:{auth:{mode:"password",password:"p",token:"t"}}}');
    expect(access.auth).toEqual({ password: 'p' });
  });

  test('a password without a mode', () => {
    expect(read('{gateway:{auth:{password:"p"}}}').access.auth).toEqual({ password: 'p' });
  });

  test('none at all in mode "none"', () => {
    expect(read('{gateway:{auth:{mode:"none"}}}').access).toMatchObject({ auth: null, problem: null });
  });

  test('a variable in the string, from ~/.openclaw/.env', () => {
    const { access } = read(`{gateway:{auth:{token:"$\{MY_TOKEN}"}}}`, { dotEnv: { MY_TOKEN: 'from-env' } });
    expect(access.auth).toEqual({ token: 'from-env' });
  });

  test('none when it is too long, also through a variable: it would be stored and searched for in all output of the gateway', () => {
    const vars = { A: 'x'.repeat(3_000) };
    for (const token of ['x'.repeat(5_000), `$\{A}$\{A}`, { source: 'env', id: 'LONG' }])
      expect(
        read(JSON.stringify({ gateway: { auth: { token } }, env: { vars } }), {
          environment: { LONG: 'x'.repeat(5_000) },
        }).access,
      ).toMatchObject({ auth: null, problem: "The gateway's secret is longer than Buoy takes." });
    const one = read(JSON.stringify({ gateway: { auth: { token: `$\{A}` } }, env: { vars } }));
    expect(one.access.auth).toEqual({ token: vars.A });
  });

  test('a reference to a variable', () => {
    const config = '{gateway:{auth:{token:{source:"env",provider:"default",id:"MY_TOKEN"}}}}';
    expect(read(config, { environment: { MY_TOKEN: 'x' } }).access.auth).toEqual({ token: 'x' });
    expect(read(config).access.problem).toContain('environment variable');
  });

  test('OPENCLAW_GATEWAY_TOKEN when the config has none; the process wins over .env', () => {
    const environment = { OPENCLAW_GATEWAY_TOKEN: 'process' };
    const dotEnv = { OPENCLAW_GATEWAY_TOKEN: 'file' };
    expect(read('{}', { dotEnv }).access.auth).toEqual({ token: 'file' });
    expect(read('{}', { dotEnv, environment }).access.auth).toEqual({ token: 'process' });
    expect(read('{gateway:{auth:{token:"config"}}}', { environment }).access.auth).toEqual({
      token: 'config',
    });
  });

  test.for([
    ['{gateway:{auth:{token:{source:"store",id:"X"}}}}', 'kept in a "store" reference'],
    ['{gateway:{auth:{token:{source:"file",id:"/a"}}}}', 'kept in a "file" reference'],
    [`{gateway:{auth:{token:"$\{GONE}"}}}`, 'refers to the variable GONE'],
    ['{gateway:{auth:{mode:"trusted-proxy"}}}', 'leaves sign-in to a proxy'],
    ['{gateway:{}}', 'has no gateway.auth.token'],
    ['{gateway:', 'not valid JSON5'],
    ['[]', 'not valid JSON5'],
  ] as const)('%s is explained: %s', ([config, words]) => {
    const { access } = read(config);
    expect(access.auth).toBeNull();
    expect(access.problem).toContain(words);
  });

  test('an unreadable config file, and none at all', () => {
    expect(read(null, { configPath: '/home/claw/.openclaw/openclaw.json' }).access.problem).toContain(
      'may not read',
    );
    expect(read(null).access.problem).toContain('no config file');
  });
});

describe('the port', () => {
  const config = '{gateway:{port:3,auth:{token:"t"}}}';
  test.for([
    [{ commandPort: 1, environment: { OPENCLAW_GATEWAY_PORT: '2' } }, 1],
    [{ environment: { OPENCLAW_GATEWAY_PORT: '2' } }, 2],
    [{ environment: { OPENCLAW_GATEWAY_PORT: 'nonsense' } }, 3],
    [{}, 3],
  ] as const)('%o gives %i', ([more, port]) => {
    expect(read(config, more).port).toBe(port);
  });

  test('is 18789 when nothing says otherwise, even with odd values in the file', () => {
    expect(read('{gateway:{port:"high",bind:5,auth:"x"}}').port).toBe(18_789);
  });
});

test('gateway settings › variables lose the quotes around their values, and invalid lines are ignored', () => {
  expect(parseVariables('A="1"\nB=\'2\'\n# no\nC=3=4\nlower=x\n')).toEqual({ A: '1', B: '2', C: '3=4' });
});

describe('the certificate', () => {
  const at = (tls: unknown, statePath: string | null = '/home/claw/.openclaw') =>
    readCertificatePath(parseConfigFile(JSON.stringify({ gateway: { tls } })), statePath);

  test('is the file that the config names, or the one that OpenClaw makes', () => {
    expect(at({ enabled: true, certPath: '/etc/tls/gateway.crt' })).toBe('/etc/tls/gateway.crt');
    expect(at({ enabled: true })).toBe('/home/claw/.openclaw/gateway/tls/gateway-cert.pem');
  });

  test.each<[string, unknown]>([
    ['a gateway without TLS', { enabled: false, certPath: '/etc/tls/gateway.crt' }],
    ['a config without tls', undefined],
    ['a path that is not absolute', { enabled: true, certPath: 'gateway.crt' }],
    ['a path of two lines', { enabled: true, certPath: '/etc/tls\n/gateway.crt' }],
    ['a path with a NUL', { enabled: true, certPath: '/etc/\0' }],
    ['a path that Linux does not take', { enabled: true, certPath: `/${'x'.repeat(5_000)}` }],
    ['a path that is no text', { enabled: true, certPath: 7 }],
  ])('is not known of %s', (_, tls) => {
    expect(at(tls)).toBeNull();
  });

  test('is not known without the folder of OpenClaw or a config', () => {
    expect(at({ enabled: true }, null)).toBeNull();
    expect(readCertificatePath(null, '/home/claw/.openclaw')).toBeNull();
  });
});
