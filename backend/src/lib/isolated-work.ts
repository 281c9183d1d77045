// Processes uploads in worker threads: no input can block the event loop, end the process, or delay other people's work.
import { Worker } from 'node:worker_threads';
import { errorDetails } from '@buoy/contract';
import { errorStatus } from '@buoy/contract/errors';
import { z } from 'zod';
import { AppError } from './app-error.ts';
import type { Clock } from './clock.ts';

/** Workers that compute at the same time, over all kinds and people. */
const MAX_AT_ONCE = 2;
/** Jobs that wait in all, over all kinds and people. */
const MAX_WAITING = 2_000;
/** Milliseconds that a worker without a job is kept: the next one of its kind then starts at once. */
const IDLE_MS = 30_000;
/** Of V8's heap. Buffers are outside of it: who makes them counts them. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

export type WorkKind<Output> = {
  /** The module that answers the jobs, by `answerJobs`. */
  module: URL;
  /** Checks what the worker answers. */
  output: z.ZodType<Output>;
  /** Milliseconds of one job, without the time that it waits for its turn. */
  deadlineMs: number;
  /** Jobs that one person may have waiting beside the one that runs. */
  waitingPerPerson: number;
  /** The error of a job that took too long, or more memory than it may. */
  tooCostly: () => AppError;
};

export type IsolatedWork = {
  /**
   * Runs one job and answers what its worker answers; `input` crosses by structured clone. A person has one job running at a time, and people
   * take turns. Throws the worker's AppError, `tooCostly()`, `rate_limited`, `queue_full`, or the signal's reason.
   * @param options.person whose turn it is: a user's id, or another name for who is to wait for themselves alone
   */
  run<Output>(
    kind: WorkKind<Output>,
    input: unknown,
    options: { person: string; signal?: AbortSignal },
  ): Promise<Output>;
  /** Ends the workers; jobs that have not ended are refused with `shutting_down`. */
  close(): Promise<void>;
};

type Job = {
  kind: WorkKind<unknown>;
  input: unknown;
  person: string;
  isSettled(): boolean;
  succeed(output: unknown): void;
  fail(error: unknown): void;
  /** Ends the worker that runs it. */
  stop: () => void;
};

type IdleWorker = { worker: Worker; cancelEnd: () => void };

const code = z.enum(Object.keys(errorStatus) as [keyof typeof errorStatus]);
const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({
      code,
      message: z.string(),
      hint: z.string().optional(),
      details: errorDetails.optional(),
    }),
  }),
]);

