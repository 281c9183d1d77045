// One clock for every age on a page: a component renders again only when its own text changes.
import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let nowMs = Date.now();

function subscribe(onTick: () => void): () => void {
  listeners.add(onTick);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const listener of listeners) listener();
  }, TICK_MS);
  return () => {
    listeners.delete(onTick);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Words that depend on the time. @param textAt is given milliseconds since the epoch, a new moment every second */
export function useTimedText(textAt: (nowMs: number) => string): string {
  return useSyncExternalStore(subscribe, () => {
    if (timer === null) nowMs = Date.now();
    return textAt(nowMs);
  });
}
