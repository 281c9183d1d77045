// Prefetches the server page once the list is shown, since it is not part of the first load.
import type { ComponentProps, ComponentType } from 'react';
import type { ServerPage } from './server-page.tsx';

export async function loadServerPage(): Promise<ComponentType<ComponentProps<typeof ServerPage>>> {
  return (await import('./server-page.tsx')).ServerPage;
}
