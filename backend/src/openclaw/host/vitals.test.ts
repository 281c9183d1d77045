// The clock, inodes and certificate of a host: what the real script prints, and what a hostile host may.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../../testbed/make-certificate.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { runInLocalShell } from '../testing/local-shell.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../testing/loopback-ssh.ts';
import type { HostInspection } from './installation.ts';
import { createHostVitals } from './vitals.ts';

const nowMs = Date.parse('2026-03-01T10:00:00.000Z');
const nowS = nowMs / 1000;

let folder: string;
let clock: FakeClock;
let ssh: LoopbackSsh;
let certificatePath: string | undefined;
let statePath: string | null;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy vitals '));
  clock = createFakeClock(nowMs);
  ssh = createLoopbackSsh();
  certificatePath = undefined;
  statePath = null;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = () =>
  createHostVitals({
    ssh,
    installations: {
      lastInspection: () =>
        ({
          ...(certificatePath === undefined ? {} : { certificatePath }),
          installation: { statePath },
        }) as HostInspection,
    },
    clock,
  }).read('s1', { deadlineMs: 5_000 });
/** @param tookMs until the answer comes */
const prints = (lines: string, tookMs = 0) => {
  ssh.onScript = () => {
    clock.pass(tookMs);
    return `${lines}\nend=1\n`;
  };
};

describe('the clock of a host', () => {
  test.each([
    ['in step, cut to the second', nowS, 0, 0],
    ['read at any time of a slow call', nowS + 7, 9_000, 0],
    ['ahead: what is beyond the answer', nowS + 129, 9_000, 120_000],
    ['behind: what is before the call, without the second that was cut', nowS - 121, 9_000, -120_000],
  ])('%s', async (_, clockS, tookMs, skewMs) => {
    prints(`clockS=${clockS}`, tookMs);
    expect((await read()).skewMs).toBe(skewMs);
  });

  test('that differs by an offset is never reported by more, and the round trip hides no more than it took', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -100_000_000, max: 100_000_000 }),
        fc.nat(30_000),
        fc.nat(30_000),
        async (offsetMs, thereMs, backMs) => {
          clock = createFakeClock(nowMs);
          ssh.onScript = () => {
            clock.pass(thereMs);
            const clockS = Math.floor((clock.now() + offsetMs) / 1000);
            clock.pass(backMs);
            return `clockS=${clockS}\nend=1\n`;
          };
          const skewMs = (await read()).skewMs ?? expect.unreachable();
          expect(Math.abs(skewMs)).toBeLessThanOrEqual(Math.abs(offsetMs));
          expect(Math.abs(offsetMs) - Math.abs(skewMs)).toBeLessThanOrEqual(thereMs + backMs + 1_000);
          expect(skewMs === 0 || Math.sign(skewMs) === Math.sign(offsetMs)).toBe(true);
        },
      ),
    );
  });
});

describe('the inodes of a host', () => {
  test('are those of the file system with the smallest share left', async () => {
    prints('inodes1=1000\ninodesFree1=900\ninodes2=50\ninodesFree2=5');
    expect((await read()).inodes).toEqual({ total: 50, free: 5 });
  });

  test('are not known of a file system without a fixed number', async () => {
    prints('inodes1=0\ninodesFree1=0\ninodes2=-\ninodesFree2=-');
    expect((await read()).inodes).toBeNull();
  });
});

describe('the certificate of a gateway', () => {
  test('tells its end, and its key is not sent', async () => {
    const files = makeCertificate(folder, 'gateway', 9);
    certificatePath = path.join(folder, 'both.pem');
    writeFileSync(certificatePath, readFileSync(files.key, 'utf8') + readFileSync(files.cert, 'utf8'));
    let sent = '';
    ssh.onScript = (args, script) => {
      sent = runInLocalShell(script, args, { env: { HOME: folder, PATH: '/usr/bin:/bin' } }).stdout;
      return sent;
    };
    const { certificateEndsMs } = await read();
    const days = ((certificateEndsMs ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(8.9);
    expect(days).toBeLessThan(9.1);
    const text = Buffer.from(/^certificate64=(.*)$/m.exec(sent)?.[1] ?? '', 'base64').toString();
    expect(text).toContain('BEGIN CERTIFICATE');
    expect(text).not.toContain('PRIVATE KEY');
  });

  test('is null for a gateway without TLS, and undefined where the file is none or cannot be read', async () => {
    prints('');
    expect((await read()).certificateEndsMs).toBeNull();
    certificatePath = path.join(folder, 'none.pem');
    expect((await read()).certificateEndsMs).toBeUndefined();
    for (const text of [
      '',
      'no certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ]) {
      prints(`certificate64=${Buffer.from(text).toString('base64')}`);
      expect((await read()).certificateEndsMs).toBeUndefined();
    }
  });
});

test('the script tells the clock and inodes of this machine, for OpenClaw’s folder as well', async () => {
  statePath = folder;
  ssh.onScript = (args, script) =>
    runInLocalShell(script, args, { env: { HOME: '/', PATH: '/usr/bin:/bin' } }).stdout;
  clock = createFakeClock(Date.now());
  const { skewMs, inodes } = await read();
  expect(Math.abs(skewMs ?? Number.NaN)).toBeLessThan(60_000);
  expect(inodes === null || inodes.free <= inodes.total).toBe(true);
  expect(ssh.scripts).toEqual([[folder, '']]);
});

test.each([
  ['huge numbers', `clockS=${'9'.repeat(400)}\ninodes1=${'9'.repeat(400)}\ninodesFree1=1`],
  ['negative numbers', 'clockS=-5\ninodes1=-1\ninodesFree1=-1'],
  ['NaN and Infinity', 'clockS=NaN\ninodes1=Infinity\ninodesFree1=1e5'],
  ['other digits', 'clockS=１２３\ninodes1=0x10\ninodesFree1=1'],
  ['a line of a megabyte', `clockS=${'1'.repeat(1_000_000)}\n${'x'.repeat(1_000_000)}=1`],
])('%s of a hostile host are not known', async (_, lines) => {
  prints(lines);
  expect(await read()).toEqual({ skewMs: null, inodes: null, certificateEndsMs: null });
});

test('more free inodes than there are count as all, and a year beyond 9999 is a finite difference', async () => {
  prints(`clockS=${'9'.repeat(15)}\ninodes1=10\ninodesFree1=99999`);
  const { skewMs, inodes } = await read();
  expect(inodes).toEqual({ total: 10, free: 10 });
  expect(Number.isFinite(skewMs)).toBe(true);
});
