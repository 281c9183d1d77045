// The command line over plain http, and at addresses with the wrong certificate or scheme.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { noAnswer } from '../src/no-answer.ts';
import type { Terminal } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const NOT_ENCRYPTED =
  'http://buoy.lan is not encrypted: anyone on the network path can read along and act as you. Use it only on a trusted network.\n';

describe.each([
  ['with ALLOW_INSECURE_HTTP=1', { ALLOW_INSECURE_HTTP: '1' }, /^buoy_refresh=/],
  ['which keeps no sign-in for browsers', {}, /^__Host-Http-buoy_refresh=/],
])('a Buoy over plain http on a network, %s', (_how, settings, cookie) => {
  let fixture: CliFixture;
  beforeAll(async () => {
    fixture = await startCliFixture(settings);
    fixture.environment.BUOY_URL = undefined;
    fixture.environment.BUOY_TOKEN = undefined;
  });
  afterAll(() => fixture.close());

  /** Resolves the name to this machine: fetch cannot send another Host header. */
  const onLan: Terminal['fetch'] = (input, init) =>
    new Promise((resolve, reject) => {
      const { pathname, search } = new URL(String(input));
      const headers = { ...(init?.headers as Record<string, string>), host: 'buoy.lan' };
      const sent = request(
        `${fixture.url}${pathname}${search}`,
        { method: init?.method ?? 'GET', headers, agent: false },
        async (answer) => {
          const received = new Headers();
          for (const [name, values] of Object.entries(answer.headersDistinct))
            for (const value of values ?? []) received.append(name, value);
          const body = await text(answer);
          const { statusCode: status = 500 } = answer;
          resolve(new Response(status === 204 ? null : body, { status, headers: received }));
        },
      );
      sent.on('error', reject);
      sent.end(init?.body ?? undefined);
    });
  const kept = () =>
    JSON.parse(
      readFileSync(path.join(String(fixture.environment.XDG_CONFIG_HOME), 'buoy', 'profiles.json'), 'utf8'),
    ).profiles.default;

  test('login warns that the connection is not encrypted, and the sign-in is renewed', async () => {
    let shown = '';
    const { exit } = await fixture.buoy(['login', 'http://buoy.lan'], {
      fetch: onLan,
      err: (text) => {
        shown += text;
      },
      async pause() {
        const [, userCode] = /approve the code (\S+)/.exec(shown) ?? [];
        await fixture.running.call('POST', '/auth/device/approve', {
          token: fixture.token,
          body: { userCode },
        });
      },
    });
    expect({ exit, said: shown.startsWith(NOT_ENCRYPTED) }).toEqual({ exit: 0, said: true });
    expect(kept().refreshCookie).toMatch(cookie);
    const { refreshCookie } = kept();
    const later = { fetch: onLan, now: () => Date.now() + 86_400_000 - 60_000 };
    const ran = await fixture.buoy(['whoami'], later);
    expect({ exit: ran.exit, err: ran.err }).toEqual({ exit: 0, err: '' });
    expect(kept().refreshCookie).toMatch(cookie);
    expect(kept().refreshCookie).not.toBe(refreshCookie);
  });

  test('login does not warn on the same machine', async () => {
    const { err } = await fixture.buoy(['login', fixture.url], {
      pause: async () => undefined,
      now: endless(),
    });
    expect(err).not.toContain('encrypted');
  });
});

/** A clock that reaches the expiry of a code quickly. */
function endless(): () => number {
  let now = Date.now();
  return () => {
    now += 300_000;
    return now;
  };
}

describe('an address that is not what was typed', () => {
  let folder: string;
  let fixture: CliFixture;
  const servers: Server[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-cli-tls-'));
    fixture = await startCliFixture();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  afterAll(async () => {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const portOf = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const list = (BUOY_URL: string) =>
    fixture.buoy(['servers', 'list'], { environment: { ...fixture.environment, BUOY_URL } });

  test('an untrusted certificate is reported, with how to trust it', async () => {
    const port = await portOf(createTlsServer(contentOf(makeCertificate(folder, 'own'))));
    expect(await list(`https://127.0.0.1:${port}`)).toEqual({
      exit: 3,
      out: '',
      err: `buoy: This computer does not trust the certificate of https://127.0.0.1:${port} (DEPTH_ZERO_SELF_SIGNED_CERT).\n  If it is your own: set NODE_EXTRA_CA_CERTS=FILE, a file with the certificate or the one that signed it.\n`,
    });
  });

  test('https to a plain http server suggests the http address', async () => {
    const port = await portOf(createServer((_request, response) => response.end()));
    const { exit, err } = await list(`https://127.0.0.1:${port}`);
    expect(exit).toBe(3);
    expect(err).toContain(`The server at https://127.0.0.1:${port} does not speak https`);
    expect(err).toContain(`on a network that you trust: http://127.0.0.1:${port}`);
  });

  test('http to an https server suggests the https address', async () => {
    const port = await portOf(createTlsServer(contentOf(makeCertificate(folder, 'other'))));
    const { exit, err } = await list(`http://127.0.0.1:${port}`);
    expect(exit).toBe(3);
    expect(err).toContain(`Does it speak https? Then use https://127.0.0.1:${port}`);
  });

  test('a redirect from http to https is reported and not followed with the token', async () => {
    const sent: string[] = [];
    const elsewhere = await portOf(
      createServer((request, response) => {
        sent.push(String(request.headers.authorization));
        response.end();
      }),
    );
    const port = await portOf(
      createServer((request, response) => {
        response.writeHead(301, { location: `http://127.0.0.1:${elsewhere}${request.url}` }).end();
      }),
    );
    for (const words of [['servers', 'list'], ['login']]) {
      const BUOY_URL = `http://127.0.0.1:${port}`;
      expect(await fixture.buoy(words, { environment: { ...fixture.environment, BUOY_URL } })).toEqual({
        exit: 3,
        out: '',
        err: `buoy: ${BUOY_URL} redirects to http://127.0.0.1:${elsewhere}.\n  If that is your Buoy: buoy login http://127.0.0.1:${elsewhere}\n`,
      });
    }
    expect(sent).toEqual([]);
  });

  test.each([
    ['CERT_HAS_EXPIRED', 'is not valid now'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another name'],
    ['ECONNREFUSED', 'Buoy does not answer'],
  ])('%s', (code, words) => {
    expect(noAnswer('https://buoy.example', { code }).message).toContain(`${words}`);
    expect(noAnswer('https://buoy.example', { code }).message).toContain(`(${code})`);
  });
});
