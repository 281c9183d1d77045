// Memory of long answers of a hostile server: a string cut out of a longer one keeps all of it in memory,
// and small values take twenty times as much as their JSON.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/lib/app-error.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { createKeyMasks, modelsStatus } from '../../src/openclaw/agents/key-masks.ts';
import { createRing } from '../../src/openclaw/events/ring.ts';
import { createTranslator } from '../../src/openclaw/events/translate.ts';
import { readFrame, readHello } from '../../src/openclaw/gateway/frames.ts';
import { readKeyValues } from '../../src/openclaw/host/key-values.ts';
import { parseInspection } from '../../src/openclaw/host/parse-inspection.ts';
import { readFileLine } from '../../src/openclaw/logs/log-line.ts';
import { createReader } from '../../src/openclaw/reads/reader.ts';
import { createCalledGateways } from '../../src/openclaw/testing/called-gateways.ts';
import { createSnapshotsInMemory } from '../../src/openclaw/testing/snapshots-in-memory.ts';
import { decodeText } from '../../src/ssh/output.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MIB = 1024 * 1024;
const LONG = 'x'.repeat(1_000_000);

function usedBytes(): number {
  // The second collection sweeps what the first one marked.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** MiB that `times` runs of `work` leave behind when their results are kept. */
function keptMiB(times: number, work: (round: number) => unknown): number {
  const results: unknown[] = [work(-1)];
  const before = usedBytes();
  for (let round = 0; round < times; round += 1) results.push(work(round));
  const kept = usedBytes() - before;
  return results.length > times ? kept / MIB : Number.NaN;
}

/** Parsed from fresh bytes, so that it shares nothing with the text of another round. */
const received = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString();

const inspected = (lines: readonly string[]) => {
  const stdout = decodeText(Buffer.from(`${lines.join('\n')}\nend=1\n`), false);
  const result = { exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 };
  return parseInspection(readKeyValues(result), 0);
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('memory kept from the answers of a hostile server', () => {
  test.each([
    [
      'paths in a probe output of four megabytes',
      (round: number) =>
        inspected([
          `binary=/usr/local/bin/openclaw-${round}`,
          'version=2026.9.6',
          `junk=\u{1f600}${LONG.repeat(4)}`,
        ]),
    ],
    [
      'settings of a megabyte',
      (round: number) => {
        const auth = { mode: `${round}${LONG}` };
        return inspected([
          `config64=${base64(JSON.stringify({ gateway: { bind: `${round}${LONG}`, auth } }))}`,
        ]);
      },
    ],
    [
      'a token beside a megabyte of variables',
      (round: number) =>
        inspected([
          'configPath=/root/.openclaw/openclaw.json',
          `config64=${base64('{}')}`,
          `environment64=${base64(`OPENCLAW_GATEWAY_TOKEN=0123456789abcdef-${round}\nPATH=${LONG}`)}`,
        ]),
    ],
    [
      'a version of a megabyte in the hello of its gateway',
      (round: number) => readHello(JSON.parse(received({ server: { version: `${round}${LONG}` } }))),
    ],
    [
      'lines of 64 KB in its log',
      (round: number) => {
        const words = `[gateway] ${'word '.repeat(12_000)}${round}`;
        const lines = [words, JSON.stringify({ message: words }), JSON.stringify({ 0: words })];
        return (JSON.parse(received(Array(3).fill(lines).flat())) as string[]).map(readFileLine);
      },
    ],
  ])('stays under a tenth of the answer for %s', (_what, work) => {
    expect(keptMiB(30, work)).toBeLessThan(6);
  });

  test('event ring stays within its limit for events of a megabyte or of many small values', () => {
    const ring = createRing<unknown>({ events: 2_000, bytes: MIB });
    const translate = createTranslator();
    const pushEvent = (event: string, payload: unknown) => {
      const frame = readFrame(received({ type: 'event', event, payload }));
      if (frame?.kind === 'event') for (const translated of translate(frame)) ring.push(translated);
    };
    const before = usedBytes();
    for (let round = 0; round < 100; round += 1)
      pushEvent('sessions.changed', {
        sessionKey: 'k',
        session: { key: 'k', displayName: `${round}${LONG}` },
      });
    expect((usedBytes() - before) / MIB).toBeLessThan(6);
    const call = { type: 'toolCall', id: '1', name: 'n', arguments: Array(5_800).fill({}) };
    for (let round = 0; round < 100; round += 1)
      pushEvent('session.message', { sessionKey: 'k', message: { role: 'assistant', content: [call] } });
    expect((usedBytes() - before) / MIB).toBeLessThan(6);
    expect(ring.last()).toBe(200);
  });
});

describe("a person who asks for many different answers of OpenClaw's command on a hostile server", () => {
  /** Runs whatever it is asked for, and counts by server. */
  function commandOf(text: string) {
    const runs: Record<string, number> = {};
    const json = async (serverId: string, _words: readonly string[], schema: z.ZodType) => {
      runs[serverId] = (runs[serverId] ?? 0) + 1;
      return schema.parse(JSON.parse(text));
    };
    return { runs, cli: { json, run: json } as never };
  }

  test('does not fill the memory with searches, nor make the host of another server run its command again', async () => {
    const sessions = z.object({ sessions: z.array(z.object({})) });
    const { cli, runs } = commandOf(JSON.stringify({ sessions: Array(39_000).fill({}) }));
    const down = async (): Promise<never> => {
      throw new AppError('gateway_unavailable', 'Nothing listens there.');
    };
    const reader = createReader({
      ...{ cli, clock: systemClock, logger: createRecordingLogger().logger },
      gateways: { ...createCalledGateways(), call: down, probe: down },
      ssh: { state: () => 'connected' },
      snapshots: createSnapshotsInMemory(),
    });
    const read = (serverId: string, search: string) =>
      reader.read(
        serverId,
        {
          what: `sessions?q=${search}`,
          schema: sessions,
          fromGateway: (call) => call('sessions.list', {}, sessions),
          fromHost: (call) => call(['sessions', '--json'], sessions),
          keep: 'memory',
        },
        { signal: new AbortController().signal },
      );
    await read('other', 'x');
    const before = usedBytes();
    for (let round = 0; round < 60; round += 1) await read('hostile', `${round}`);
    expect((usedBytes() - before) / MIB).toBeLessThan(20);
    await read('other', 'x');
    expect(runs).toEqual({ other: 1, hostile: 60 });
  }, 30_000);

  test('does not fill the memory with masked keys of agents that the gateway makes up', async () => {
    const providers = Array.from({ length: 300 }, (_, index) => ({
      ...{ provider: `${index}`.padEnd(100, 'ж'), modelsJson: { value: 'sk-ant-a...7890abcd' } },
    }));
    const { cli, runs } = commandOf(JSON.stringify({ auth: { providers } }));
    expect(modelsStatus.safeParse({ auth: { providers } }).success).toBe(true);
    const masks = createKeyMasks({ cli, gateways: createCalledGateways(), clock: systemClock });
    await masks.of('other', 'main');
    const before = usedBytes();
    for (let round = 0; round < 300; round += 1) await masks.of('hostile', `agent-${round}`);
    expect((usedBytes() - before) / MIB).toBeLessThan(4);
    expect((await masks.of('other', 'main')).get(providers[0]!.provider)).toBe('sk-…abcd');
    expect(runs).toEqual({ other: 1, hostile: 300 });
  }, 30_000);
});
