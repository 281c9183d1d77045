// Lines as both versions of OpenClaw write them, and as systemd keeps them.
import { describe, expect, test } from 'vitest';
import { readFileLine, readJournalLine } from './log-line.ts';

const line = (more: object) =>
  JSON.stringify({
    0: '{"subsystem":"gateway/ws"}',
    1: 'closed before connect',
    _meta: {
      logLevelName: 'WARN',
      name: '{"subsystem":"gateway/ws"}',
      date: '2026-11-24T23:43:27.395Z',
    },
    time: '2026-11-24T23:43:27.395+00:00',
    hostname: 'vm',
    message: 'closed before connect',
    ...more,
  });

describe('a log line of the file', () => {
  test('has its time, level, subsystem and message', () => {
    expect(readFileLine(line({}))).toEqual({
      at: '2026-11-24T23:43:27.395Z',
      level: 'warn',
      message: 'closed before connect',
      subsystem: 'gateway/ws',
    });
  });

  test('of a module names the module, and without a message uses its arguments', () => {
    const text = line({
      0: '{"module":"cron"}',
      1: { jobId: 'x' },
      2: 'cron: job added',
      message: undefined,
      _meta: { logLevelName: 'INFO', name: '{"module":"cron","storeKey":"/home/x"}' },
    });
    expect(readFileLine(text)).toMatchObject({
      level: 'info',
      message: 'cron: job added',
      subsystem: 'cron',
    });
  });

  test('keeps its line breaks and loses colours', () => {
    expect(readFileLine(line({ message: '\x1b[31mfailed\x1b[0m\n  at x\ty' })).message).toBe(
      'failed\n  at x y',
    );
  });

  test('hides secrets', () => {
    const { message } = readFileLine(line({ message: 'token=0123456789abcdef and sk-abcdefghijklmnopqrst' }));
    expect(message).toBe('token=[redacted] and [redacted]');
  });

  test('is cut when it is long', () => {
    const { message } = readFileLine(line({ message: 'x'.repeat(100_000) }));
    expect(message).toHaveLength(4_001);
  });

  test.each(['', '{"half', 'null', '[]', '"x"', '{}'])('that is %j does not fail', (text) => {
    expect(readFileLine(text)).toMatchObject({ at: null, level: null, subsystem: null });
  });
});

describe('a log line of the journal', () => {
  test('has its time, subsystem and message', () => {
    expect(
      readJournalLine('2026-11-25T10:40:40.400+00:00 [reload] config hot reload applied (agents.ownership)'),
    ).toEqual({
      at: '2026-11-25T10:40:40.400Z',
      level: null,
      message: 'config hot reload applied (agents.ownership)',
      subsystem: 'reload',
    });
  });

  test('of systemd has only a message', () => {
    expect(readJournalLine('Started openclaw-gateway.service - OpenClaw Gateway.')).toEqual({
      at: null,
      level: null,
      message: 'Started openclaw-gateway.service - OpenClaw Gateway.',
      subsystem: null,
    });
  });
});
