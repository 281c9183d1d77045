// Whose a server is, for the reader.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { useUser } from '../sign-in/use-user.ts';
import { ownerTexts } from './owner-texts.ts';
import { nameWithOwner, ownerWords } from './server-owner.ts';

/** @returns words that name the owner of a server; null: the reader added or took it */
export function useOwnerWords(): (server: Pick<Server, 'owner'>) => string | null {
  const t = useTexts(ownerTexts);
  const user = useUser();
  return (server) => ownerWords(server, user?.id, t);
}

/** @returns the name of a server in a choice, with id and owner where the reader neither added nor took it */
export function useNameWithOwner(): (server: Pick<Server, 'id' | 'name' | 'owner'>) => string {
  const t = useTexts(ownerTexts);
  const user = useUser();
  return (server) => nameWithOwner(server, user?.id, t);
}
