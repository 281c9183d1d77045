import { describe, expect, test } from 'vitest';
import { plainHttpNotice } from './plain-http.ts';

const settings = { host: '0.0.0.0', tls: null, trustProxy: 0, appDomain: null, allowInsecureHttp: false };

describe('plain HTTP warning at start', () => {
  test.each(['0.0.0.0', '::', '192.168.1.5', 'buoy.lan'])(
    'explains what to do for plain HTTP on %s',
    (host) => {
      const notice = plainHttpNotice({ ...settings, host });
      expect(notice).toContain(`listens on ${host} by plain http`);
      for (const setting of ['TLS_CERT', 'TLS_KEY', 'APP_DOMAIN', 'TRUST_PROXY', 'ALLOW_INSECURE_HTTP=1'])
        expect(notice).toContain(setting);
    },
  );

  test('explains ALLOW_INSECURE_HTTP, also behind a proxy', () => {
    for (const trustProxy of [0, 1])
      expect(plainHttpNotice({ ...settings, trustProxy, allowInsecureHttp: true })).toContain('unencrypted');
  });

  test.each([
    ['on this machine alone', { host: '127.0.0.1' }],
    ['on this machine alone, whatever is allowed', { host: '::1', allowInsecureHttp: true }],
    ['with a certificate of its own', { tls: { cert: 'c', key: 'k' }, allowInsecureHttp: true }],
    ['behind a proxy', { trustProxy: 1 }],
    ['with a public name', { appDomain: 'buoy.example.org' }],
  ])('is absent %s', (_where, part) => {
    expect(plainHttpNotice({ ...settings, ...part })).toBeNull();
  });
});
