// The public page of a link, fetched when it is opened: the app does not load it, and the page starts nothing of the app.
import { Suspense } from 'react';
import type { Language } from '../../i18n/languages.ts';
import { LanguageContext } from '../../i18n/use-texts.ts';
import { lazyPage } from '../../ui/lazy-page.tsx';

const Page = lazyPage(async () => (await import('./public-page.tsx')).PublicPage);

export function PublicPage({ token, language }: { token: string; language: Language }) {
  return (
    <LanguageContext value={language}>
      <main className="mx-auto max-w-3xl pt-[calc(1.5rem+var(--safe-top))] pr-[max(1rem,var(--safe-right))] pb-[calc(1.5rem+var(--safe-bottom))] pl-[max(1rem,var(--safe-left))]">
        <Suspense>
          <Page token={token} />
        </Suspense>
      </main>
    </LanguageContext>
  );
}
