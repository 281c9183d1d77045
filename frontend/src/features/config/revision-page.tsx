// One config revision: its changes and its rollback.
import type { Server } from '@buoy/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { usePersonName } from '../access/use-person-name.ts';
import { ChangeList } from './change-list.tsx';
import { historyQuery, revisionQuery } from './config-queries.ts';
import { historyTexts } from './history-texts.ts';
import { IssueList } from './issue-list.tsx';
import { RevisionWords } from './revision-words.tsx';
import { Rollback, type RolledBack } from './rollback.tsx';

/** @param rev from the address: it may be anything */
export function RevisionPage({ server, rev }: { server: Server; rev: number }) {
  const { api } = useServices();
  const t = useTexts(historyTexts);
  const personName = usePersonName(server);
  const history = useInfiniteQuery(historyQuery(api, server.id));
  const revisions = history.data?.pages.flatMap((page) => page.revisions) ?? [];
  const revision = revisions.find((one) => one.rev === rev);
  const latest = revisions[0]?.rev ?? null;
  const isKnown = revision !== undefined;
  const diff = useQuery({ ...revisionQuery(api, server.id, rev), enabled: isKnown });
  const [isAsking, setAsking] = useState(false);
  const [rolledBack, setRolledBack] = useState<RolledBack | null>(null);
  const { hasNextPage, isFetching, fetchNextPage } = history;
  // Older ones are on later pages.
  useEffect(() => {
    if (!isKnown && hasNextPage && !isFetching) void fetchNextPage();
  }, [isKnown, hasNextPage, isFetching, fetchNextPage]);

  return (
    <>
      <a {...linkTo(serverPath(server.id, 'config', 'history'))} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.all}
      </a>
      {history.error !== null && <ProblemNote problem={history.error} />}
      {!isKnown && (history.isPending || hasNextPage) && history.error === null && (
        <Skeleton label={t.loading} rows={2} />
      )}
      {!isKnown && history.data !== undefined && !hasNextPage && <EmptyNote title={t.unknownRev} />}
      {revision !== undefined && (
        <Panel title={t.rev(rev)}>
          <div className="space-y-4">
            <p>
              <RevisionWords revision={revision} personName={personName} />
            </p>
            {!revision.valid && revision.problem !== null && (
              <IssueList
                title={t.invalid}
                issues={[{ path: '', message: revision.problem.message }, ...revision.problem.issues]}
              />
            )}
            <h3 className="text-sm font-semibold">{t.changed}</h3>
            {diff.error !== null && <ProblemNote problem={diff.error} />}
            {diff.data === undefined && diff.error === null && <Skeleton label={t.loading} rows={1} />}
            {diff.data !== undefined && (
              <ChangeList label={t.changed} changes={diff.data.changes} nothing={t.changedNothing} />
            )}
            {rev === latest ? (
              <p className="text-sm text-muted">{t.isNow}</p>
            ) : !revision.valid ? (
              <p className="text-sm text-muted">{t.isInvalid}</p>
            ) : (
              server.role !== 'viewer' && <Button onClick={() => setAsking(true)}>{t.rollback}</Button>
            )}
            <div role="status" className="space-y-1 text-sm">
              {rolledBack !== null && <RolledBackNote rolledBack={rolledBack} />}
            </div>
            {isAsking && latest !== null && (
              <Rollback
                server={server}
                rev={rev}
                latest={latest}
                onDone={(result) => {
                  setAsking(false);
                  setRolledBack(result);
                }}
                onClose={() => setAsking(false)}
              />
            )}
          </div>
        </Panel>
      )}
    </>
  );
}

function RolledBackNote({ rolledBack: { rev, missingSecrets } }: { rolledBack: RolledBack }) {
  const t = useTexts(historyTexts);
  return (
    <>
      <p className="text-up">{t.rolledBack(rev)}</p>
      {missingSecrets.length > 0 && (
        <>
          <p className="font-medium text-unreachable">{t.missingSecrets}</p>
          <ul className="list-disc pl-5 font-mono text-xs">
            {missingSecrets.map((path) => (
              <li key={path}>
                <VisibleText text={path} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
