import { setImmediate as othersTurn } from 'node:timers/promises';
import type { LogLevel, OpenclawLogs } from '@buoy/contract';
import { expect, test } from 'vitest';
import { selectLines } from './select-lines.ts';

const line = (level: LogLevel | null, message: string, subsystem: string | null = null) => ({
  at: null,
  level,
  message,
  subsystem,
});
const logs: OpenclawLogs = {
  file: null,
  cursor: null,
  truncated: false,
  lines: [
    line('debug', 'one'),
    line('info', 'Two', 'cron'),
    line('warn', 'three'),
    line('fatal', 'four'),
    line(null, 'five'),
  ],
};
const select = (wanted: Parameters<typeof selectLines>[1]) => selectLines(logs, wanted, othersTurn);
const messages = async (wanted: Parameters<typeof selectLines>[1]) =>
  (await select(wanted)).lines.map(({ message }) => message);

test('log lines › the last ones', async () => {
  expect(await messages({ lines: 2 })).toEqual(['four', 'five']);
  expect((await select({ lines: 2 })).truncated).toBe(true);
  expect((await select({ lines: 5 })).truncated).toBe(false);
});

test('log lines › from a level on; lines without a level stay', async () => {
  expect(await messages({ lines: 10, level: 'warn' })).toEqual(['three', 'four', 'five']);
});

test('log lines › that contain a text, in any case, also in the subsystem', async () => {
  expect(await messages({ lines: 10, q: 'tWO' })).toEqual(['Two']);
  expect(await messages({ lines: 10, q: 'cron' })).toEqual(['Two']);
  expect(await messages({ lines: 10, q: '(' })).toEqual([]);
});
