// Whether the page is visible, or was until recently.
import { useEffect, useState } from 'react';

/** @param graceMs how long a hidden page still counts as seen: people go to another tab and come back */
export function usePageIsSeen(graceMs: number): boolean {
  const [isSeen, setSeen] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const update = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setSeen(true);
      else timer = setTimeout(() => setSeen(false), graceMs);
    };
    update();
    document.addEventListener('visibilitychange', update);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', update);
    };
  }, [graceMs]);
  return isSeen;
}
