// The table of a bulk setup: every server with its progress, and another try for those that have failed.
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { type BulkRow, isBusy } from './bulk-run.ts';
import { progressTexts } from './progress-texts.ts';
import { progressOf } from './row-progress.ts';
import { SetupRow } from './setup-row.tsx';
import { bulkTexts } from './texts.ts';

/**
 * @param isRun whether servers were started on this page
 * @param problem why progress cannot be read now
 * @param onStart called with the servers that the person wants to set up, or to try again
 */
export function SetupTable({
  rows,
  isRun,
  problem,
  onStart,
}: {
  rows: readonly BulkRow[];
  isRun: boolean;
  problem: Error | null;
  onStart: (wanted: BulkRow[]) => void;
}) {
  const t = useTexts(progressTexts);
  const { setUp } = useTexts(bulkTexts);
  /** What the person has chosen, by the name of the server. */
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map());
  const all = rows.map((row) => ({ row, progress: progressOf(row) }));
  // A server that nobody asked to set up is not chosen by itself, and neither is one whose setup failed at another time.
  const isChosen = ({ row }: { row: BulkRow }) => choices.get(row.name) ?? row.stage !== 'listed';
  const startable = all.filter(({ progress }) => progress.isStartable);
  const chosen = startable.filter(isChosen);
  const isFirstTry = chosen.every(({ progress }) => progress.state === 'not_set_up');
  const count = (...states: string[]) => all.filter(({ progress }) => states.includes(progress.state)).length;
  const failed = count('failed', 'interrupted', 'stopped');
  const title = isRun ? t.setups : t.unfinished;
  const isUnderWay = isBusy(rows);
  const isActive = all.some(({ progress }) => progress.share !== null);
  return (
    <Panel
      title={title}
      aside={
        isRun && (
          <p role="status" className="text-sm text-muted tabular-nums">
            {t.summary(count('succeeded', 'present'), all.length)}
            {failed > 0 && ` · ${t.failedCount(failed)}`}
          </p>
        )
      }
    >
      {isRun && (isUnderWay || isActive) && (
        <p className="mb-3 max-w-prose text-sm text-muted">{isUnderWay ? t.keepOpen : t.mayLeave}</p>
      )}
      {problem !== null && (
        <p role="alert" className="mb-3 text-sm text-unreachable">
          {t.notTold}
        </p>
      )}
      <ul aria-label={title} className="-mx-4 divide-y divide-line border-y border-line sm:-mx-5">
        {all.map(({ row, progress }) => (
          <SetupRow
            key={row.name}
            row={row}
            progress={progress}
            isChosen={progress.isStartable ? isChosen({ row }) : null}
            onChoose={(isNow) => setChoices((current) => new Map(current).set(row.name, isNow))}
          />
        ))}
      </ul>
      {startable.length > 0 && (
        <Button
          className="mt-4"
          disabled={chosen.length === 0 || isUnderWay}
          onClick={() => onStart(chosen.map(({ row }) => row))}
        >
          {isFirstTry ? setUp(chosen.length) : t.tryAgain(chosen.length)}
        </Button>
      )}
    </Panel>
  );
}
