// A super-admin's action on a person; refreshes the lists that show this person.
import type { Person } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { peopleTexts } from './people-texts.ts';

export type PersonAct =
  | 'approve'
  | 'refuse'
  | 'disable'
  | 'enable'
  | { mayAddServers: boolean }
  | { displayName: string | null };

/** @param onDone gets the person as they are afterwards */
export function usePersonAct(person: Person, onDone?: (changed: Person) => void) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(peopleTexts);
  const params = { id: person.id };
  return useMutation({
    mutationFn: (act: PersonAct) => {
      if (typeof act === 'object') return api.call('PUT /admin/users/:id', { params, body: act });
      return api.call(`POST /admin/users/:id/${act}`, { params });
    },
    onSuccess: ({ user }) => onDone?.(user),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['admin', 'users'] });
      void queries.invalidateQueries({ queryKey: ['inbox'] });
    },
    meta: { done: t.changed },
  });
}
