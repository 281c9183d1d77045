// Everyone with an account: pending, active and disabled people; and inviting people.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useFilters } from '../../ui/use-filters.ts';
import { usersQuery } from './admin-queries.ts';
import { InvitePerson } from './invite-person.tsx';
import { PeopleFilters, statuses } from './people-filters.tsx';
import { peopleTexts } from './people-texts.ts';
import { PersonRow } from './person-row.tsx';
import { adminTexts } from './texts.ts';

export function UsersPage() {
  const { api } = useServices();
  const t = useTexts(adminTexts);
  const words = useTexts(peopleTexts);
  const { loadMore } = useTexts(uiTexts);
  const [wanted, change] = useFilters(['q', 'status']);
  const status = statuses.find((one) => one === wanted.status);
  const filter = {
    ...(wanted.q === '' ? {} : { q: wanted.q }),
    ...(status === undefined ? {} : { status }),
  };
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...usersQuery(api, filter),
    placeholderData: keepPreviousData,
  });
  const people = data?.pages.flatMap(({ users }) => users) ?? [];
  return (
    <div className="space-y-3">
      <PageHeading title={t.users}>{t.users}</PageHeading>
      <p className="text-sm text-muted">{t.usersHint}</p>
      <InvitePerson />
      <PeopleFilters wanted={wanted} onApply={change} />
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingUsers} rows={3} />}
      {data !== undefined && people.length === 0 && (
        <EmptyNote title={words.nobody}>{words.nobodyHint}</EmptyNote>
      )}
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
