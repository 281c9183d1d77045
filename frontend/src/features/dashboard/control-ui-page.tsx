// The page of a Control UI link. It continues only for the signed-in person that the link was created for.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { confirmControlUi, enterControlUi, takeCode } from './open-control-ui.ts';
import { controlUiTexts } from './texts.ts';

export function ControlUiPage() {
  const { api } = useServices();
  const t = useTexts(controlUiTexts);
  /** null until the address is read. */
  const [hasCode, setHasCode] = useState<boolean | null>(null);
  const { mutate, error } = useMutation({
    mutationFn: (used: string) => confirmControlUi(api.call, used),
    onSuccess: (entry) => enterControlUi(document, entry),
  });
  useEffect(() => {
    // Not while rendering: a render that React gives up would have taken the code with it.
    const code = takeCode(window);
    setHasCode(code !== null);
    if (code !== null) mutate(code);
  }, [mutate]);
  const isStuck = hasCode === false || error !== null;
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeading title={t.pageTitle}>{isStuck ? t.notOpened : t.onTheWay}</PageHeading>
      <section className="mt-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
        {error !== null && <ProblemNote problem={error} />}
        {hasCode === false && <p>{t.noCode}</p>}
        {isStuck ? (
          <a {...linkTo('/')} className={`${buttonClass()} mt-5`}>
            {t.allServers}
          </a>
        ) : (
          <p className="text-muted">{t.oneMoment}</p>
        )}
      </section>
    </div>
  );
}
