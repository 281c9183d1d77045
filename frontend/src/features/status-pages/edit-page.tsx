// A status page: its link and its settings.
import type { StatusPage } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { LinkPanel } from './link-panel.tsx';
import { pageDraftOf } from './page-draft.ts';
import { PageForm } from './page-form.tsx';
import { RemovePage } from './remove-page.tsx';
import { statusPagesQuery } from './status-page-queries.ts';
import { statusPageTexts } from './texts.ts';
import { useSavePage } from './use-save-page.ts';

export function EditPage({ id }: { id: string }) {
  const { api } = useServices();
  const t = useTexts(statusPageTexts);
  const { data, error } = useQuery(statusPagesQuery(api));
  const page = data?.find((one) => one.id === id);
  const title = page?.title ?? t.pages;
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/status-pages')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.pages}
      </a>
      <PageHeading title={title}>{title}</PageHeading>
      <div className="mt-4 space-y-4">
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <Skeleton label={t.loading} rows={4} />}
        {data !== undefined && page === undefined && <EmptyNote title={t.gone} />}
        {page !== undefined && (
          <>
            <LinkPanel page={page} />
            <Form page={page} />
          </>
        )}
      </div>
    </div>
  );
}

function Form({ page }: { page: StatusPage }) {
  // As it was when the form was opened: what was changed elsewhere meanwhile is not overwritten unseen.
  const [before] = useState(page);
  const [saved] = useState(() => pageDraftOf(page));
  const [draft, setDraft] = useState(saved);
  const save = useSavePage(draft, before);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  useUnsaved(isChanged && !save.isSuccess);
  return (
    <PageForm
      draft={draft}
      keptUntil={before.expiresAt}
      onChange={(change) => {
        save.reset();
        setDraft({ ...draft, ...change });
      }}
      isChanged={isChanged}
      isBusy={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate(draft)}
      aside={<RemovePage page={page} />}
    />
  );
}
