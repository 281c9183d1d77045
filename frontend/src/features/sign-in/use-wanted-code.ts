// The code that a page was opened with, until it has been dealt with.
import { useSyncExternalStore } from 'react';
import { useServices } from '../../services.ts';
import type { PageWithCode } from './wanted-page.ts';

/** The component renders again when another code comes. */
export function useWantedCode(path: PageWithCode): string | null {
  const { wantedPage } = useServices();
  const codeNow = () => wantedPage.codeFor(path);
  return useSyncExternalStore(wantedPage.subscribe, codeNow, codeNow);
}
