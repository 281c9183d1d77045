// The links of status pages. A token is made from a random salt in the database and a secret of Buoy, so that its creator can copy it again,
// and a stolen database does not have it.
import { createHmac, randomBytes } from 'node:crypto';
import type { StatusPageTable } from '../db/schema.ts';
import { sha256 } from '../lib/ids.ts';

type Link = Pick<StatusPageTable, 'linkSalt' | 'tokenHash'>;

/** @param secret 32 bytes, kept for as long as the pages */
export function createStatusLinks(secret: Buffer) {
  /** 256 bits. */
  const tokenOf = (pageId: string, linkSalt: string): string =>
    createHmac('sha256', secret).update(`${pageId}.${linkSalt}`).digest('base64url');
  return {
    /** A new link for a page. */
    make(pageId: string): Link & { token: string } {
      const linkSalt = randomBytes(16).toString('base64url');
      const token = tokenOf(pageId, linkSalt);
      return { linkSalt, token, tokenHash: sha256(token) };
    },

    /** The token of a page's link; null when it was made with another secret. */
    tokenOf({ id, linkSalt, tokenHash }: Link & { id: string }): string | null {
      const token = tokenOf(id, linkSalt);
      return sha256(token) === tokenHash ? token : null;
    },
  };
}
