// The other side of isolated-work.ts: how a worker thread takes its jobs and answers them.
import { parentPort } from 'node:worker_threads';
import { AppError } from './app-error.ts';

/** Answers each job by `handle`. An AppError of it crosses; anything else ends this thread, and the job with it. */
export function answerJobs(handle: (input: unknown) => unknown): void {
  parentPort?.on('message', async (input: unknown) => {
    try {
      parentPort?.postMessage({ ok: true, output: await handle(input) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, hint, details } = error;
      parentPort?.postMessage({ ok: false, error: { code, message, hint, details } });
    }
  });
}
