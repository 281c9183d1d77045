// Protects unsaved input: leaving the page, the tab or Telegram asks first.
import { useEffect } from 'react';
import { leaveGuard } from '../navigation.ts';
import { useServices } from '../services.ts';

/**
 * For a form that forgets what is in it when its page is left: `useUnsaved(draft !== saved)`.
 * After saving, go on by `navigate(path, { replace: true })`, which does not ask.
 * @param isUnsaved whether there is anything to lose now
 */
export function useUnsaved(isUnsaved: boolean): void {
  useUnsavedOnClose(isUnsaved);
  useEffect(() => (isUnsaved ? leaveGuard.hold() : undefined), [isUnsaved]);
}

/** For what other pages of the app do not cost: only closing the app asks. */
export function useUnsavedOnClose(isUnsaved: boolean): void {
  const { telegram } = useServices();
  useEffect(() => {
    if (isUnsaved) return telegram === null ? askBeforeUnload() : telegram.confirmClosing();
  }, [isUnsaved, telegram]);
}

function askBeforeUnload(): () => void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener('beforeunload', ask);
  return () => window.removeEventListener('beforeunload', ask);
}
