// Everybody who has signed in.
import type { Contract, ResponseOf } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useNow } from '../../ui/use-now.ts';
import { usersQuery } from './admin-queries.ts';
import { adminTexts } from './texts.ts';

type Person = ResponseOf<Contract['GET /admin/users']>['users'][number];

export function UsersPage() {
  const { api } = useServices();
  const t = useTexts(adminTexts);
  const { loadMore } = useTexts(uiTexts);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(usersQuery(api));
  const people = data?.pages.flatMap(({ users }) => users) ?? [];
  return (
    <div className="space-y-3">
      <PageHeading title={t.users}>{t.users}</PageHeading>
      <p className="text-sm text-muted">{t.usersHint}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingUsers} rows={3} />}
      {people.length > 0 && (
        <ul aria-label={t.users} className="divide-y divide-line rounded-lg border border-line bg-surface">
          {people.map((person) => (
            <PersonRow key={person.id} person={person} />
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

function PersonRow({ person }: { person: Person }) {
  const t = useTexts(adminTexts);
  const formats = useFormats();
  const now = useNow();
  const name = personName(person);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-3 text-sm">
      <div className="min-w-0">
        <p>
          <span className="font-medium">{name}</span>
          {person.isSuperAdmin && (
            <span className="ml-2 rounded border border-line px-1.5 text-xs text-muted">{t.superAdmin}</span>
          )}
        </p>
        <p className="mt-0.5 text-xs text-muted">
          <span className="font-mono select-all">{person.id}</span> ·{' '}
          {[
            person.lastSeenAt === null ? t.neverSeen : t.lastSeen(formats.age(person.lastSeenAt, now)),
            t.onServers(person.servers),
            t.since(formats.moment(person.createdAt)),
          ].join(' · ')}
        </p>
      </div>
      <a
        {...linkTo(`/admin/audit?${new URLSearchParams({ user: person.id })}`)}
        className={`${buttonClass('quiet')} -mx-4`}
      >
        {t.whatTheyDid}
        <span className="sr-only">: {name}</span>
      </a>
    </li>
  );
}
