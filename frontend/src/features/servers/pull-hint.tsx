// The pull-to-refresh indicator. It overlays the page, so that nothing below moves.
import { useTexts } from '../../i18n/use-texts.ts';
import { homeTexts } from './home-texts.ts';
import type { Pull } from './use-pull-to-refresh.ts';

/** Pixels from the top: out of sight, and where it rests while the list is read. */
const HIDDEN_PX = -56;
const RESTING_PX = 12;

export function PullHint({ pull: { pulled, willRefresh, isRefreshing } }: { pull: Pull }) {
  const t = useTexts(homeTexts);
  if (pulled === 0 && !isRefreshing) return null;
  const top = isRefreshing ? RESTING_PX : HIDDEN_PX + pulled;
  return (
    <div
      className="pointer-events-none fixed inset-x-0 top-0 z-10 flex justify-center pt-(--safe-top)"
      style={{ transform: `translateY(${top}px)` }}
    >
      <p
        role="status"
        className="rounded-full border border-line bg-surface px-4 py-2 text-sm text-muted shadow-lg"
      >
        {isRefreshing ? t.refreshing : willRefresh ? t.releaseToRefresh : t.pullToRefresh}
      </p>
    </div>
  );
}
