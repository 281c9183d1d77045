// A clock hook for ages that grow while the page is open.
import { useEffect, useState } from 'react';

/** @returns milliseconds since the epoch, a new value every `everyMs` */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
