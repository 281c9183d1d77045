import { expect, test } from 'vitest';
import { eachAlone } from './each-alone.ts';
import { createRecordingLogger } from './testing/recording-logger.ts';

test('what fails keeps nothing else from being done, and is in the log with its fields', async () => {
  const { logger, text } = createRecordingLogger();
  const done: string[] = [];
  await eachAlone(
    logger,
    { userId: 'ada' },
    {
      'cancel the tasks': () => Promise.reject(new Error('disk full')),
      'read what is gone': () => {
        throw new Error('thrown at once');
      },
      'close the connections': async () => void done.push('closed'),
    },
  );
  expect(done).toEqual(['closed']);
  expect(text().split('\n')).toEqual([
    expect.stringMatching(/ada.*disk full.*could not cancel the tasks/),
    expect.stringMatching(/ada.*thrown at once.*could not read what is gone/),
  ]);
});
