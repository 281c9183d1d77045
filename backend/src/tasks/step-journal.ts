// Collects the output of a running step and stores it in few writes, always together with its state.
import type { Clock } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import type { JournalChange } from './task-journal.store.ts';

/** Milliseconds that output is buffered: ten lines cost one commit, and the delay is not noticeable. */
const SETTLE_MS = 150;
/** UTF-16 units of a step's detail line. */
const MAX_DETAIL_LENGTH = 300;

export type StepJournal = {
  output(text: string): void;
  detail(text: string): void;
  progress(fraction: number): void;
  /** Stores the collected output and the state; resolves when they are committed. */
  flush(): Promise<void>;
  /** Stores the collected output together with the end of the step. Later calls change nothing. */
  close(end?: Pick<JournalChange, 'task' | 'unfinishedSteps'> & { step?: StepEnd }): Promise<void>;
};

type StepEnd = Pick<NonNullable<JournalChange['step']>, 'status' | 'result' | 'detail'>;

/**
 * @param write stores one change; its error reaches who waits for `flush` or `close`, and `onBroken` once
 * @param state read at each write: the step changes it in place
 */
export function createStepJournal(options: {
  step: { position: number; id: string };
  state: unknown;
  write: (change: JournalChange) => Promise<void>;
  onBroken: (error: unknown) => void;
  clock: Clock;
}): StepJournal {
  const { step, state, write, onBroken, clock } = options;
  let pending: { output: string; detail?: string; fraction?: number } = { output: '' };
  let stopTimer: (() => void) | null = null;
  let lastWrite: Promise<void> = Promise.resolve();
  let closed = false;

  /** One write at a time, in order. Its data is captured here, in the tick of the call. */
  const store = (end: Parameters<StepJournal['close']>[0] = {}): Promise<void> => {
    stopTimer?.();
    stopTimer = null;
    const { step: stepEnd, ...rest } = end;
    const change: JournalChange = {
      at: isoTime(clock.now()),
      // Parsed immediately: the step may change its state before the write.
      step: { ...step, ...pending, ...stepEnd, state: JSON.parse(JSON.stringify(state)) },
      ...rest,
    };
    pending = { output: '' };
    lastWrite = lastWrite.then(() => write(change));
    lastWrite.catch(onBroken);
    return lastWrite;
  };
  const soon = () => {
    stopTimer ??= clock.after(SETTLE_MS, () => void store().catch(() => undefined));
  };

  return {
    output(text) {
      if (closed || text === '') return;
      pending.output += text;
      soon();
    },
    detail(text) {
      if (closed) return;
      pending.detail = oneLine(text);
      soon();
    },
    progress(fraction) {
      if (closed) return;
      pending.fraction = Math.min(1, Math.max(0, fraction));
      soon();
    },
    flush: () => (closed ? lastWrite : store()),
    close(end) {
      if (closed) return lastWrite;
      closed = true;
      return store(end);
    },
  };
}

function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();
  return line.length <= MAX_DETAIL_LENGTH ? line : `${line.slice(0, MAX_DETAIL_LENGTH - 1).toWellFormed()}…`;
}
