// Pages that are not the first one: their code is fetched when they are opened, so that the first load stays small.
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { Button } from './button.tsx';
import { PageHeading } from './page-heading.tsx';
import { uiTexts } from './texts.ts';

/** @param load imports the page; when that fails, the page says so and offers to load again */
export function lazyPage<P extends object>(
  load: () => Promise<ComponentType<P>>,
): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => ({ default: await load().catch((): ComponentType<P> => DidNotLoad) }));
}

function DidNotLoad() {
  const t = useTexts(uiTexts);
  return (
    <div role="alert">
      <PageHeading title={t.notLoadedTitle}>{t.notLoaded}</PageHeading>
      <p className="mt-2 max-w-prose text-muted">{t.notLoadedHint}</p>
      <Button variant="primary" className="mt-4" onClick={() => window.location.reload()}>
        {t.loadAgain}
      </Button>
    </div>
  );
}
