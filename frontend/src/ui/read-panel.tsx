// A panel for one query: a skeleton while it loads, the content with its source, and read errors.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { Button } from './button.tsx';
import { OriginNote } from './origin-note.tsx';
import { Panel } from './panel.tsx';
import { ProblemNote } from './problem-note.tsx';
import { Skeleton } from './skeleton.tsx';
import { uiTexts } from './texts.ts';
import { WorkingBar } from './working-bar.tsx';

type Read = { source: 'gateway' | 'cli' | 'snapshot'; observedAt: string };

/**
 * @param loading what a screen reader says meanwhile
 * @param isSlow whether a read takes so long that the page should say so
 * @param rows how high the panel will about be, in rows of the skeleton
 * @param children shows what was read; what was read before a failure stays, with its age
 */
export function ReadPanel<T extends Read>({
  title,
  loading,
  isSlow = false,
  rows,
  query: { data, error, isFetching, refetch },
  children,
}: {
  title: string;
  loading: string;
  isSlow?: boolean;
  rows: number;
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'isFetching'> & { refetch: () => unknown };
  children: (data: T) => ReactNode;
}) {
  const t = useTexts(uiTexts);
  return (
    <Panel
      title={title}
      aside={data !== undefined && <OriginNote source={data.source} observedAt={data.observedAt} />}
    >
      <div className="space-y-4">
        {error !== null && (
          <>
            <ProblemNote problem={error} />
            <Button disabled={isFetching} onClick={() => refetch()}>
              {t.tryAgain}
            </Button>
          </>
        )}
        {data === undefined && error === null && (
          <>
            {isSlow && <WorkingBar label={loading} />}
            <Skeleton label={loading} rows={rows} />
          </>
        )}
        {data !== undefined && children(data)}
      </div>
    </Panel>
  );
}
