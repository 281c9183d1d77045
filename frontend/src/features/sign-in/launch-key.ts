// A key of one launch inside Telegram. It allows a reload to reuse its initData, but not someone who stole the initData.
import { randomKey } from '../../random-key.ts';

const STORED_AS = 'buoy.launch';

/** The key for this initData: made at its first use, found again after a reload of the same tab. */
export function launchKeyFor(initData: string, storage: Pick<Storage, 'getItem' | 'setItem'>): string {
  // The end of initData is its hash, a different one for each launch.
  const launch = initData.slice(-16);
  const [kept, key] = (storage.getItem(STORED_AS) ?? '').split(' ');
  if (kept === launch && key !== undefined) return key;
  const made = randomKey();
  storage.setItem(STORED_AS, `${launch} ${made}`);
  return made;
}
