// The result of a written config change.
import { useTexts } from '../../i18n/use-texts.ts';
import type { ConfigWriteResult } from './change-review.tsx';
import { reviewTexts } from './review-texts.ts';

/** @param written null: nothing was written on this page yet; the place for it is there all the same, so that screen readers hear it */
export function WrittenNote({ written }: { written: ConfigWriteResult | null }) {
  const t = useTexts(reviewTexts);
  return (
    <p role="status" className={`text-sm ${written?.applied === false ? 'text-unreachable' : 'text-up'}`}>
      {written !== null && words(t, written)}
    </p>
  );
}

function words(t: (typeof reviewTexts)['en'], { changes, applied, rev }: ConfigWriteResult): string {
  if (changes.length === 0) return t.resultNothing;
  if (applied === null) return t.resultUnknown(rev);
  return applied ? t.resultApplied(rev) : t.resultPending(rev);
}
