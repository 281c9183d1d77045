import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TaskEvent } from './task-events.ts';
import { type TaskKind, taskStep } from './task-kind.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

const input = z.object({ texts: z.array(z.string()), pause: z.boolean().default(false) });
type Input = z.output<typeof input>;

/** Writes its texts, each stored by itself, in two steps; waits before the last one when asked to. */
function talker(hold: { passed: Promise<void> }): TaskKind {
  const talk = (id: string, part: (texts: string[]) => string[], last: boolean) =>
    taskStep<Input>({
      id,
      title: id,
      deadlineMs: 20_000,
      async run({ input: { texts, pause }, output, saveState }) {
        for (const text of part(texts)) {
          output(text);
          await saveState();
        }
        if (last && pause) await hold.passed;
      },
    });
  const half = (texts: string[]) => Math.floor(texts.length / 2);
  return {
    type: 'test.talk',
    exclusivePerServer: false,
    inputSchema: input,
    steps: [
      talk('first', (texts) => texts.slice(0, half(texts)), false),
      talk('second', (texts) => texts.slice(half(texts)), true),
    ],
  };
}

const written = (texts: string[]) =>
  texts.map((text) => text.toWellFormed().replace(/(?![\x07\t\n\r\x1b])[\x00-\x1f]/g, '\ufffd')).join('');
const outputOf = (events: TaskEvent[]) =>
  events.map((event) => (event.event === 'output' ? event.data.text : '')).join('');
async function allOf(events: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const list: TaskEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}
const numberOf = (event: TaskEvent) => Number(event.id.split('.')[0]);

describe('events of a task', () => {
  let folder: TestFolder;
  let all: TestTasks;
  let hold: PromiseWithResolvers<void>;
  beforeEach(async () => {
    folder = makeTestFolder();
    hold = Promise.withResolvers<void>();
    all = await openTestTasks(folder, [talker({ passed: hold.promise })]);
  });
  afterEach(async () => {
    hold.resolve();
    await all.close();
    folder.remove();
  });
  const start = (texts: string[], pause = false) =>
    all.tasks.start('test.talk', { serverId: null, input: { texts, pause }, createdBy: 'u_1' });
  const never = new AbortController().signal;

  it('begins with the task as it is and ends with the ended task, after all of its output', async () => {
    const { id } = await start(['one\n', 'two\n', 'three\n']);
    const events = await allOf(all.tasks.events(id, { signal: never }));
    expect(events[0]).toMatchObject({ event: 'task', data: { id } });
    expect(events.at(-1)).toMatchObject({ event: 'task', data: { status: 'succeeded', progress: 1 } });
    expect(outputOf(events)).toBe('one\ntwo\nthree\n');
    const steps = events.flatMap((event) => (event.event === 'step' ? [event.data] : []));
    expect(steps.at(-1)).toMatchObject({ id: 'second', status: 'succeeded', outputTail: 'two\nthree\n' });
  });

  it('sends the same events for a task that ended earlier', async () => {
    const { id } = await start(['one\n', 'two\n']);
    await all.ended(id);
    const events = await allOf(all.tasks.events(id, { signal: never }));
    expect(events.map((event) => event.event)).toEqual(['task', 'output', 'output', 'task']);
    expect(outputOf(events)).toBe('one\ntwo\n');
  });

  it('neither loses nor repeats output when a reader reconnects with its last event id', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 15 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 }),
        async (texts, visits) => {
          const { id } = await start(texts);
          const events: TaskEvent[] = [];
          let lastEventId: string | undefined;
          for (const length of [...visits, Number.POSITIVE_INFINITY]) {
            let left = length;
            for await (const event of all.tasks.events(id, { lastEventId, signal: never })) {
              events.push(event);
              lastEventId = event.id;
              left -= 1;
              if (left <= 0) break;
            }
          }
          expect(outputOf(events)).toBe(written(texts));
          for (const [i, event] of events.entries()) {
            if (i > 0) expect(numberOf(event)).toBe(numberOf(events[i - 1]!) + 1);
            if (event.event === 'output')
              expect(
                Buffer.from(written(texts))
                  .subarray(event.data.offset)
                  .toString()
                  .startsWith(event.data.text),
              ).toBe(true);
          }
          expect(events.at(-1)).toMatchObject({ event: 'task', data: { status: 'succeeded' } });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('sends a slow reader the newest state and skips those in between', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `line ${i}\n`);
    const { id } = await start(texts, true);
    const reader = all.tasks.events(id, { signal: never })[Symbol.asyncIterator]();
    const events: TaskEvent[] = [(await reader.next()).value as TaskEvent];
    await all.taskWhen(id, (task) => task.steps[1]?.outputTail.endsWith('line 199\n') ?? false);
    while (!outputOf(events).endsWith('line 199\n')) events.push((await reader.next()).value as TaskEvent);
    expect(outputOf(events)).toBe(texts.join(''));
    expect(events.length).toBeLessThan(20);
    hold.resolve();
    for (let next = await reader.next(); !next.done; next = await reader.next()) events.push(next.value);
    expect(events.at(-1)).toMatchObject({ event: 'task', data: { status: 'succeeded' } });
  });

  it('ends when its reader leaves, and for a task that does not exist', async () => {
    const { id } = await start(['one\n'], true);
    const reader = new AbortController();
    const events: TaskEvent[] = [];
    for await (const event of all.tasks.events(id, { signal: reader.signal })) {
      events.push(event);
      if (event.event === 'output') reader.abort();
    }
    expect(events.at(-1)?.event).toBe('output');
    expect(await allOf(all.tasks.events('tsk_none', { signal: never }))).toEqual([]);
  });

  it.each(['nonsense', '3.999999', '-1.0', '1.1e9'])(
    'starts from the beginning with the id %j',
    async (lastEventId) => {
      const { id } = await start(['one\n', 'two\n']);
      await all.ended(id);
      expect(outputOf(await allOf(all.tasks.events(id, { lastEventId, signal: never })))).toBe('one\ntwo\n');
    },
  );
});
