import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { followLog } from './follow-log.ts';
import type { NewEntry } from './log-lines.ts';

const frame = (event: string, data: unknown, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const line = (message: string) => ({ at: null, level: 'info', message, subsystem: null });

/** Plays one stream after the other; the last one stays open. */
async function follow(streams: Array<string | ApiError>) {
  const entries: NewEntry[] = [];
  const resumedFrom: Array<string | null> = [];
  const leave = new AbortController();
  const openStream: Api['openStream'] = async (_path, { lastEventId }) => {
    resumedFrom.push(lastEventId);
    const next = streams.shift();
    if (next === undefined) leave.abort();
    if (next instanceof ApiError) throw next;
    return new Blob([next ?? '']).stream();
  };
  await followLog({ openStream } as Api, 'srv_1', {
    onEntry: (entry) => entries.push(entry),
    onOpen: () => {},
    wait: async () => {},
    signal: leave.signal,
  });
  return { entries, resumedFrom };
}

it('resumes a broken log stream after the last line', async () => {
  const { entries, resumedFrom } = await follow([
    frame('line', line('one'), 'a:1'),
    new ApiError(0, { error: 'no answer' }),
    frame('line', line('two'), 'a:2'),
  ]);
  expect(entries.map((entry) => (entry.kind === 'line' ? entry.message : entry.kind))).toEqual([
    'one',
    'two',
  ]);
  expect(resumedFrom).toEqual([null, 'a:1', 'a:1', 'a:2']);
});

it('marks gaps in the log, and ignores unknown events', async () => {
  const { entries } = await follow([
    frame('line', line('one')) +
      frame('news', { a: 1 }) +
      'event: line\ndata: {broken\n\n' +
      frame('gap', { message: 'The gateway does not answer.' }) +
      frame('reset', { file: null }),
    frame('line', line('two')),
  ]);
  expect(entries.map(({ kind }) => kind)).toEqual(['line', 'gap', 'reset', 'reset', 'line']);
});

it('stops following a log after a refusal', async () => {
  await expect(follow([new ApiError(404, { error: 'There is no such server.' })])).rejects.toThrow('no such');
});
