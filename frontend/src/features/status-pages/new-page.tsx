// The form for a new status page.
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { emptyPageDraft } from './page-draft.ts';
import { PageForm } from './page-form.tsx';
import { statusPageTexts } from './texts.ts';
import { useSavePage } from './use-save-page.ts';

export function NewPage() {
  const t = useTexts(statusPageTexts);
  const [draft, setDraft] = useState(emptyPageDraft);
  const save = useSavePage(draft, null);
  useUnsaved(JSON.stringify(draft) !== JSON.stringify(emptyPageDraft) && !save.isSuccess);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/status-pages')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.pages}
      </a>
      <PageHeading title={t.newPage}>{t.newPage}</PageHeading>
      <div className="mt-4">
        <PageForm
          draft={draft}
          keptUntil={null}
          onChange={(change) => {
            save.reset();
            setDraft({ ...draft, ...change });
          }}
          isChanged
          isBusy={save.isPending}
          problem={save.error}
          onSubmit={() => save.mutate(draft)}
        />
      </div>
    </div>
  );
}
