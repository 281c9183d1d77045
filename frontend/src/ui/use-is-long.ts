// Tells a moment from a wait: what is over at once must not make the page blink.
import { useEffect, useState } from 'react';

/** @returns whether something has been under way for longer than that */
export function useIsLong(isUnderWay: boolean, quickMs: number): boolean {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setTimeout(() => setIsLong(true), quickMs);
    return () => {
      clearTimeout(timer);
      setIsLong(false);
    };
  }, [isUnderWay, quickMs]);
  return isLong;
}
