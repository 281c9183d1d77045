// Reads the host key once the address is complete, before any secret is sent.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../services.ts';
import { placeOf, type ServerDraft } from './server-draft.ts';
import { hostKeyQuery, type SeenHostKey } from './server-queries.ts';

const nowhere = { host: '', port: 22, jumpServerId: null };

export function useSeenHostKey(draft: ServerDraft) {
  const { api } = useServices();
  const queries = useQueryClient();
  const place = placeOf(draft);
  /** The address that was asked for last; what is known of another one says nothing of the form as it is now. */
  const [asked, setAsked] = useState('');
  const isAsked = place !== null && asked === JSON.stringify(place);
  const query = useQuery({ ...hostKeyQuery(api, place ?? nowhere), enabled: isAsked });
  return {
    /** null: not known yet. */
    seen: isAsked ? (query.data ?? null) : null,
    isAsking: isAsked && query.isFetching,
    /** Reads the key of the address as it is in the form now; null: given up, as when the page was left. */
    async ask(): Promise<SeenHostKey | null> {
      // Buoy says better what is wrong with an address than this page.
      if (place === null) return { kind: 'refused' };
      setAsked(JSON.stringify(place));
      return queries.fetchQuery(hostKeyQuery(api, place)).catch(() => null);
    },
  };
}
