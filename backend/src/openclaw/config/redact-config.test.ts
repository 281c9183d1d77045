// No secret of a config is shown or kept, in whatever field it stands; what is harmless stays readable.
import { describe, expect, test } from 'vitest';
import { holdsHidden, redactConfig } from './redact-config.ts';

const OURS = '__BUOY_REDACTED__';

describe('redactConfig', () => {
  test.each([
    { channels: { telegram: { botToken: 'plain' } } },
    { gateway: { auth: { token: 'plain' } } },
    { gateway: { auth: { password: 'plain' } } },
    { models: { providers: { x: { apiKey: 'plain' } } } },
    { models: { providers: { x: { headers: { 'X-Anything': 'plain' } } } } },
    { skills: { entries: { x: { env: { ANY_NAME: 'plain' } } } } },
    { skills: { entries: { x: { api_key: 'plain' } } } },
    { env: { vars: { OPENAI_API_KEY: 'plain' } } },
    { mcp: { servers: { x: { env: { NESTED: { DEEP: 'plain' } } } } } },
    { hooks: { 'signing-key': 'plain', clientSecret: 'plain' } },
    { tokens: ['plain', 'plain'] },
    { note: 'https://ada:plain@example.org/x' },
    { args: ['--api-key', '--api-key=plain'] },
    { mcp: { servers: { x: { args: ['-y', 'pkg', '--api-key', 'plain'] } } } },
    { mcp: { servers: { x: { args: ['--header', 'X-Api-Key: plain', 'http://x'] } } } },
    { mcp: { servers: { x: { args: ['-u', 'ada:plain', 'http://x'] } } } },
    { anything: 'sk-plain-0123456789abcdefghij' },
  ])('%j', (config) => {
    expect(JSON.stringify(redactConfig(config))).not.toContain('plain');
    expect(JSON.stringify(redactConfig(config))).toContain(OURS);
  });

  /**
   * All that `openclaw config schema` of 2026.9.6 marks as secret (`register(sensitive)`, `buildSecretInputSchema`, and the patterns of its
   * sensitive-paths.ts), but what says no secret: certificates, keys of hosts, names of sessions. `code` signs in to Tlon, which it does not mark.
   */
  test.each([
    ...['accessToken', 'apiKey', 'apiPassword', 'appPassword', 'appSecret', 'appToken', 'authToken'],
    ...['botSecret', 'botToken', 'channelAccessToken', 'channelSecret', 'clientSecret', 'code', 'encryptKey'],
    ...['identityData', 'key', 'outboundToken', 'passphrase', 'password', 'privateKey', 'pushToken'],
    ...['refreshToken', 'secret', 'serviceAccount', 'signingSecret', 'token', 'userToken'],
    ...['verificationToken', 'webhookSecret', 'webhookToken'],
  ])('hides %s, as OpenClaw does', (field) => {
    expect(redactConfig({ one: { [field]: 'plain' } })).toEqual({ one: { [field]: OURS } });
  });

  test('hides the value of a header that a person names', () => {
    const auth = { mode: 'header', headerName: 'X-Anything', value: 'plain', prefix: 'Key ' };
    expect(redactConfig({ request: { auth } })).toEqual({ request: { auth: { ...auth, value: OURS } } });
  });

  test.each([
    ...[
      'encodingAESKey',
      'secretKey',
      'secretkey',
      'SECRET_KEY',
      'secret_access_key',
      'authKey',
      'aes256-key',
    ],
    ...['apiKeys', 'keys', 'pass', 'smtpPass', 'SMTP_PASS', 'pwd', 'dbPwd', 'pin', 'unlockPin', 'passcode'],
  ])('hides %s of a plugin that OpenClaw does not know', (field) => {
    expect(redactConfig({ one: { [field]: 'plain' } })).toEqual({ one: { [field]: OURS } });
  });

  /** Fields of `openclaw config schema` of 2026.9.6 and 2026.7.35, and names that people choose. */
  test.each([
    ...['defaultSessionKey', 'sessionKey', 'mainKey', 'clientKey', 'client_key', 'systemPromptFileConfigKey'],
    ...['publicKey', 'hostKey', 'skillKey', 'passwordFile', 'apiPasswordFile', 'passEnv', 'bypassHosts'],
    ...['tokenCount', 'monkey', 'turkey', 'compass', 'spin', 'keyboard', 'pinned', 'codec', 'opencode'],
    ...['headerName', 'value'],
  ])('leaves %s', (field) => {
    expect(redactConfig({ one: { [field]: 'plain' } })).toEqual({ one: { [field]: 'plain' } });
  });

  test('leaves what is no secret, what OpenClaw has hidden, and where a secret is', () => {
    const config = {
      gateway: { port: 18_789, bind: 'loopback', auth: { mode: 'token', token: '__OPENCLAW_REDACTED__' } },
      agents: { defaults: { maxTokens: 4_096, contextTokens: 200_000, model: { primary: 'fake/fake-1' } } },
      models: {
        providers: { x: { baseUrl: 'http://127.0.0.1:18900/v1', apiKey: '$' + '{OPENAI_API_KEY}' } },
      },
      channels: { slack: { botToken: { source: 'env', id: 'SLACK_TOKEN' } } },
      flags: [true, null, 1, ''],
    };
    expect(redactConfig(config)).toEqual(config);
  });

  test('a second time changes nothing', () => {
    const once = redactConfig({ token: 'x', list: [{ secret: 'y' }] });
    expect(redactConfig(once)).toEqual(once);
    expect(holdsHidden(once)).toBe(true);
    expect(holdsHidden({ list: ['x', { y: 1 }] })).toBe(false);
  });
});
