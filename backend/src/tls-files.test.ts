// TLS files: start errors, and reloading when they change.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CertificateFiles, contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { ConfigError } from './config.ts';
import { createFakeClock } from './lib/testing/fake-clock.ts';
import { createRecordingLogger } from './lib/testing/recording-logger.ts';
import { until } from './lib/testing/until.ts';
import { openTlsFiles, type TlsPair } from './tls-files.ts';

let folder: string;
let first: CertificateFiles;
let second: CertificateFiles;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-tls-'));
  first = makeCertificate(folder, 'first');
  second = makeCertificate(folder, 'second');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A clock that tells how many checks are scheduled. */
function createCheckClock(startMs = Date.now()) {
  const moved = createFakeClock(startMs);
  let planned = 0;
  return {
    ...moved,
    planned: () => planned,
    after(delayMs: number, run: () => void) {
      planned += 1;
      const cancel = moved.after(delayMs, () => {
        planned -= 1;
        run();
      });
      return () => {
        planned -= 1;
        cancel();
      };
    },
  };
}

const open = (files: CertificateFiles, clock = createCheckClock()) => {
  const recording = createRecordingLogger();
  return { clock, logged: recording, files: openTlsFiles(files, { clock, logger: recording.logger }) };
};

function complaintOf(files: CertificateFiles): string {
  try {
    open(files);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return expect.unreachable('the files were taken');
}

const fileWith = (name: string, content: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('TLS files: one sentence stops the start', () => {
  test.each([
    [
      'no certificate file',
      () => ({ ...first, cert: path.join(folder, 'none') }),
      /^TLS_CERT takes .* \(ENOENT\)\.$/,
    ],
    ['no key file', () => ({ ...first, key: path.join(folder, 'none') }), /^TLS_KEY takes .* \(ENOENT\)\.$/],
    ['a folder', () => ({ ...first, cert: folder }), /^TLS_CERT takes .* \(EISDIR\)\.$/],
    [
      'a file that is no certificate',
      () => ({ ...first, cert: fileWith('no.crt', 'x') }),
      /^TLS_CERT takes .*certificate.* holds none\.$/,
    ],
    ['an empty file', () => ({ ...first, cert: fileWith('empty', '') }), /^TLS_CERT takes .* holds none\.$/],
    [
      'a file that is no key',
      () => ({ ...first, key: first.cert }),
      /^TLS_KEY takes .* without a passphrase; .* holds none\.$/,
    ],
    [
      'the key of another certificate',
      () => ({ ...first, key: second.key }),
      /^TLS_KEY takes the private key of the certificate in TLS_CERT; .*\.$/,
    ],
    [
      'a key with a passphrase',
      () => {
        const key = path.join(folder, 'locked.key');
        execFileSync('openssl', ['ec', '-aes256', '-passout', 'pass:x', '-in', first.key, '-out', key], {
          stdio: 'pipe',
        });
        return { ...first, key };
      },
      /^TLS_KEY takes .* without a passphrase/,
    ],
  ])('for %s', (_what, files, complaint) => {
    const message = complaintOf(files());
    expect(message).toMatch(complaint);
    expect(message).not.toContain('\n');
  });
});

test('an expired certificate is served with a warning', () => {
  const { files, logged } = open(first, createCheckClock(Date.now() + 31 * 86_400_000));
  expect(files.current()).toEqual(contentOf(first));
  expect(logged.text()).toContain('has expired');
});

describe('TLS files that change', () => {
  let files: CertificateFiles;
  let served: TlsPair[];
  beforeEach(() => {
    files = { cert: path.join(folder, 'live.crt'), key: path.join(folder, 'live.key') };
    served = [];
    put(first);
  });
  const put = (from: CertificateFiles): void => {
    copyFileSync(from.cert, files.cert);
    copyFileSync(from.key, files.key);
  };
  /** The next check starts after the previous one has ended. */
  const checkOnce = async (clock: ReturnType<typeof createCheckClock>): Promise<void> => {
    await until(() => clock.planned() > 0, 'the next check is planned');
    clock.pass(5_000);
    await until(() => clock.planned() > 0, 'the check has ended');
  };

  test('are served from the next check on', async () => {
    const { files: opened, clock } = open(files);
    opened.follow((pair) => served.push(pair));
    await checkOnce(clock);
    expect(served).toEqual([]);
    put(second);
    await checkOnce(clock);
    await checkOnce(clock);
    expect(served).toEqual([contentOf(second)]);
    expect(opened.current()).toEqual(contentOf(second));
  });

  test('are served when their symlink is switched', async () => {
    const link = { cert: path.join(folder, 'link.crt'), key: path.join(folder, 'link.key') };
    const pointTo = (to: CertificateFiles) => {
      for (const part of ['cert', 'key'] as const) {
        symlinkSync(to[part], `${link[part]}.new`);
        renameSync(`${link[part]}.new`, link[part]);
      }
    };
    pointTo(first);
    const { files: opened, clock } = open(link);
    opened.follow((pair) => served.push(pair));
    pointTo(second);
    await checkOnce(clock);
    expect(served).toEqual([contentOf(second)]);
  });

  test('are not served while mismatched or missing, which is logged once', async () => {
    const { files: opened, clock, logged } = open(files);
    opened.follow((pair) => served.push(pair));
    copyFileSync(second.cert, files.cert);
    for (let round = 0; round < 3; round += 1) await checkOnce(clock);
    expect(logged.text().match(/another one/g)).toHaveLength(1);
    rmSync(files.key);
    for (let round = 0; round < 3; round += 1) await checkOnce(clock);
    expect(logged.text().match(/cannot be read/g)).toHaveLength(1);
    expect(served).toEqual([]);
    copyFileSync(second.key, files.key);
    await checkOnce(clock);
    expect(served).toEqual([contentOf(second)]);
  });

  test('are ignored after watching stopped', async () => {
    const { files: opened, clock } = open(files);
    const stop = opened.follow((pair) => served.push(pair));
    stop();
    put(second);
    clock.pass(60_000);
    expect(clock.planned()).toBe(0);
    expect(served).toEqual([]);
  });
});
