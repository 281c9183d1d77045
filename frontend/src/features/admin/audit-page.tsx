// The audit log: entries and their results. Whether the log is intact is shown first.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useFilters } from '../../ui/use-filters.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { useMachineCommands } from '../sign-in/machine-commands.ts';
import { auditQuery, usersQuery } from './admin-queries.ts';
import { AuditExport } from './audit-export.tsx';
import { auditFilterOf, auditFilters, noAuditFilters } from './audit-filter.ts';
import { AuditFilters } from './audit-filters.tsx';
import { AuditRow } from './audit-row.tsx';
import { adminTexts } from './texts.ts';

export function AuditPage() {
  const { api } = useServices();
  const t = useTexts(adminTexts);
  const { loadMore } = useTexts(uiTexts);
  const [wanted, setWanted] = useFilters(auditFilters);
  const filter = auditFilterOf(wanted);
  const isFiltered = Object.keys(filter).length > 0;
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    auditQuery(api, filter),
  );
  const servers = useQuery(serversQuery(api)).data ?? [];
  const people = useInfiniteQuery(usersQuery(api)).data?.pages.flatMap(({ users }) => users) ?? [];
  const nameOf = (userId: string) => {
    const person = people.find(({ id }) => id === userId);
    return person === undefined ? userId : personName(person);
  };
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  const newest = data?.pages[0];
  return (
    <div className="space-y-3">
      <PageHeading title={t.audit}>{t.audit}</PageHeading>
      {newest !== undefined && <Chain isWhole={newest.chainOk} problem={newest.chainProblem} />}
      <AuditFilters
        key={JSON.stringify(wanted)}
        wanted={wanted}
        people={people.map((person) => ({ id: person.id, name: personName(person) }))}
        servers={servers}
        onApply={setWanted}
      />
      <AuditExport filter={filter} />
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingAudit} rows={4} />}
      {data !== undefined && entries.length === 0 && (
        <EmptyNote title={isFiltered ? t.noMatchTitle : t.emptyTitle}>
          {isFiltered ? (
            <>
              <p>{t.noMatch}</p>
              <Button className="mt-3" onClick={() => setWanted(noAuditFilters)}>
                {t.reset}
              </Button>
            </>
          ) : (
            t.empty
          )}
        </EmptyNote>
      )}
      {entries.length > 0 && (
        <ul aria-label={t.audit} className="divide-y divide-line rounded-lg border border-line bg-surface">
          {entries.map((entry) => (
            <AuditRow
              key={entry.id}
              entry={entry}
              person={entry.userId === null ? t.buoyItself : nameOf(entry.userId)}
              server={servers.find(({ id }) => id === entry.serverId)?.name ?? entry.serverId}
            />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {loadMore}
        </Button>
      )}
    </div>
  );
}

function Chain({ isWhole, problem }: { isWhole: boolean; problem: string | null }) {
  const t = useTexts(adminTexts);
  const typed = useMachineCommands();
  const formats = useFormats();
  if (isWhole)
    return (
      <p className="text-sm text-up">
        <span aria-hidden="true">✓</span> {t.chainWhole}
      </p>
    );
  return (
    <div role="alert">
      <ProblemWords
        code={null}
        message={t.chainBroken}
        hint={typed === null ? null : t.chainBrokenHint(typed.verifyAuditLog)}
      >
        {problem !== null && (
          <p lang="en" className="mt-1 text-ink">
            {formats.localTimes(problem)}
          </p>
        )}
      </ProblemWords>
    </div>
  );
}
