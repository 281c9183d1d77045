// The address bar as the app's only navigation state: real paths, so that back, reload and deep links work.
import { type MouseEvent, useSyncExternalStore } from 'react';
import { createLeaveGuard } from './leave-guard.ts';

/** Knows what is not saved on the page that is open. */
export const leaveGuard = createLeaveGuard();

function subscribe(onChange: () => void): () => void {
  window.addEventListener('popstate', onChange);
  return () => window.removeEventListener('popstate', onChange);
}

/** The current path; the component renders again when it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

/**
 * Goes to a path of the app; where something is not saved, when the person agrees. With `replace` it goes in place of the
 * current path and does not ask: that is the app's own way on, as after saving.
 */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) go(path, true);
  else leaveGuard.leave(() => go(path, false));
}

function go(path: string, replace: boolean): void {
  // A reload inside Telegram signs in with the launch parameters, which only the fragment holds.
  const fragment = window.location.hash.includes('tgWebAppData=') ? window.location.hash : '';
  window.history[replace ? 'replaceState' : 'pushState'](null, '', `${path}${fragment}`);
  window.dispatchEvent(new PopStateEvent('popstate'));
  window.scrollTo(0, 0);
}

/** What makes an `<a>` stay in the app; a click for a new tab or window stays the browser's. */
export function linkTo(path: string): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: path,
    onClick(event) {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (path !== window.location.pathname) navigate(path);
    },
  };
}
