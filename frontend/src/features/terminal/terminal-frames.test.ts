import type { TerminalServerFrame } from '@buoy/contract';
import { expect, test } from 'vitest';
import { parseServerFrame } from './terminal-frames.ts';

test.each<TerminalServerFrame>([
  { type: 'ready' },
  { type: 'heartbeat' },
  { type: 'exit', exitCode: 3, signal: null },
  { type: 'exit', exitCode: null, signal: 'KILL' },
  {
    type: 'error',
    error: 'The connection was lost.',
    code: 'unreachable',
    requestId: 'r',
    hint: 'Try again.',
  },
  { type: 'error', error: 'The connection was lost.', code: 'unreachable', requestId: 'r' },
])('takes %j', (frame) => {
  expect(parseServerFrame(JSON.stringify(frame))).toEqual(frame);
});

test.each(['', 'null', '[]', '"ready"', '{"type":"later"}', '{"type":"error","error":7}', '{"type":'])(
  'passes over %s',
  (text) => {
    expect(parseServerFrame(text)).toBeNull();
  },
);

test('accepts an exit frame without code and signal', () => {
  expect(parseServerFrame('{"type":"exit"}')).toEqual({ type: 'exit', exitCode: null, signal: null });
});
