// Which Node is the newest for a server.
import { describe, expect, test } from 'vitest';
import { newestNode, runsOn } from './node-line.ts';

const ENGINES = '>=24.16.0 <25 || >=26.1.0';
const versions: Record<number, string> = { 24: '24.22.0', 25: '25.9.1', 26: '26.3.0', 28: '28.1.0' };
const newest = { node: (line: number) => versions[line] ?? null };

describe('the newest Node', () => {
  test.each([
    ['of the line that is there', '24.21.0', ENGINES, '24.22.0'],
    ['of the first line, without one', null, ENGINES, '24.22.0'],
    ['of a later line that is there', '26.1.0', ENGINES, '26.3.0'],
    ['of a line that OpenClaw still runs on', '24.21.0', '>=26.1.0', '26.3.0'],
    ['of no line of an odd number', '24.21.0', '>=25.9.0 <26 || >=28', '28.1.0'],
    ['of the line that is there, where OpenClaw names none', '25.1.0', null, '25.9.1'],
  ])('is %s', (_what, current, engines, version) => {
    expect(newestNode(newest, { current, engines })).toBe(version);
  });

  test.each([
    ['OpenClaw runs on none of them', '>=40'],
    ['it names them in a way that is not understood', 'lts/*'],
  ])('is not known where %s', (_what, engines) => {
    expect(newestNode(newest, { current: '24.21.0', engines })).toBeNull();
  });
});

test('OpenClaw does not run on a Node that its package does not name', () => {
  expect([runsOn('24.15.0', ENGINES), runsOn('24.16.0', ENGINES), runsOn('25.0.0', ENGINES)]).toEqual([
    ...[false, true, false],
  ]);
});
