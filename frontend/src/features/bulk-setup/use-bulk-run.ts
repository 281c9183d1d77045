// The bulk run of this tab: kept outside of its page until the person closes it or signs out.
import { useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useServices } from '../../services.ts';
import { useDraft } from '../../ui/use-draft.ts';
import { pause } from '../../wait-out.ts';
import { type BulkAnswers, type BulkRow, type BulkRun, createBulkRun, isBusy } from './bulk-run.ts';

const BULK_RUN = 'bulk-run';

const noRows: readonly BulkRow[] = [];

export type KeptRun = {
  rows: readonly BulkRow[];
  start(wanted: readonly BulkRow[], answers: BulkAnswers): void;
  /** Forgets its rows. Setups that Buoy has accepted continue. */
  forget(): void;
};

/** @param userId of the signed-in person */
export function useBulkRun(userId: string): KeptRun {
  const { api, session } = useServices();
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  // Signing out clears it with everything else that the app remembers.
  const kept = () => queries.getQueryData<BulkRun>([BULK_RUN]) ?? null;
  const run = useSyncExternalStore((onChange) => cache.subscribe(onChange), kept);
  const rows = useSyncExternalStore(
    (onChange) => run?.subscribe(onChange) ?? (() => undefined),
    () => run?.rows() ?? noRows,
  );
  // While there is one, closing the app asks first.
  const [, keepOpen] = useDraft<string>([BULK_RUN]);

  const begin = (): BulkRun => {
    const begun = createBulkRun({ api, userId, pause });
    queries.setQueryDefaults([BULK_RUN], { gcTime: Number.POSITIVE_INFINITY, structuralSharing: false });
    queries.setQueryData([BULK_RUN], begun);
    // The next person on this device must not continue it.
    const leave = session.subscribe(() => {
      const state = session.state();
      if (state.phase === 'signed-in' && state.user.id === userId) return;
      leave();
      begun.stop();
    });
    return begun;
  };
  return {
    rows,
    start(wanted, answers) {
      // As it is now: a second press may come before the page shows the first.
      const current = kept() ?? begin();
      if (isBusy(current.rows())) return;
      keepOpen(BULK_RUN);
      void current.start(wanted, answers).finally(() => {
        keepOpen(null);
        void queries.invalidateQueries({ queryKey: ['servers'] });
      });
    },
    forget: () => queries.removeQueries({ queryKey: [BULK_RUN] }),
  };
}
