// Whose a server is, where it is not the reader's own.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { useUser } from '../sign-in/use-user.ts';
import { isOwn } from './rollout-draft.ts';
import { rolloutTexts } from './texts.ts';

/** @returns words that name the owner of a server; null: the reader added or took it */
export function useOwnerWords(): (server: Pick<Server, 'owner'>) => string | null {
  const t = useTexts(rolloutTexts);
  const user = useUser();
  return (server) => {
    if (isOwn(server, user?.id)) return null;
    return server.owner === null ? t.notYours : t.ofOwner(server.owner.name);
  };
}
