// Whether the page is visible, or was until recently.
import { useEffect, useState } from 'react';

/** @param patienceMs how long a hidden page still counts as seen: people go to another tab and come back */
export function usePageIsSeen(patienceMs: number): boolean {
  const [isSeen, setSeen] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setSeen(true);
      else timer = setTimeout(() => setSeen(false), patienceMs);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [patienceMs]);
  return isSeen;
}
