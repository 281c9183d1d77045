// Debounced values, and deferred work that runs once for all callers.
import { useEffect, useRef, useState } from 'react';

/** @returns the value once it has not changed for so long */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** @returns what asks for `work` within so many milliseconds; an earlier wish that comes sooner stands, one that comes later is dropped */
export function useLater(work: () => void): (withinMs: number) => void {
  const current = useRef(work);
  current.current = work;
  const planned = useRef<{ timer: ReturnType<typeof setTimeout>; atMs: number } | null>(null);
  useEffect(
    () => () => {
      if (planned.current !== null) clearTimeout(planned.current.timer);
    },
    [],
  );
  return (withinMs) => {
    const atMs = Date.now() + withinMs;
    if (planned.current !== null) {
      if (planned.current.atMs <= atMs) return;
      clearTimeout(planned.current.timer);
    }
    const timer = setTimeout(() => {
      planned.current = null;
      current.current();
    }, withinMs);
    planned.current = { timer, atMs };
  };
}
