// Delays a loading state, so that short waits do not make the page flicker.
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
