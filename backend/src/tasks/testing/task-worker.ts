// A process of its own that works on the tasks of a database, for tests that kill it: `node task-worker.ts FOLDER`.
// Each call of a step and each unit of work is one line in FOLDER/effects; it ends when no task is active.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { openDatabase } from '../../db/database.ts';
import { systemClock } from '../../lib/clock.ts';
import { createVault } from '../../vault/vault.ts';
import { createEmbeddedEngine } from '../embedded-engine.ts';
import { type TaskKind, taskStep } from '../task-kind.ts';
import { createTasksStore } from '../tasks.store.ts';
import { createTasks } from '../tasks.ts';

const folder = process.argv[2] ?? '.';
const note = (line: string) => appendFileSync(join(folder, 'effects'), `${line}\n`);

const input = z.object({ units: z.number(), unitMs: z.number() });
type Input = z.output<typeof input>;

/** Three steps; the second does many units of work and remembers how far it is. */
export const unitsKind: TaskKind = {
  type: 'test.units',
  exclusivePerServer: false,
  inputSchema: input,
  steps: [
    taskStep<Input>({
      id: 'first',
      title: 'First',
      deadlineMs: 60_000,
      async run({ output }) {
        note('first');
        output('begin\n');
        return { from: 0 };
      },
    }),
    taskStep<Input, { next: number }>({
      id: 'units',
      title: 'Units',
      deadlineMs: 60_000,
      stateSchema: z.object({ next: z.number().default(0) }),
      async run({ input: { units, unitMs }, state, output, saveState }) {
        note('units');
        while (state.next < units) {
          await sleep(unitMs);
          output(`unit ${state.next} ✓\n`);
          state.next += 1;
          if (state.next % 3 === 0) await saveState();
        }
        return { done: state.next };
      },
    }),
    taskStep<Input>({
      id: 'last',
      title: 'Last',
      deadlineMs: 60_000,
      async run({ output, resultOf }) {
        note('last');
        output('end\n');
        return resultOf('units', z.object({ done: z.number() }));
      },
    }),
  ],
};

async function work(): Promise<void> {
  const database = await openDatabase({ engine: 'sqlite', file: join(folder, 'buoy.db') });
  const store = createTasksStore(database);
  const logger = pino({ level: 'silent' });
  const engine = createEmbeddedEngine({ queue: store.queue, clock: systemClock, logger });
  const vault = createVault([{ id: 'test', key: Buffer.alloc(32, 7) }]);
  const tasks = createTasks({
    ...{ store, engine, kinds: [unitsKind], vault, clock: systemClock, logger },
    mayStart: async () => true,
  });
  await tasks.open();
  for (const { id } of await store.queue())
    for await (const event of tasks.events(id, { signal: new AbortController().signal }))
      process.stdout.write(`${event.event} ${JSON.stringify(event.data)}\n`);
  await tasks.close();
  await database.close();
}

if (import.meta.main) await work();
