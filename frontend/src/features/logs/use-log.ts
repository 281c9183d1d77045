// The log of a page: followed live, held back while paused, with the state of the stream.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { createPause } from '../events/pause.ts';
import { usePageIsSeen } from '../events/use-page-is-seen.ts';
import { followLog } from './follow-log.ts';
import { append, emptyLog, type LogView, type NewEntry } from './log-lines.ts';

/** Milliseconds between two renders while lines pour in. */
const RENDER_INTERVAL_MS = 150;

/** Milliseconds; people go to another tab and come back. */
const HIDDEN_MS = 60_000;

export type LiveLog = {
  view: LogView;
  /** null: not opened yet. */
  isOpen: boolean | null;
  /** Why it cannot be followed at all. */
  problem: Error | null;
  isPaused: boolean;
  /** How many entries wait behind the pause. */
  bufferedCount: number;
  pause(): void;
  resume(): void;
};

export function useLog(serverId: string): LiveLog {
  const { api } = useServices();
  const [view, setView] = useState<LogView>(emptyLog);
  const [isOpen, setOpen] = useState<boolean | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [isPaused, setPaused] = useState(false);
  const [bufferedCount, setBufferedCount] = useState(0);
  const pending = useRef<NewEntry[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  const isSeen = usePageIsSeen(HIDDEN_MS);
  const place = useRef<{ id: string | null }>({ id: null });

  const show = useCallback(() => {
    const added = pending.current.splice(0);
    setBufferedCount(0);
    if (added.length > 0) setView((before) => append(before, added));
  }, []);

  useEffect(() => {
    if (!isSeen) return;
    const leave = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    followLog(api, serverId, {
      onEntry(entry) {
        pending.current.push(entry);
        timer ??= setTimeout(() => {
          timer = null;
          if (paused.current) setBufferedCount(pending.current.length);
          else show();
        }, RENDER_INTERVAL_MS);
      },
      onOpen: setOpen,
      place: place.current,
      wait: createPause().wait,
      signal: leave.signal,
    }).catch((error: unknown) => setProblem(error instanceof Error ? error : new Error(String(error))));
    return () => {
      leave.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [api, serverId, show, isSeen]);

  return {
    view,
    isOpen,
    problem,
    isPaused,
    bufferedCount,
    pause: () => setPaused(true),
    resume() {
      setPaused(false);
      show();
    },
  };
}
