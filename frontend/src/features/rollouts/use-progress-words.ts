// How far a rollout is, in one line.
import type { Rollout } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { progressOf } from './rollout-state.ts';
import { rolloutTexts } from './texts.ts';

export function useProgressWords(): (rollout: Pick<Rollout, 'waves'>) => string {
  const t = useTexts(rolloutTexts);
  return (rollout) => {
    const { updated, failed, skipped, all } = progressOf(rollout);
    return [
      t.updatedOf(updated, all),
      ...(failed === 0 ? [] : [t.failedCount(failed)]),
      ...(skipped === 0 ? [] : [t.skippedCount(skipped)]),
    ].join(' · ');
  };
}
