// A server that lies about its clock, inodes and certificate, over a scripted SSH server: what it costs Buoy, and what people are told.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Alert } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../../../testbed/make-certificate.ts';
import { configOn, inspectionOf, runningHost } from '../../src/openclaw/testing/running-host.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/ssh/testing/scripted-server.ts';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlock } from '../support/main-thread.ts';

const { gateway } = configOn(1);
const config = { gateway: { ...gateway, tls: { enabled: true, certPath: '/tls.crt' } } };
/** Milliseconds that one check may hold the event loop. */
const MAX_MS = 100;

let fixture: AccessFixture;
let server: ScriptedServer;
let serverId: string;
let folder: string;
/** What the host tells beside its inspection. */
let vitals: () => string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-vitals-'));
  server = await startScriptedServer({
    onSession: (session) =>
      session.on('exec', (accept) => {
        const stream = accept();
        let stdin = '';
        stream.on('error', () => {});
        stream.on('data', (bytes: Buffer) => {
          stdin += bytes;
        });
        stream.on('end', () => {
          const [mark = ''] = /buoy-[0-9a-f]{24}/.exec(stdin) ?? [];
          const told = stdin.includes('say clockS')
            ? `${vitals()}\nend=1\n`
            : inspectionOf(config, runningHost);
          stream.write(`\n${mark}\n${told}`);
          stream.exit(0);
          stream.end();
        });
      }),
  });
  fixture = await prepareAccessFixture();
  vitals = () => '';
  serverId = await fixture.newServer({ port: server.port });
});
afterAll(async () => {
  await fixture.running.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  vitals = () => `clockS=${Math.floor(Date.now() / 1000)}\ninodes1=100\ninodesFree1=90`;
});

const check = async (): Promise<Alert[]> => {
  const answer = await fixture.as('owner', 'POST', `/servers/${serverId}/check`);
  expect(answer.statusCode).toBe(200);
  return answer.json().alerts;
};
const told = (alerts: Alert[]) =>
  alerts
    .filter(({ type }) => ['clock_skew', 'disk_full', 'expiring', 'monitor_error'].includes(type))
    .map(({ type, cause }) => `${type}: ${cause}`);

test('a clock that is wrong is told by how much, and over when it is right', async () => {
  const inStep = vitals;
  vitals = () => `clockS=${Math.floor(Date.now() / 1000) - 7_300}\ninodes1=100\ninodesFree1=90`;
  expect(told(await check())).toEqual([
    'clock_skew: The clock of the server is 2 hours behind that of Buoy.',
  ]);
  vitals = inStep;
  expect(told(await check())).toEqual([]);
});

test.each<[string, () => string]>([
  ['huge numbers', () => `clockS=${'9'.repeat(5_000)}\ninodes1=${'9'.repeat(5_000)}\ninodesFree1=1`],
  ['negative numbers', () => 'clockS=-60\ninodes1=-100\ninodesFree1=-1'],
  ['NaN and Infinity', () => 'clockS=NaN\ninodes1=Infinity\ninodesFree1=-Infinity'],
  ['a megabyte in one line', () => `clockS=${'1'.repeat(1_000_000)}`],
  ['a megabyte of lines', () => 'x=1\n'.repeat(250_000)],
  [
    'a certificate that is none',
    () => `clockS=x\ncertificate64=${Buffer.alloc(40_000, 'A').toString('base64')}`,
  ],
])('%s say nothing of these, and hold nobody up', async (_, lies) => {
  vitals = lies;
  const { answer, blockedMs } = await longestBlock(check);
  expect(told(answer)).toEqual([]);
  expect(blockedMs).toBeLessThan(MAX_MS);
});

test('a year beyond 9999 is told as days, without a time that is none', async () => {
  vitals = () => `clockS=${'9'.repeat(15)}\ninodes1=100\ninodesFree1=90`;
  const alert = (await check()).find(({ type }) => type === 'clock_skew') ?? expect.unreachable();
  expect(alert.cause).toMatch(/^The clock of the server is \d+ days ahead of that of Buoy\.$/);
  expect(alert.evidence).not.toContain('Clock of the server');
});

test('a certificate is told by its end alone: nothing else of it is stored', async () => {
  const { cert } = makeCertificate(folder, 'stolen-name', 2);
  vitals = () =>
    `clockS=${Math.floor(Date.now() / 1000)}\ninodes1=100\ninodesFree1=90\ncertificate64=${readFileSync(cert).toString('base64')}`;
  const alerts = await check();
  expect(told(alerts)).toEqual([
    expect.stringMatching(
      /^expiring: The TLS certificate of the gateway expires in (47 hours|1 day)\. Renew it\.$/,
    ),
  ]);
  expect(JSON.stringify(alerts)).not.toContain('stolen-name');
  // Renewed, while the gateway itself does not answer.
  const renewed = readFileSync(makeCertificate(folder, 'renewed', 90).cert).toString('base64');
  vitals = () =>
    `clockS=${Math.floor(Date.now() / 1000)}\ninodes1=100\ninodesFree1=90\ncertificate64=${renewed}`;
  expect(told(await check())).toEqual([]);
});
