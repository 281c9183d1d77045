// Which notification channels lead to this browser. The list of channels does not tell: what the push service calls a browser is a secret there.

const STORED_AS = 'buoy.push';

type KeptStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
/** `channelIds`: more than one where several people use this browser. */
type OwnChannels = { endpoint: string; channelIds: string[] };

/** The ids of the channels that were added here for `endpoint`. */
export function ownChannelIds(storage: KeptStorage | null, endpoint: string): string[] {
  const own = read(storage);
  return own?.endpoint === endpoint ? own.channelIds : [];
}

export function addOwnChannel(storage: KeptStorage | null, endpoint: string, channelId: string): void {
  const channelIds = new Set([...ownChannelIds(storage, endpoint), channelId]);
  write(storage, { endpoint, channelIds: [...channelIds] });
}

/** @returns whether the channel was the last one of this browser */
export function removeOwnChannel(storage: KeptStorage | null, channelId: string): boolean {
  const own = read(storage);
  if (own === null || !own.channelIds.includes(channelId)) return false;
  const channelIds = own.channelIds.filter((id) => id !== channelId);
  write(storage, channelIds.length === 0 ? null : { ...own, channelIds });
  return channelIds.length === 0;
}

/** null when browser storage is blocked: even reading it throws. */
export function localStorageOf(page: Window): Storage | null {
  try {
    return page.localStorage;
  } catch {
    return null;
  }
}

function read(storage: KeptStorage | null): OwnChannels | null {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(STORED_AS) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { endpoint, channelIds } = kept as Partial<Record<keyof OwnChannels, unknown>>;
    if (typeof endpoint !== 'string' || !Array.isArray(channelIds)) return null;
    return { endpoint, channelIds: channelIds.filter((id) => typeof id === 'string') };
  } catch {
    return null;
  }
}

function write(storage: KeptStorage | null, own: OwnChannels | null): void {
  try {
    if (own === null) storage?.removeItem(STORED_AS);
    else storage?.setItem(STORED_AS, JSON.stringify(own));
  } catch {
    // A full storage forgets: the browser is then offered again, and Buoy says that it has the channel.
  }
}
