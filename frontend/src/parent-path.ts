// The parent of a page, for Telegram's back button, regardless of the history.
import { routeOf } from './paths.ts';

/** @returns the nearest path above that leads to a page; "/" at the top */
export function parentPath(path: string): string {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  return parent === '/' || routeOf(parent).kind !== 'unknown' ? parent : parentPath(parent);
}
