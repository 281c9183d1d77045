import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import { newId } from '../lib/ids.ts';
import { MAX_TASK_OUTPUT_BYTES } from './task-output.store.ts';
import { createTasksStore, type NewTask, type TasksStore } from './tasks.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const later = '2026-03-01T10:05:00.000Z';

describe.each(testDatabases())('tasks on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: TasksStore;
  beforeAll(async () => {
    database = await open();
    store = createTasksStore(database);
  });
  afterAll(() => database.close());

  const newServer = async (): Promise<string> => {
    const id = newId('srv');
    await database.db.insertInto('servers').values(serverRow(id)).execute();
    return id;
  };
  const newTask = async (changes: Partial<NewTask> = {}): Promise<NewTask> => {
    const task: NewTask = {
      id: newId('tsk'),
      type: 'test.work',
      serverId: changes.serverId === undefined ? await newServer() : changes.serverId,
      exclusive: true,
      input: { words: 'as given' },
      secrets: null,
      createdBy: 'u_1',
      createdAt: at,
      steps: [
        { id: 'first', title: 'First' },
        { id: 'second', title: 'Second' },
      ],
      ...changes,
    };
    await store.create(task);
    return task;
  };
  const written = async (id: string) => {
    const task = await store.find(id);
    expect(task).not.toBeNull();
    return task!;
  };

  it('stores a new task with its steps unchanged', async () => {
    const { id, serverId } = await newTask();
    expect(await store.find(id)).toMatchObject({
      id,
      type: 'test.work',
      serverId,
      status: 'queued',
      input: { words: 'as given' },
      result: null,
      error: null,
      cancelRequested: false,
      createdAt: at,
      startedAt: null,
      finishedAt: null,
      outputBytes: 0,
      steps: [
        { id: 'first', title: 'First', status: 'pending', state: null, outputTail: '' },
        { id: 'second', title: 'Second', status: 'pending', state: null, outputTail: '' },
      ],
    });
    expect(await store.serverIdOf(id)).toBe(serverId);
    expect(await store.find('tsk_none')).toBeNull();
    expect(await store.serverIdOf('tsk_none')).toBeUndefined();
  });

  it('refuses a task for a server that does not exist', async () => {
    await expect(newTask({ serverId: 'srv_none' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('accepts exactly one of 50 tasks created at once, and names it to the others', async () => {
    const serverId = await newServer();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => newTask({ serverId })));
    const [winner, ...more] = outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value.id] : []));
    expect(more).toEqual([]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'task_already_running', details: { taskId: winner } });
    expect(await store.active({ serverIds: null, serverId })).toHaveLength(1);
  });

  it('accepts another task of that type once the first has ended, and other types and servers immediately', async () => {
    const { id, serverId } = await newTask();
    await newTask({ serverId, type: 'test.other' });
    await newTask();
    await expect(newTask({ serverId })).rejects.toMatchObject({ code: 'task_already_running' });
    await store.write(id, {
      at,
      task: { status: 'failed', error: { code: 'internal', message: 'x', hint: null } },
    });
    await newTask({ serverId });
  });

  it('treats mutually exclusive types as one, and names the task that runs', async () => {
    const serverId = await newServer();
    const { id } = await newTask({ serverId, type: 'test.start', exclusiveAs: 'test.service' });
    await expect(newTask({ serverId, type: 'test.stop', exclusiveAs: 'test.service' })).rejects.toMatchObject(
      { code: 'task_already_running', details: { taskId: id } },
    );
    await newTask({ serverId, type: 'test.start' });
    await newTask({ type: 'test.stop', exclusiveAs: 'test.service' });
  });

  it('treats tasks without a server as one place, and accepts kinds that are not exclusive side by side', async () => {
    await newTask({ serverId: null, type: 'test.alone' });
    await expect(newTask({ serverId: null, type: 'test.alone' })).rejects.toMatchObject({
      code: 'task_already_running',
    });
    const serverId = await newServer();
    await newTask({ serverId, exclusive: false });
    await newTask({ serverId, exclusive: false });
    expect(await store.active({ serverIds: null, serverId })).toHaveLength(2);
    expect(await store.active({ serverIds: null, serverId }, { limit: 1 })).toHaveLength(1);
  });

  it('stores all changes of one write, and keeps them when the task ends', async () => {
    const { id } = await newTask();
    await store.write(id, { at, task: { status: 'running' } });
    await store.write(id, { at, step: { position: 0, id: 'first', status: 'running' } });
    await store.write(id, {
      at,
      step: {
        position: 0,
        id: 'first',
        detail: 'half way',
        fraction: 0.5,
        state: { offset: 7 },
        output: 'hello ',
      },
    });
    expect(await written(id)).toMatchObject({
      status: 'running',
      startedAt: at,
      steps: [
        { status: 'running', startedAt: at, detail: 'half way', fraction: 0.5, state: { offset: 7 } },
        {},
      ],
    });
    await store.write(id, {
      at: later,
      step: { position: 0, id: 'first', status: 'succeeded', result: { pid: 12 }, output: 'world\n' },
      unfinishedSteps: { running: 'failed', pending: 'skipped' },
      task: { status: 'failed', error: { code: 'refused', message: 'No.', hint: 'Try.' } },
    });
    expect(await written(id)).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'No.', hint: 'Try.' },
      startedAt: at,
      finishedAt: later,
      outputBytes: 12,
      steps: [
        { status: 'succeeded', result: { pid: 12 }, finishedAt: later, outputTail: 'hello world\n' },
        { status: 'skipped', startedAt: null, finishedAt: null },
      ],
    });
    expect((await store.output(id, 0, 1_000)).pieces).toEqual([
      { stepId: 'first', offset: 0, text: 'hello world\n' },
    ]);
  });

  it('refuses and does not store changes after the end of a task', async () => {
    const { id } = await newTask();
    await store.write(id, { at, task: { status: 'succeeded', result: { ok: true } } });
    await expect(
      store.write(id, { at: later, step: { position: 0, id: 'first', output: 'late', detail: 'late' } }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await written(id)).toMatchObject({
      result: { ok: true },
      outputBytes: 0,
      steps: [{ detail: null }, {}],
    });
  });

  it('removes a task with its server, and refuses what its run still writes', async () => {
    const { id, serverId } = await newTask();
    await database.db.deleteFrom('servers').where('id', '=', serverId).execute();
    expect(await store.find(id)).toBeNull();
    await expect(store.write(id, { at, task: { status: 'running' } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('ends a queued task at once when it is cancelled, and marks a running one', async () => {
    const queued = await newTask();
    expect(await store.requestCancel(queued.id, later)).toBe('cancelled');
    expect(await written(queued.id)).toMatchObject({
      status: 'cancelled',
      finishedAt: later,
      steps: [{ status: 'cancelled' }, { status: 'cancelled' }],
    });
    await newTask({ serverId: queued.serverId });

    const running = await newTask();
    await store.write(running.id, { at, task: { status: 'running' } });
    expect(await store.requestCancel(running.id, later)).toBe('requested');
    expect(await written(running.id)).toMatchObject({ status: 'running', cancelRequested: true });
    expect(await store.requestCancel(queued.id, later)).toBe('ended');
    expect(await store.requestCancel('tsk_none', later)).toBe('ended');
  });

  it('lists newest first, page by page without gaps, also where times are equal', async () => {
    const serverId = await newServer();
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) {
      const createdAt = `2026-03-01T10:00:0${Math.floor(i / 3)}.000Z`;
      ids.push((await newTask({ serverId, exclusive: false, createdAt })).id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ serverIds: [serverId] }, { limit: 3, cursor });
      seen.push(...page.tasks.map((task) => task.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen[0]).toBe(ids[6]);
    await expect(store.list({ serverIds: null }, { limit: 3, cursor: 'bm9uZQ' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('shows only the tasks of visible servers, by status and by type', async () => {
    const mine = await newTask();
    const other = await newTask();
    const idsOf = async (filter: Parameters<TasksStore['list']>[0]) =>
      (await store.list(filter, { limit: 200 })).tasks.map((task) => task.id);
    expect(await idsOf({ serverIds: [mine.serverId!] })).toEqual([mine.id]);
    expect(await idsOf({ serverIds: [] })).toEqual([]);
    expect(await idsOf({ serverIds: [mine.serverId!], serverId: other.serverId! })).toEqual([]);
    expect(await idsOf({ serverIds: [mine.serverId!], status: 'running' })).toEqual([]);
    const active = await store.active({ serverIds: [mine.serverId!], type: 'test.work' });
    expect(active.map((task) => task.id)).toEqual([mine.id]);
    expect((await store.queue()).map((task) => task.id)).toEqual(expect.arrayContaining([mine.id, other.id]));
    expect((await store.count()).queued).toBeGreaterThanOrEqual(2);
  });

  it('counts queued and running tasks, and reports since when the oldest one waits', async () => {
    await database.db.updateTable('tasks').set({ status: 'failed', exclusiveKey: null }).execute();
    expect(await store.count()).toEqual({ queued: 0, running: 0, oldestQueuedAt: null });
    const oldest = await newTask({ createdAt: at });
    await newTask({ createdAt: later });
    expect(await store.count()).toEqual({ queued: 2, running: 0, oldestQueuedAt: at });
    await store.write(oldest.id, { at: later, task: { status: 'running' } });
    expect(await store.count()).toEqual({ queued: 1, running: 1, oldestQueuedAt: later });
  });

  it('returns any output unchanged, from any offset, in pages of whole characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 8, max: 64 }),
        fc.nat(),
        async (texts, pageBytes, somewhere) => {
          const { id } = await newTask();
          for (const [i, output] of texts.entries()) {
            const position = i < texts.length / 2 ? 0 : 1;
            await store.write(id, {
              at,
              step: { position, id: position === 0 ? 'first' : 'second', output },
            });
          }
          const whole = Buffer.from(
            texts
              .map((text) => text.toWellFormed().replace(/(?![\x07\t\n\r\x1b])[\x00-\x1f]/g, '\ufffd'))
              .join(''),
          );
          expect((await written(id)).outputBytes).toBe(whole.length);

          const from = somewhere % (whole.length + 1);
          let offset = from;
          let read = '';
          for (;;) {
            const page = await store.output(id, offset, pageBytes);
            const text = page.pieces.map((piece) => piece.text).join('');
            expect(page.nextOffset).toBe(page.offset + Buffer.byteLength(text));
            expect(Buffer.byteLength(text)).toBeLessThanOrEqual(pageBytes);
            if (read === '') expect(page.offset - from).toBeLessThan(4);
            else expect(page.offset).toBe(offset);
            read += text;
            if (page.nextOffset === offset || text === '') break;
            offset = page.nextOffset;
          }
          expect(whole.toString().endsWith(read)).toBe(true);
          expect(whole.length - Buffer.byteLength(read) - from).toBeLessThan(4);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('returns the end of the output for an offset beyond it', async () => {
    const { id } = await newTask();
    expect(await store.output(id, 99, 64)).toEqual({ offset: 0, nextOffset: 0, pieces: [] });
    await store.write(id, { at, step: { position: 0, id: 'first', output: 'abc' } });
    expect(await store.output(id, 99, 64)).toEqual({ offset: 3, nextOffset: 3, pieces: [] });
  });

  it('truncates the output of a runaway task once, and keeps the end of the step visible', async () => {
    const { id } = await newTask();
    const block = 'é'.repeat(700_000);
    for (let i = 0; i < 8; i += 1)
      await store.write(id, { at, step: { position: 0, id: 'first', output: block } });
    await store.write(id, { at, step: { position: 0, id: 'first', output: 'the last word' } });
    const { outputBytes, steps } = await written(id);
    expect(outputBytes).toBeGreaterThanOrEqual(MAX_TASK_OUTPUT_BYTES);
    expect(outputBytes).toBeLessThan(MAX_TASK_OUTPUT_BYTES + 100);
    const end = await store.output(id, outputBytes - 200, 1_000);
    expect(end.pieces.map((piece) => piece.text).join('')).toMatch(/é\n\[Output cut: .*\]\n$/);
    expect(steps[0]?.outputTail).toMatch(/éthe last word$/);
    expect(Buffer.byteLength(steps[0]?.outputTail ?? '')).toBeLessThanOrEqual(4096);
  });

  it('notifies listeners which task changed, until they unsubscribe', async () => {
    const notified: string[] = [];
    const leave = store.onChange((taskId) => notified.push(taskId));
    const { id } = await newTask();
    await store.write(id, { at, task: { status: 'running' } });
    await store.requestCancel(id, at);
    leave();
    await store.write(id, { at, task: { status: 'cancelled' } });
    expect(notified).toEqual([id, id, id]);
  });

  it('cancels only the queued tasks of one person, on one server or on all', async () => {
    const [serverId, otherServer] = [await newServer(), await newServer()];
    const by = (createdBy: string, on: string | null, type: string) =>
      newTask({ createdBy, serverId: on, type });
    const queued = await by('u_gone', serverId, 'test.queued');
    const running = await by('u_gone', serverId, 'test.running');
    await store.write(running.id, { at, task: { status: 'running' } });
    const elsewhere = await by('u_gone', otherServer, 'test.queued');
    const ofBuoy = await by('u_gone', null, 'test.gone');
    const ofAnother = await by('u_here', serverId, 'test.other');
    const notified: string[] = [];
    const stop = store.onChange((id) => notified.push(id));

    expect(await store.cancelQueued({ createdBy: 'u_gone', serverId }, later)).toEqual([
      { id: queued.id, type: 'test.queued' },
    ]);
    expect(notified).toEqual([queued.id]);
    expect(await written(queued.id)).toMatchObject({
      status: 'cancelled',
      cancelRequested: true,
      finishedAt: later,
      steps: [{ status: 'cancelled' }, { status: 'cancelled' }],
    });
    // Its place is free for a person with access.
    await by('u_here', serverId, 'test.queued');
    expect(await written(running.id)).toMatchObject({ status: 'running', cancelRequested: false });
    for (const { id } of [elsewhere, ofBuoy, ofAnother])
      expect(await written(id)).toMatchObject({ status: 'queued', steps: [{ status: 'pending' }, {}] });

    expect(await store.cancelQueued({ createdBy: 'u_gone', serverId: null }, later)).toEqual([
      { id: elsewhere.id, type: 'test.queued' },
    ]);
    expect(await store.cancelQueued({ createdBy: 'u_gone', serverId: null }, later)).toEqual([]);
    stop();
  });
});
