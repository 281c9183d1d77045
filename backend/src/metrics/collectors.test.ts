// Metrics read at scrape time, with collectors that fail or do not answer.
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createCollectors, type Value } from './collectors.ts';

function setUp() {
  const registry = new Registry();
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const collectors = createCollectors(registry, { clock, logger: log.logger });
  const samples = async () =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { registry, collectors, clock, log, samples };
}

describe('a metrics scrape', () => {
  test('reads its values again each time', async () => {
    const { collectors, samples } = setUp();
    let states: Record<string, number> = { up: 2, down: 1 };
    collectors.add(
      'servers',
      { servers: { help: 'Servers.', label: 'state' }, stale: { help: 'Stale ones.' } },
      () => ({ servers: states, stale: 4 }),
    );
    expect(await samples()).toEqual([]);
    await collectors.collect();
    expect(await samples()).toEqual([
      'buoy_collector_up{collector="servers"} 1',
      'servers{state="up"} 2',
      'servers{state="down"} 1',
      'stale 4',
    ]);
    states = { up: 3 };
    await collectors.collect();
    expect(await samples()).toEqual([
      'buoy_collector_up{collector="servers"} 1',
      'servers{state="up"} 3',
      'stale 4',
    ]);
  });

  test('omits the values of a failed collector', async () => {
    const { collectors, samples, log } = setUp();
    let answer: () => Promise<Record<'size', Value>> = async () => ({ size: 7 });
    collectors.add('well', { fine: { help: 'Fine.' } }, () => ({ fine: 1 }));
    collectors.add('broken', { size: { help: 'Bytes.' } }, () => answer());
    await collectors.collect();
    expect(await samples()).toContain('size 7');
    answer = async () => {
      throw new Error('the disk is gone');
    };
    await collectors.collect();
    expect(await samples()).toEqual([
      'buoy_collector_up{collector="well"} 1',
      'buoy_collector_up{collector="broken"} 0',
      'fine 1',
    ]);
    expect(log.text()).toContain('the disk is gone');
    answer = async () => ({ size: 8 });
    await collectors.collect();
    expect(await samples()).toContain('size 8');
  });

  test('waits two seconds for a collector and ignores its late answer', async () => {
    const { collectors, samples, clock } = setUp();
    const late = Promise.withResolvers<Record<'size', Value>>();
    collectors.add('silent', { size: { help: 'Bytes.' } }, () => late.promise);
    const collected = collectors.collect();
    await Promise.resolve();
    clock.pass(2_000);
    await collected;
    late.resolve({ size: 9 });
    await late.promise;
    expect(await samples()).toEqual(['buoy_collector_up{collector="silent"} 0']);
  });

  test('exposes an external count as a counter', async () => {
    const { collectors, registry } = setUp();
    collectors.add('backups', { failures_total: { help: 'Failures.', counts: true } }, () => ({
      failures_total: 3,
    }));
    for (let time = 0; time < 2; time += 1) {
      await collectors.collect();
      expect(await registry.metrics()).toContain('# TYPE failures_total counter\nfailures_total 3\n');
    }
  });

  test('omits a metric without a value', async () => {
    const { collectors, samples } = setUp();
    collectors.add('backups', { last: { help: 'The last one.' } }, () => ({ last: null }));
    await collectors.collect();
    expect(await samples()).toEqual(['buoy_collector_up{collector="backups"} 1']);
  });
});
