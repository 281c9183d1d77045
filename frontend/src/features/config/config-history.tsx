// The config history: changes through Buoy, outside of Buoy, and reverts by OpenClaw.
import type { ConfigRevision, Server } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { usePersonName } from '../access/use-person-name.ts';
import { historyQuery } from './config-queries.ts';
import { historyTexts } from './history-texts.ts';
import { reviewTexts } from './review-texts.ts';
import { RevisionWords } from './revision-words.tsx';

export function ConfigHistory({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(historyTexts);
  const personName = usePersonName(server);
  const history = useInfiniteQuery(historyQuery(api, server.id));
  const revisions = history.data?.pages.flatMap((page) => page.revisions);
  return (
    <Panel title={t.history}>
      <div className="space-y-4">
        {history.error !== null && <ProblemNote problem={history.error} />}
        {revisions === undefined && history.error === null && <Skeleton label={t.loading} rows={4} />}
        {revisions?.length === 0 && <EmptyNote title={t.none}>{t.noneHint}</EmptyNote>}
        {revisions !== undefined && revisions.length > 0 && (
          <ul aria-label={t.history} className="-my-4 divide-y divide-line">
            {revisions.map((revision, index) => (
              <Row
                key={revision.rev}
                revision={revision}
                isNow={index === 0}
                path={serverPath(server.id, 'config', 'history', String(revision.rev))}
                personName={personName}
              />
            ))}
          </ul>
        )}
        {history.hasNextPage && (
          <Button disabled={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            {t.more}
          </Button>
        )}
      </div>
    </Panel>
  );
}

function Row({
  revision,
  isNow,
  path,
  personName,
}: {
  revision: ConfigRevision;
  isNow: boolean;
  path: string;
  personName: (userId: string) => string;
}) {
  const t = useTexts(historyTexts);
  const words = useTexts(reviewTexts);
  const { rev, changes, paths } = revision;
  return (
    <li>
      <a
        {...linkTo(path)}
        className="-mx-2 block min-h-14 rounded-md px-2 py-2.5 no-underline hover:bg-inset"
      >
        <span className="font-medium">
          {t.rev(rev)}
          {isNow && <span className="ml-2 text-xs font-normal text-muted">{t.now}</span>}
        </span>
        <RevisionWords revision={revision} personName={personName} />
        {changes > 0 && (
          <span className="block text-sm text-muted">
            {words.changeCount(changes)}:{' '}
            <span className="font-mono text-xs">
              <VisibleText text={paths.join(', ')} />
            </span>
            {paths.length < changes && ' …'}
          </span>
        )}
      </a>
    </li>
  );
}
