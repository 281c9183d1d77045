// One step up in the app, for Telegram's back button: from a page to what it belongs to, whichever way one has come there.
import { routeOf } from './paths.ts';

/** @returns the nearest path above that leads to a page; "/" at the top */
export function parentPath(path: string): string {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return parent === '/' || routeOf(parent).kind !== 'unknown' ? parent : parentPath(parent);
}
