// Pages that few people open: their code is fetched when they are opened, so that the first load stays small.
import { type ComponentType, lazy } from 'react';
import { Button } from './button.tsx';
import { PageHeading } from './page-heading.tsx';

/** @param load imports the page; when that fails, the page says so and offers to load again */
export function lazyPage(load: () => Promise<ComponentType>): ComponentType {
  return lazy(async () => ({ default: await load().catch(() => DidNotLoad) }));
}

function DidNotLoad() {
  return (
    <div role="alert">
      <PageHeading title="Not loaded">This page did not load</PageHeading>
      <p className="mt-2 max-w-prose text-muted">
        Buoy did not answer, or it has been updated since this tab was opened. Check your network, then load
        again.
      </p>
      <Button look="primary" className="mt-4" onClick={() => window.location.reload()}>
        Load again
      </Button>
    </div>
  );
}
