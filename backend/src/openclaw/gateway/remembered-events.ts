// Bounds what is remembered of servers that nobody watches any more, for readers who come back: of the servers of one person, and of all.
import { createHeldFrames } from './held-frames.ts';

/** UTF-16 units of events and log lines. One server has up to 3 Mi. */
const MAX_OF_OWNER = 16 * 1024 * 1024;
const MAX_TOTAL = 64 * 1024 * 1024;

export type RememberedEvents = {
  /**
   * Counts what is remembered of a server from now on.
   * @param length how much that is
   * @param forget called when this owner has too much, or everybody has and this owner the most, and it is the longest of this owner's
   */
  keep(
    serverId: string,
    length: () => number,
    forget: () => void,
  ): {
    /** The length has changed. */
    recount(): void;
    /** It is forgotten, or has a reader again. */
    end(): void;
  };
};

/** Counted in this process, whose memory it is. */
export function createRememberedEvents({
  ownerOf,
  maxOfOwner = MAX_OF_OWNER,
  maxTotal = MAX_TOTAL,
}: {
  ownerOf: (serverId: string) => Promise<string>;
  maxOfOwner?: number;
  maxTotal?: number;
}): RememberedEvents {
  const holders = createHeldFrames(maxOfOwner, maxTotal);
  return {
    keep(serverId, length, forget) {
      let hasEnded = false;
      let counted = 0;
      let recount = (): void => {};
      let close = (): void => {};
      const count = (owner: string): void => {
        if (hasEnded) return;
        const holder = holders.open(owner, () => {
          end();
          forget();
        });
        close = holder.close;
        recount = () => {
          const added = length() - counted;
          counted += added;
          if (added > 0) holder.grow(added);
          else holder.shrink(-added);
        };
        recount();
      };
      const end = (): void => {
        hasEnded = true;
        recount = () => {};
        close();
      };
      // Of a server that is just being removed nobody knows the owner.
      void ownerOf(serverId).then(count, () => count(serverId));
      return { recount: () => recount(), end };
    },
  };
}