/** The turns are those of this process: several Buoys each keep their own. */
export function createIsolatedWork({ clock }: { clock: Clock }): IsolatedWork {
  /** People in the order of their turns, each with their jobs. */
  const waiting = new Map<string, Job[]>();
  const running = new Map<Worker, Job>();
  const idle = new Map<string, IdleWorker[]>();
  const workers = new Set<Worker>();
  let closed = false;

  function startNext(): void {
    while (running.size < MAX_AT_ONCE) {
      const job = takeNext();
      if (job === undefined) return;
      start(job);
    }
  }

  /** The first job of the first person who has none running; their others go behind everybody else's. */
  function takeNext(): Job | undefined {
    const busy = new Set([...running.values()].map(({ person }) => person));
    for (const [person, jobs] of waiting) {
      if (busy.has(person)) continue;
      const job = jobs.shift();
      waiting.delete(person);
      if (jobs.length > 0) waiting.set(person, jobs);
      return job;
    }
    return undefined;
  }

  function start(job: Job): void {
    const { kind } = job;
    const worker = takeIdle(kind) ?? startWorker(kind);
    running.set(worker, job);
    // Its place is free only when the thread has ended: native code cannot be interrupted.
    const end = () => void worker.terminate();
    job.stop = end;
    const stopTimer = clock.after(kind.deadlineMs, () => {
      job.fail(kind.tooCostly());
      end();
    });
    const settle = () => {
      stopTimer();
      worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
      running.delete(worker);
    };
    const onAnswer = (message: unknown) => {
      // Of a job that was ended meanwhile: the thread is about to exit.
      if (job.isSettled()) return;
      settle();
      keepIdle(kind, worker);
      const parsed = answer.safeParse(message);
      if (!parsed.success) job.fail(parsed.error);
      else if (parsed.data.ok) job.succeed(parsed.data.output);
      else {
        const { error } = parsed.data;
        job.fail(
          new AppError(error.code, error.message, {
            ...(error.hint === undefined ? {} : { hint: error.hint }),
            details: error.details,
          }),
        );
      }
      startNext();
    };
    const onError = (error: Error & { code?: string }) =>
      job.fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? kind.tooCostly() : error);
    const onExit = () => {
      settle();
      job.fail(new Error(`The worker of ${kind.module.pathname} ended without an answer.`));
      startNext();
    };
    worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
    worker.postMessage(job.input);
  }

  function startWorker({ module }: WorkKind<unknown>): Worker {
    // Neither settings nor flags of this process: both may hold what a worker has no use for.
    const worker = new Worker(module, { resourceLimits: RESOURCE_LIMITS, env: {}, execArgv: [] });
    workers.add(worker);
    worker.once('exit', () => {
      workers.delete(worker);
      forgetIdle(worker);
    });
    // An 'error' without a listener would end the process.
    worker.on('error', () => {});
    return worker;
  }

  function takeIdle({ module }: WorkKind<unknown>): Worker | undefined {
    const kept = idle.get(module.href)?.pop();
    kept?.cancelEnd();
    kept?.worker.ref();
    return kept?.worker;
  }

  function keepIdle({ module }: WorkKind<unknown>, worker: Worker): void {
    const list = idle.get(module.href) ?? [];
    idle.set(module.href, list);
    worker.unref();
    list.push({
      worker,
      cancelEnd: clock.after(IDLE_MS, () => {
        forgetIdle(worker);
        void worker.terminate();
      }),
    });
  }

  function forgetIdle(worker: Worker): void {
    for (const list of idle.values()) {
      const index = list.findIndex((one) => one.worker === worker);
      if (index >= 0) list.splice(index, 1)[0]?.cancelEnd();
    }
  }

  function enqueue(job: Job): void {
    const jobs = waiting.get(job.person) ?? [];
    if (jobs.length >= job.kind.waitingPerPerson)
      throw new AppError('rate_limited', 'Too many of your uploads are waiting to be checked.', {
        hint: 'Wait until they are done, then try again.',
        details: { retryAfterS: Math.ceil(job.kind.deadlineMs / 1000) },
      });
    if ([...waiting.values()].reduce((count, { length }) => count + length, 0) >= MAX_WAITING)
      throw new AppError('queue_full', 'Too many uploads are waiting to be checked.', {
        hint: 'Try again in a minute.',
      });
    waiting.set(job.person, [...jobs, job]);
  }

  function forget(job: Job): void {
    const jobs = waiting.get(job.person)?.filter((one) => one !== job) ?? [];
    if (jobs.length > 0) waiting.set(job.person, jobs);
    else waiting.delete(job.person);
  }

  return {
    async run(kind, input, { person, signal }) {
      signal?.throwIfAborted();
      if (closed) throw shuttingDown();
      const done = Promise.withResolvers<unknown>();
      let settled = false;
      const job: Job = {
        kind,
        input,
        person,
        isSettled: () => settled,
        succeed(output) {
          settled = true;
          done.resolve(output);
        },
        fail(error) {
          settled = true;
          done.reject(error);
        },
        stop: () => forget(job),
      };
      enqueue(job);
      const cancel = () => {
        job.fail(signal?.reason);
        job.stop();
      };
      signal?.addEventListener('abort', cancel, { once: true });
      startNext();
      try {
        return kind.output.parse(await done.promise);
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },

    async close() {
      closed = true;
      for (const job of [...waiting.values(), [...running.values()]].flat()) job.fail(shuttingDown());
      waiting.clear();
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

function shuttingDown(): AppError {
  return new AppError('shutting_down', 'Buoy is shutting down.');
}
