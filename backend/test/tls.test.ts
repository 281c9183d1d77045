// A Buoy that serves https itself, over real sockets.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type CertificateFiles, contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { until } from '../../testbed/until.ts';

let folder: string;
let first: CertificateFiles;
let second: CertificateFiles;
let live: CertificateFiles;
let running: BuoyProcess;
let ca: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-https-'));
  [first, second] = [makeCertificate(folder, 'first'), makeCertificate(folder, 'second')];
  live = { cert: path.join(folder, 'live.crt'), key: path.join(folder, 'live.key') };
  put(first);
  ca = contentOf(first).cert;
  running = await startBuoy({
    ...{ DATA_DIR: path.join(folder, 'data'), TLS_CERT: live.cert, TLS_KEY: live.key, CONTROL_UI_PORT: '0' },
    ALLOW_INSECURE_HTTP: '1',
  });
});
afterAll(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function put(from: CertificateFiles): void {
  copyFileSync(from.cert, live.cert);
  copyFileSync(from.key, live.key);
}

type Answer = { status: number | undefined; headers: IncomingMessage['headers']; body: string };

function send(
  where: string,
  {
    method = 'GET',
    body,
    headers = {},
  }: { method?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${running.url}${where}`,
      { method, ca, agent: false, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += String(chunk);
        });
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The host name in the certificate that this address serves now. */
function servedAt(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate;
      resolve(String(subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const controlUiUrl = (): string =>
  /"url":"([^"]+)","msg":"the Control UI of OpenClaw listens"/.exec(running.output())?.[1] ??
  expect.unreachable('the Control UI has not said where it listens');

describe('with TLS_CERT and TLS_KEY', () => {
  test('Buoy listens by https only, and its links say https', async () => {
    expect(running.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(running.signInLink).toMatch(/^https:/);
    expect(await running.newSignInLink()).toMatch(/^https:/);
    expect((await send('/api/health')).status).toBe(200);
    await expect(fetch(running.url.replace('https:', 'http:'))).rejects.toThrow();
    expect(running.output()).not.toContain('unencrypted');
  });

  test('a sign-in gets the secure cookie, whatever is allowed over plain http and whatever a client claims', async () => {
    const signedIn = await send('/api/auth/link', {
      ...{ method: 'POST', body: { code: (await running.newSignInLink()).split('#code=')[1] } },
      headers: { host: 'buoy.lan', 'x-forwarded-proto': 'http' },
    });
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(/^__Host-Http-buoy_refresh=.*; Secure/);
  });

  test('a WebSocket is refused or opened as over http', async () => {
    const socket = new WebSocket(
      `${running.url.replace('https', 'wss')}/api/servers/srv_1/terminal?ticket=x`,
      { ca },
    );
    const status = await new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode));
      socket.on('error', reject);
    });
    expect(status).toBe(401);
  });

  test('the Control UI of OpenClaw also listens by https, and the form of the page leads there', async () => {
    expect(controlUiUrl()).toMatch(/^https:/);
    expect(await servedAt(controlUiUrl())).toBe('first');
    const { headers } = await send('/');
    expect(headers['content-security-policy']).toContain(
      `form-action 'self' https://127.0.0.1:${new URL(controlUiUrl()).port}`,
    );
  });

  test('a client that speaks plain http or stays silent does not affect others', async () => {
    const { port } = new URL(running.url);
    const bytes = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      );
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => resolve(text));
    });
    expect(bytes).not.toContain('200 OK');
    expect((await send('/api/health')).status).toBe(200);
  });

  test('a renewed certificate is served to new connections on both ports without a restart', async () => {
    const open = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${running.url}/api/health`, { ca, agent: false }, resolve).on('error', reject),
    );
    put(second);
    ca = contentOf(second).cert;
    const isServed = async (url: string) => ((await servedAt(url)) === 'second' ? true : null);
    await until(20_000, () => isServed(running.url));
    await until(20_000, () => isServed(controlUiUrl()));
    expect((await send('/api/health')).status).toBe(200);
    open.destroy();
  });
});

test('TLS files with errors stop the start with one sentence and exit code 78', async () => {
  const started = startBuoy({
    DATA_DIR: path.join(folder, 'bad'),
    TLS_CERT: first.cert,
    TLS_KEY: second.key,
  });
  await expect(started).rejects.toThrow(
    /^Buoy ended with 78 before it listened:\nTLS_KEY takes the private key of the certificate in TLS_CERT; "[^"\n]+" holds another one\.\n$/,
  );
});

test('starting with plain http on a network prints what to do', async () => {
  const plain = await startBuoy({ DATA_DIR: path.join(folder, 'plain'), HOST: '0.0.0.0' });
  try {
    expect(plain.output()).toContain('Buoy listens on 0.0.0.0 by plain http, where browsers keep no sign-in');
  } finally {
    await plain.stop();
  }
});
