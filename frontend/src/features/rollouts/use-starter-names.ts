// Who started a rollout: the reader, or for super-admins also someone else.
import type { Rollout } from '@buoy/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { personName } from '../../ui/person-name.ts';
import { usersQuery } from '../admin/admin-queries.ts';
import { useUser } from '../sign-in/use-user.ts';

/** @returns what the person with this id is called; null: it is the reader */
export function useStarterNames(
  rollouts: readonly Pick<Rollout, 'createdBy'>[],
): (userId: string) => string | null {
  const { api } = useServices();
  const user = useUser();
  const hasOthers = rollouts.some(({ createdBy }) => createdBy !== user?.id);
  const { data } = useInfiniteQuery({
    ...usersQuery(api),
    enabled: user?.isSuperAdmin === true && hasOthers,
  });
  const people = data?.pages.flatMap(({ users }) => users) ?? [];
  return (userId) => {
    if (userId === user?.id) return null;
    const person = people.find(({ id }) => id === userId);
    return person === undefined ? userId : personName(person);
  };
}
