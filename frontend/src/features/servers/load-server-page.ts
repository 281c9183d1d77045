// The page of a server is no part of the first load: the list fetches it as soon as it is on the screen, before anybody presses a row.
import type { ComponentProps, ComponentType } from 'react';
import type { ServerPage } from './server-page.tsx';

export async function loadServerPage(): Promise<ComponentType<ComponentProps<typeof ServerPage>>> {
  return (await import('./server-page.tsx')).ServerPage;
}
