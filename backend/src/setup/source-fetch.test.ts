// Where a registry or mirror may lead Buoy: sources on real sockets of this machine, and name servers that say anything.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { makeCertificate } from '../../../testbed/make-certificate.ts';
import type { AddressLookup } from '../ssh/address-lookup.ts';
import type { dialTcp } from '../ssh/dial.ts';
import { type LocalRegistry, startLocalRegistry } from './carry/testing/local-registry.ts';
import { createSourceFetch } from './source-fetch.ts';

const { signal } = new AbortController();
const PUBLIC = '93.184.215.14';

describe('a download source', () => {
  let source: LocalRegistry;
  let other: LocalRegistry;
  beforeEach(async () => {
    [source, other] = await Promise.all([startLocalRegistry(), startLocalRegistry()]);
    other.put('/file', 'of another host');
  });
  afterEach(() => Promise.all([source.stop(), other.stop()]));

  const named = (address: string): AddressLookup => {
    return async () => [{ address, family: address.includes(':') ? 6 : 4 }];
  };
  const ask = (fetch = createSourceFetch()) => fetch(`${source.url}/asked`, { signal });
  const host = () => new URL(source.url).host;

  test('may lead to its own host', async () => {
    source.lead('/asked', '/between');
    source.lead('/between', `${source.url}/file`);
    source.put('/file', 'the bytes');
    expect(await (await ask()).text()).toBe('the bytes');
  });

  test('is given up when it leads on without an end', async () => {
    source.lead('/asked', '/asked');
    await expect(ask()).rejects.toMatchObject({
      ...{ code: 'registry_failed', message: `${host()} leads from one address to the next without an end.` },
    });
    expect(source.asked.length).toBeLessThan(10);
  });

  test('may not lead to another port of this machine, which is not asked', async () => {
    source.lead('/asked', `${other.url}/file`);
    await expect(ask()).rejects.toMatchObject({
      code: 'registry_failed',
      message: `${host()} leads to ${new URL(other.url).host}, and Buoy does not download from there.`,
      hint: expect.stringContaining('NPM_REGISTRY or NODE_MIRROR'),
    });
    expect(other.asked).toEqual([]);
  });

  test.each([
    'http://public.example/file',
    'https://public.example:8443/file',
    `https://${PUBLIC}/file`,
    'https://2130706433/file',
    'https://[::1]/file',
    'ftp://public.example/file',
    'file:///etc/passwd',
  ])('may not lead to %s, and no name is looked up', async (location) => {
    source.lead('/asked', location);
    const names: string[] = [];
    const lookup: AddressLookup = async (name) => {
      names.push(name);
      return [{ address: PUBLIC, family: 4 }];
    };
    await expect(ask(createSourceFetch({ lookup }))).rejects.toMatchObject({ code: 'registry_failed' });
    expect(names).toEqual([]);
  });

  test.each([
    ...['127.0.0.1', '10.1.2.3', '169.254.169.254', '172.20.0.1', '192.168.1.1', '100.64.1.1', '0.0.0.0'],
    ...['::1', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1', '64:ff9b::a00:1', '2002:7f00:1::'],
  ])('may not lead to a name of %s', async (address) => {
    source.lead('/asked', 'https://public.example/file');
    await expect(ask(createSourceFetch({ lookup: named(address) }))).rejects.toMatchObject({
      ...{ code: 'registry_failed', message: expect.stringContaining('leads to public.example, and') },
    });
  });

  test('says nothing of a public host that does not answer', async () => {
    source.lead('/asked', 'https://public.example/file');
    const dial: typeof dialTcp = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    await expect(ask(createSourceFetch({ dial }))).rejects.toMatchObject({
      message: `${host()} leads to a host out of reach.`,
    });
  });

  describe('that leads to a public host', () => {
    let folder: string;
    let files: { cert: string; key: string };
    let server: Server;
    let port: number;
    let asked: Array<Record<string, unknown>>;
    let location: string | null;
    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'buoy-public-'));
      files = makeCertificate(folder, 'public.example');
      server = createServer(
        { cert: readFileSync(files.cert), key: readFileSync(files.key) },
        (request, response) => {
          const { host: to, accept, 'accept-encoding': encoding } = request.headers;
          asked.push({ url: request.url, to, accept, encoding });
          if (location === null) response.end('the bytes');
          else response.writeHead(302, { location }).end();
        },
      );
      ({ port } = await listenOnLoopback(server));
    });
    beforeEach(() => {
      [asked, location] = [[], null];
      source.lead('/asked', 'https://public.example/file?a=1');
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const connected: Array<[host: string, port: number, refused: boolean]> = [];
    /** Every public address is that server. */
    const dial: typeof dialTcp = async (to, toPort, { lookup, refusalOf }) => {
      const [found] = await lookup(to, signal);
      connected.push([to, toPort, refusalOf(found!.address) !== null]);
      return connect(port, '127.0.0.1').on('error', () => {});
    };
    const askTrusting = (ca = readFileSync(files.cert, 'utf8')) =>
      createSourceFetch({ dial, ca, lookup: named(PUBLIC) })(`${source.url}/asked`, {
        ...{ signal, headers: { accept: 'application/json' } },
      });

    test('is followed there by https, at the address that was checked', async () => {
      const response = await askTrusting();
      expect({ status: response.status, text: await response.text() }).toEqual({
        ...{ status: 200, text: 'the bytes' },
      });
      expect(connected).toEqual([['public.example', 443, false]]);
      expect(asked).toEqual([
        { url: '/file?a=1', to: 'public.example', accept: 'application/json', encoding: 'identity' },
      ]);
    });

    test('is not followed from there into this machine', async () => {
      location = `${other.url}/file`;
      await expect(askTrusting()).rejects.toMatchObject({ code: 'registry_failed' });
      expect(other.asked).toEqual([]);
    });

    test('is not believed with a certificate of somebody else', async () => {
      const { cert } = makeCertificate(folder, 'someone.example');
      await expect(askTrusting(readFileSync(cert, 'utf8'))).rejects.toThrow(/certificate/);
    });

    test('is left with the reason of who stops waiting', async () => {
      const controller = new AbortController();
      const reason = new Error('cancelled by a person');
      const silent: typeof dialTcp = async (to, toPort, options) => {
        const socket = await dial(to, toPort, options);
        controller.abort(reason);
        return socket;
      };
      const fetch = createSourceFetch({ dial: silent, lookup: named(PUBLIC) });
      await expect(fetch(`${source.url}/asked`, { signal: controller.signal })).rejects.toBe(reason);
    });
  });
});
