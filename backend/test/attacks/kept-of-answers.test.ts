// Memory of long answers of a hostile server: a string cut out of a longer one keeps all of it in memory,
// and small values take twenty times as much as their JSON.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createRing } from '../../src/openclaw/events/ring.ts';
import { createTranslator } from '../../src/openclaw/events/translate.ts';
import { readFrame, readHello } from '../../src/openclaw/gateway/frames.ts';
import { readKeyValues } from '../../src/openclaw/host/key-values.ts';
import { parseInspection } from '../../src/openclaw/host/parse-inspection.ts';
import { readFileLine } from '../../src/openclaw/logs/log-line.ts';
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
