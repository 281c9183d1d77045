// The path of a Telegram link: opened once per launch, so that a reload or going back does not open it again.
import { routeOf } from '../paths.ts';
import type { LaunchParams } from './launch-params.ts';
import { pathOfStartParam } from './start-param.ts';

const STORED_AS = 'buoy.started';

/**
 * @param storage of this tab: it outlives a reload
 * @returns a path of the app, for an invite with `#code=` behind it; null when there is nothing (more) to open
 */
export function takeStartPath(
  { startParam, initData }: Pick<LaunchParams, 'startParam' | 'initData'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
): string | null {
  // The end of initData is its hash, a different one for each launch.
  const launch = initData.slice(-16);
  if (startParam === null || storage.getItem(STORED_AS) === launch) return null;
  storage.setItem(STORED_AS, launch);
  const path = pathOfStartParam(startParam);
  return path === null || routeOf(pathOnly(path)).kind === 'unknown' ? null : path;
}

/** The address of that place, with what Telegram has put into the fragment still in it. */
export function startAddress(path: string, hash: string): string {
  return path.includes('#') ? `${path}&${hash.slice(1)}` : `${path}${hash}`;
}

function pathOnly(path: string): string {
  return path.split('#', 1)[0] ?? path;
}
