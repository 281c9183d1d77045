// A bar along the upper edge while an action takes longer than a moment. It overlays the page, so that nothing moves.
import { useIsMutating } from '@tanstack/react-query';
import { useTexts } from '../i18n/use-texts.ts';
import { uiTexts } from './texts.ts';
import { useIsLong } from './use-is-long.ts';

/** Milliseconds: what is faster needs no bar. */
const QUICK_MS = 700;

export function BusyBar() {
  const t = useTexts(uiTexts);
  const isShown = useIsLong(useIsMutating() > 0, QUICK_MS);
  if (!isShown) return null;
  return (
    <progress
      aria-label={t.working}
      className="meter fixed inset-x-0 top-(--safe-top) z-30 block rounded-none"
    />
  );
}
