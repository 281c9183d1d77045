// A managed server that was taken over tries to freeze Buoy by its answers: each must be read in time that is linear in its length.
import { once } from 'node:events';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { listPaths } from '../../src/openclaw/config/config-changes.ts';
import { readDryRun } from '../../src/openclaw/config/host-config.ts';
import { configIssues } from '../../src/openclaw/config/read-config.ts';
import { redactConfig } from '../../src/openclaw/config/redact-config.ts';
import { createSecretMask } from '../../src/openclaw/dashboard/hide-secret.ts';
import { pageBelow } from '../../src/openclaw/dashboard/page.ts';
import { rpcFailure } from '../../src/openclaw/gateway/failures.ts';
import { readFrame } from '../../src/openclaw/gateway/frames.ts';
import { expectUsualConfig } from '../../src/openclaw/gateway/json-limits.ts';
import { causeFromJournal } from '../../src/openclaw/host/cause.ts';
import { createCli } from '../../src/openclaw/host/cli.ts';
import { parseConfigFile } from '../../src/openclaw/host/config-file.ts';
import { readGatewaySettings } from '../../src/openclaw/host/gateway-settings.ts';
import type { Installation, Installations } from '../../src/openclaw/host/installation.ts';
import { parseJournal } from '../../src/openclaw/host/journal.ts';
import { readKeyValues } from '../../src/openclaw/host/key-values.ts';
import { parseInspection } from '../../src/openclaw/host/parse-inspection.ts';
import { selectLines } from '../../src/openclaw/logs/select-lines.ts';
import { pairingInFiles } from '../../src/openclaw/pairing/pairing-files.ts';
import { createReader } from '../../src/openclaw/reads/reader.ts';
import { createOpenclawSecurityAudit } from '../../src/openclaw/security-audit/security-audit.ts';
import { gatewayDidNotStart } from '../../src/openclaw/service/failure.ts';
import type { ServiceContext } from '../../src/openclaw/service/parts.ts';
import { createCalledGateways } from '../../src/openclaw/testing/called-gateways.ts';
import { createSnapshotsInMemory } from '../../src/openclaw/testing/snapshots-in-memory.ts';
import { createRemoteRuns } from '../../src/tasks/remote-run.ts';
import { type ControlUiRelay, startControlUiRelay } from '../support/control-ui-relay.ts';
import { longestBlock, longestBlockOfThree } from '../support/main-thread.ts';

/** Milliseconds of this thread; the server could send ten times as much, and most of these inputs once took quadratic time. */
const MAX_MS = 100;

/** The same for what Buoy reads of each server every few seconds, and for what a person may send again and again. */
const MAX_OFTEN_MS = 30;

const inspected = (stdout: string) => () => {
  const values = readKeyValues({
    ...{ exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 },
  });
  return parseInspection(values, 0);
};
const requests = (count: number) => JSON.stringify({ requests: Array(count).fill({ code: 0 }) });
const configured = (config: string) => () =>
  readGatewaySettings({
    config: parseConfigFile(config),
    configPath: '/c',
    environment: {},
    dotEnv: {},
    commandPort: null,
  });
const framed = (payload: string) => {
  const frame = `{"type":"event","event":"tick","payload":${payload}}`;
  return () => readFrame(frame);
};

const { signal } = new AbortController();

/** The longest secret that Buoy takes, of which texts that repeat all but its end take the longest to search. */
const secretOf = (filling: string) => `b${filling.repeat(4_095)}`;
const nearly = (text: string, length: number) => {
  const unit = `${text.slice(0, -1)}c`;
  return `${unit.repeat(Math.ceil(length / unit.length))}${text.slice(1)}`;
};
const masked = (filling: string, form: (secret: string) => string) => {
  const text = nearly(form(secretOf(filling)), 2 * 1024 * 1024);
  return () =>
    createSecretMask(secretOf(filling)).inParts([Buffer.from(text)], { myTurn: othersTurn, signal });
};
const maskedStream = (filling: string) => {
  const bytes = Buffer.from(nearly(secretOf(filling), 2 * 1024 * 1024));
  return () => createSecretMask(secretOf(filling)).stream().write(bytes);
};
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** Milliseconds that this thread computes in one go, the shortest of three tries; the work may throw. */
async function computing(work: () => unknown): Promise<number> {
  const attempt = async () => {
    try {
      await work();
    } catch {
      // A refusal is a valid outcome too.
    }
  };
  return (await longestBlockOfThree(attempt, MAX_OFTEN_MS)).blockedMs;
}

