// Who is signed in, for pages that show what this person may do.
import type { User } from '@buoy/contract';
import { useSyncExternalStore } from 'react';
import { useServices } from '../../services.ts';

/** null: nobody. */
export function useUser(): User | null {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.state, session.state);
  return state.phase === 'signed-in' ? state.user : null;
}
