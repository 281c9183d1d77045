// Gives the terminal the height that the screen leaves it, also while a phone's keyboard covers half of it.
import { type RefObject, useEffect } from 'react';

/** Of the window, when there is plenty. */
const HEIGHT_SHARE = 0.65;
/** CSS pixels for the buttons above and the keys below. */
const AROUND_PX = 196;
const MIN_PX = 192;

/**
 * @param frame the terminal with its buttons and keys, which is kept in sight
 * @param host the terminal, which gets the height
 */
export function useRoom(frame: RefObject<HTMLElement | null>, host: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    const fill = (): void => {
      const seen = viewport?.height ?? window.innerHeight;
      const height = Math.max(MIN_PX, Math.min(window.innerHeight * HEIGHT_SHARE, seen - AROUND_PX));
      if (host.current !== null) host.current.style.height = `${Math.round(height)}px`;
    };
    const fillAgain = (): void => {
      fill();
      // The keyboard has come or gone: what is typed must not be below it.
      if (host.current?.contains(document.activeElement)) frame.current?.scrollIntoView({ block: 'nearest' });
    };
    fill();
    frame.current?.scrollIntoView({ block: 'nearest' });
    viewport?.addEventListener('resize', fillAgain);
    window.addEventListener('resize', fillAgain);
    return () => {
      viewport?.removeEventListener('resize', fillAgain);
      window.removeEventListener('resize', fillAgain);
    };
  }, [frame, host]);
}