describe('event loop stays free for the answers of a hostile server', () => {
  test.each([
    ['a version of 100,000 digits', inspected(`version=${'1'.repeat(100_000)}\nend=1\n`)],
    [
      'a million lines',
      inspected(`${Array.from({ length: 500_000 }, (_, at) => `k${at}=`).join('\n')}\nend=1`),
    ],
    [
      'a base path of 100,000 slashes',
      configured(`{"gateway":{"controlUi":{"basePath":"a${'/'.repeat(100_000)}b"}}}`),
    ],
    [
      'a secret that names a variable of a megabyte 400 times',
      configured(
        JSON.stringify({
          gateway: { auth: { token: `$\{A}`.repeat(400) } },
          env: { vars: { A: 'x'.repeat(1_000_000) } },
        }),
      ),
    ],
    ...['', 'x', '--password'].map((word): [string, () => unknown] => [
      `the details of a refusal with thousands of words "${word}"`,
      () => {
        const details = { command: Array.from({ length: 16_384 / (word.length + 3) }, () => word) };
        rpcFailure('status', { code: 'REFUSED', message: 'No.', details }, null);
      },
    ]),
    ['a config of a megabyte of JSON5', configured(`{a:[${'0,'.repeat(500_000)}]}`)],
    ['one line of 100,000 characters in its journal', () => causeFromJournal(['x'.repeat(100_000)])],
    [
      'a log of 150,000 lines that are no JSON',
      () => parseJournal(`from=file\n${'x\n'.repeat(150_000)}`, { limit: 1_000, sinceMs: null }),
    ],
    ['260,000 files of pairing requests that are no JSON', () => pairingInFiles('a\nx\n'.repeat(260_000), 0)],
    [
      'a dry run with 350,000 issues',
      () => readDryRun(`{"ok":false,"errors":[{"message":"${'- a: b\\n'.repeat(350_000)}"}]}`),
    ],
    [
      'a page of tags that do not end',
      () => pageBelow(`<openclaw-app>${'<link '.repeat(20_000)}`, '/s/srv_1'),
    ],
    [
      'a page of four megabytes of links',
      () => pageBelow(`<openclaw-app>${'<link href="/a">'.repeat(260_000)}`, '/s/srv_1'),
    ],
    [
      'a frame of a million fields',
      framed(`{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`).join(',')}}`),
    ],
    ['a frame of two megabytes that almost repeats its secret', masked('a', String)],
    ['an answer of two megabytes that almost repeats its secret', maskedStream('a')],
    ['a frame that almost repeats its secret of quotes as JSON has it', masked('"', inJson)],
    ['a frame that almost repeats its secret as an address has it', masked('é', encodeURIComponent)],
    ['a frame of four million empty lists', framed(`[${'[],'.repeat(4_000_000)}0]`)],
  ])('with %s', async (_what, work) => {
    expect(await computing(work)).toBeLessThan(MAX_MS);
  });

  const entries = (count: number, first: string) =>
    Array.from({ length: count }, (_, at) => ({ id: `${first}${at}` }));
  const variables = Object.fromEntries(Array.from({ length: 39_000 }, (_, at) => [`k${at}`, 'x']));
  const logged = { at: null, level: null, message: 'İ'.repeat(4_000), subsystem: null };
  const logs = { file: null, cursor: null, lines: Array(390).fill(logged), truncated: false };
  const parsedVariables = { value: { env: { vars: variables } }, problem: null };
  test.each([
    ['200 files of 450 pairing requests', () => pairingInFiles(`a\n${requests(450)}\n`.repeat(200), 0)],
    [
      '500 issues whose paths are no names',
      () => configIssues.parse(Array(500).fill({ path: Array(75).fill(null) })),
    ],
    [
      'a list of 4,900 entries, where a change replaces as many',
      () => listPaths({ a: entries(4_900, 'y') }, { a: entries(4_900, 'z') }, { replacesLists: false }),
    ],
    [
      'a config of 39,000 variables',
      () =>
        readGatewaySettings({
          ...{ config: parsedVariables, configPath: '/c', environment: {}, dotEnv: {}, commandPort: null },
        }),
    ],
    [
      'three megabytes of log lines that almost hold what its reader looks for',
      () => selectLines(logs, { lines: 100, q: `${'İ'.repeat(99)}b` }, othersTurn),
    ],
    ...['token=a ', 'secret', 'mysql '].map((words): [string, () => void] => [
      `a config as long as can be of "${words}"`,
      () => {
        const config = { note: words.repeat(300_000 / words.length) };
        expectUsualConfig(config);
        redactConfig(config);
      },
    ]),
  ])('for more than a moment with %s', async (_what, work) => {
    expect(await computing(work)).toBeLessThan(MAX_OFTEN_MS);
  });

  test('with a journal that almost repeats its secret', async () => {
    const access = { port: 1, auth: { token: secretOf('a') }, problem: null };
    const lines = [nearly(secretOf('a'), 256 * 1024)];
    const context = { serverId: 's1', output: () => {}, signal };
    const { answer, blockedMs } = await longestBlockOfThree(
      () =>
        gatewayDidNotStart(
          {
            installations: {
              journal: () => Promise.resolve(lines),
              access: () => Promise.resolve(access),
            } as unknown as Installations,
            clock: systemClock,
          },
          context as unknown as ServiceContext,
          0,
          'It did not start.',
        ),
      MAX_OFTEN_MS,
    );
    expect(answer.code).toBe('refused');
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
  });

  /** Follows a run whose polls are answered with these texts, one after the other. */
  const following = (answers: readonly string[]) => {
    const left = [...answers];
    const script = async () => {
      await othersTurn();
      const stdout = left.shift() ?? '';
      return { exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 };
    };
    // Pauses between two polls are over at once.
    const after = (_ms: number, work: () => void) => {
      const timer = setImmediate(work);
      return () => clearImmediate(timer);
    };
    const runs = createRemoteRuns({
      ssh: { script, lateScript: script },
      clock: { now: systemClock.now, after },
    });
    const delivered = { bytes: 0 };
    const onOutput = (_text: string, nextOffset: number) => {
      delivered.bytes = nextOffset;
    };
    const ended = runs.follow('srv_1', 'run', { offset: 0, onOutput, deadlineMs: 60_000, signal });
    return { ended, delivered, left };
  };

  test.each([
    ['half a million single digits', `hex\n${' a'.repeat(512 * 1024 - 32)}`],
    ['more digits than were asked for', `hex\n${' aa'.repeat(64 * 1024 + 1)}`],
    ['more base64 than was asked for', `base64\n${Buffer.alloc(64 * 1024 + 1).toString('base64')}`],
  ])('with output of a task in %s, which it is not asked for again and again', async (_what, output) => {
    const answers = Array(100).fill(`buoy-run alive - 999999999 ${output}`);
    const { ended, delivered, left } = following(answers);
    await expect(ended).rejects.toMatchObject({ code: 'bad_gateway' });
    expect(delivered.bytes).toBe(0);
    expect(left.length).toBeGreaterThan(90);
  });

  test('with an audit of four megabytes, of which Buoy keeps half a megabyte', async () => {
    const finding = { checkId: 'c', severity: 'warn', title: 't', detail: 'password=abc '.repeat(310) };
    const stdout = JSON.stringify({ findings: Array.from({ length: 1_000 }, () => finding) });
    const result = { exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 };
    const found = { installed: true, binaryPath: '/o', nodePath: '/n' } as Installation;
    const cli = createCli({
      ssh: { script: () => Promise.resolve(result) },
      installations: { find: () => Promise.resolve(found) },
      clock: systemClock,
    });
    let blockedMs = Number.POSITIVE_INFINITY;
    let keptLength = 0;
    for (let attempt = 1; attempt <= 4 && blockedMs > MAX_MS; attempt += 1) {
      const reader = createReader({
        ...{ cli, gateways: createCalledGateways(), ssh: { state: () => 'connected' } },
        ...{
          snapshots: createSnapshotsInMemory(),
          clock: systemClock,
          logger: createRecordingLogger().logger,
        },
      });
      const audits = createOpenclawSecurityAudit({ reader, clock: systemClock });
      const { answer, blockedMs: ms } = await longestBlock(() => audits.read('s1', { fresh: true, signal }));
      blockedMs = Math.min(blockedMs, ms);
      keptLength = JSON.stringify(answer.audit).length;
    }
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(keptLength).toBeLessThan(512 * 1024);
  });
});

describe('event loop stays free for a Control UI whose gateway almost repeats its secret', () => {
  const MIB = 1024 * 1024;
  let relay: ControlUiRelay;
  afterEach(() => relay.close());

  const repeated = (unit: string, length: number) =>
    Buffer.from(unit.repeat(Math.ceil(length / unit.length)).slice(0, length));

  /** Written as it is, in JSON or in an address, each of these begins in the same way. */
  const secrets: Array<[string, { secret: string; unit: string }]> = [
    ['of eight letters', { secret: 'aaaaaaab"', unit: 'aaaaaaac' }],
    ['of 64 equal letters', { secret: `${'a'.repeat(64)}"`, unit: `${'a'.repeat(64)}c` }],
    ['as long as can be', { secret: `b${'a'.repeat(4_094)}"`, unit: `b${'a'.repeat(4_093)}c` }],
  ];

  test.each(secrets)('in a frame of eight megabytes, with a secret %s', async (_what, { secret, unit }) => {
    relay = await startControlUiRelay({ secret });
    const { server, browser } = await relay.open('ada');
    const frame = repeated(unit, 8 * MIB);
    const { answer, blockedMs } = await longestBlockOfThree(async () => {
      const arrival = once(browser, 'message') as Promise<[Buffer, boolean]>;
      server.send(frame, { binary: false });
      return arrival;
    }, MAX_OFTEN_MS);
    expect(answer[0].equals(frame)).toBe(true);
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
  });

  test.each(secrets)('in a page of four megabytes, with a secret %s', async (_what, { secret, unit }) => {
    relay = await startControlUiRelay({ secret });
    const page = repeated(unit, 4 * MIB);
    const { answer, blockedMs } = await longestBlockOfThree(() => relay.page(page), MAX_OFTEN_MS);
    expect(answer.equals(page)).toBe(true);
    expect(blockedMs).toBeLessThan(MAX_OFTEN_MS);
  });
});
