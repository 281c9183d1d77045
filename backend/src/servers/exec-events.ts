// A running command as a stream of events: its output piece by piece as it comes, then how it ended.
import type { Contract, StreamEventOf } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { ExecResult, OnOutput } from '../ssh/ssh.ts';

export type ExecEvent = StreamEventOf<Contract['POST /servers/:id/exec/stream']>;

/**
 * A slow reader pauses the command instead of filling Buoy's memory: the next piece is requested when the previous one is taken. What a reader
 * who has left does not take any more counts as taken.
 * @param run starts the command. A failure is the last event, and is thrown after it
 */
export async function* execEvents(
  run: (onOutput: OnOutput) => Promise<ExecResult>,
): AsyncGenerator<ExecEvent> {
  const pieces: Array<{ event: ExecEvent; taken: () => void }> = [];
  let wake = (): void => undefined;
  let outcome: { result: ExecResult } | { error: unknown } | null = null;
  let isLeft = false;
  const onOutput: OnOutput = (stream, bytes) =>
    new Promise((taken) => {
      if (isLeft) return taken();
      pieces.push({ event: { event: 'output', data: { stream, data: bytes.toString('base64') } }, taken });
      wake();
    });
  void run(onOutput).then(
    (result) => {
      outcome = { result };
      wake();
    },
    (error: unknown) => {
      outcome = { error };
      wake();
    },
  );
  const ended = (): typeof outcome => outcome;
  try {
    for (;;) {
      const [piece] = pieces;
      if (piece !== undefined) {
        yield piece.event;
        pieces.shift();
        piece.taken();
      } else if (ended() !== null) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    isLeft = true;
    for (const { taken } of pieces.splice(0)) taken();
  }
  const last = ended();
  if (last !== null && 'result' in last) {
    const { exitCode, signal, truncated, durationMs } = last.result;
    yield { event: 'exit', data: { exitCode, signal, truncated, durationMs } };
    return;
  }
  const error = last?.error;
  if (error instanceof AppError) yield { event: 'failed', data: problemIn(error) };
  throw error;
}

function problemIn({ status, code, message, hint }: AppError) {
  return { status, error: message, code, hint: hint ?? null };
}
