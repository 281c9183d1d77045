// The first page while no server exists: the first steps and the form.
import { Suspense } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { BULK_SETUP_PATH } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { lazyPage } from '../../ui/lazy-page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { homeTexts } from './home-texts.ts';

const AddServerForm = lazyPage(async () => (await import('./add-server-form.tsx')).AddServerForm);

export function FirstServer() {
  const t = useTexts(homeTexts);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <section>
        <h2 className="text-lg font-semibold">{t.emptyTitle}</h2>
        <p className="mt-2 max-w-prose text-muted">{t.emptyText}</p>
        <ol className="mt-3 max-w-prose list-decimal space-y-1 pl-5 text-muted">
          <li>
            {t.emptyPaste}{' '}
            <code className="rounded border border-line bg-inset px-1.5 py-0.5 font-mono text-sm whitespace-nowrap text-ink">
              ssh deploy@203.0.113.7
            </code>
          </li>
          <li>{t.emptyKey}</li>
          <li>{t.emptyTest}</li>
        </ol>
        <a {...linkTo(BULK_SETUP_PATH)} className={`${buttonClass()} mt-4`}>
          {t.addSeveral}
        </a>
      </section>
      <Suspense fallback={<Skeleton label={t.addServer} rows={8} />}>
        <AddServerForm />
      </Suspense>
    </div>
  );
}
