import { describe, expect, test } from 'vitest';
import { answerFor, connectFor } from './handshake.ts';

/** As the Control UI of 2026.9.6 sends it. */
const connect = {
  type: 'req',
  id: '1:97',
  method: 'connect',
  params: {
    minProtocol: 4,
    maxProtocol: 4,
    client: {
      id: 'openclaw-control-ui',
      version: '2026.9.6',
      platform: 'Linux x86_64',
      mode: 'webchat',
      instanceId: 'i',
    },
    role: 'operator',
    scopes: ['operator.admin', 'operator.questions'],
    device: { id: 'd', publicKey: 'p', signature: 's', signedAt: 1, nonce: 'n' },
    caps: ['tool-events'],
    auth: { token: 'typed by somebody', deviceToken: 'kept' },
  },
};

describe('connect', () => {
  test('carries the secret, no device, and a client that needs no pairing, and otherwise the fields of the page', () => {
    const sent = connectFor(JSON.stringify(connect), { token: 'gateway-secret' });
    expect(sent?.id).toBe('1:97');
    expect(JSON.parse(sent?.text ?? '')).toEqual({
      ...connect,
      params: {
        minProtocol: 4,
        maxProtocol: 4,
        client: {
          ...connect.params.client,
          id: 'gateway-client',
          mode: 'backend',
          displayName: 'Control UI through Buoy',
        },
        role: 'operator',
        scopes: ['operator.admin', 'operator.questions'],
        caps: ['tool-events'],
        auth: { token: 'gateway-secret' },
      },
    });
  });

  test('carries a password where the gateway requires one, and nothing where it requires nothing', () => {
    const text = JSON.stringify(connect);
    expect(JSON.parse(connectFor(text, { password: 'p' })?.text ?? '').params.auth).toEqual({
      password: 'p',
    });
    expect(JSON.parse(connectFor(text, null)?.text ?? '').params).not.toHaveProperty('auth');
  });

  test.each([
    '',
    'nonsense',
    '[]',
    'null',
    JSON.stringify({ ...connect, method: 'config.get' }),
    '{"type":"req"}',
  ])('is not what "%s" is', (text) => expect(connectFor(text, null)).toBeNull());
});

describe('the answer to connect', () => {
  const base = 'https://control.example/s/srv_1';
  const answer = (payload: unknown, ok = true) => JSON.stringify({ type: 'res', id: '1:97', ok, payload });

  test('contains no device tokens, and only addresses that the browser can reach', () => {
    const got = answerFor(
      answer({
        type: 'hello-ok',
        server: { version: '2026.9.6' },
        auth: { role: 'operator', scopes: ['a'], deviceToken: 'dt', deviceTokens: [{ deviceToken: 'dt2' }] },
        pluginSurfaceUrls: { canvas: 'http://127.0.0.1:18789/__openclaw__/cap/A6' },
      }),
      '1:97',
      base,
    );
    expect(got?.ok).toBe(true);
    expect(JSON.parse(got?.text ?? '').payload).toEqual({
      type: 'hello-ok',
      server: { version: '2026.9.6' },
      auth: { role: 'operator', scopes: ['a'] },
      pluginSurfaceUrls: { canvas: `${base}/__openclaw__/cap/A6` },
    });
  });

  test('of an older gateway passes without the missing fields', () => {
    const got = answerFor(answer({ type: 'hello-ok' }), '1:97', base);
    expect(JSON.parse(got?.text ?? '').payload).toEqual({ type: 'hello-ok' });
  });

  test('passes a refusal unchanged', () => {
    const refusal = JSON.stringify({
      type: 'res',
      id: '1:97',
      ok: false,
      error: { code: 'INVALID_REQUEST' },
    });
    expect(answerFor(refusal, '1:97', base)).toEqual({ ok: false, text: refusal });
  });

  test.each(['', '{"type":"event","event":"tick"}', answer({}).replace('1:97', 'other')])(
    'is not "%s"',
    (text) => expect(answerFor(text, '1:97', base)).toBeNull(),
  );

  test('is not forwarded when it cannot be searched for tokens', () => {
    const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`;
    const nested = answer({ type: 'hello-ok' }).replace('"hello-ok"', `"hello-ok","x":${deep}`);
    const long = answer({ type: 'hello-ok', padding: 'x'.repeat(2_000_000) });
    for (const text of [nested, long])
      expect(() => answerFor(text, '1:97', base)).toThrow('sent too much data');
  });
});

test.each([
  ['nested deeply', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ['long', `"${'x'.repeat(70_000)}"`],
])('a first frame that is %s is no connect', (_what, value) => {
  const text = `{"type":"req","id":"1","method":"connect","params":{"client":{},"x":${value}}}`;
  expect(connectFor(text, null)).toBeNull();
});
