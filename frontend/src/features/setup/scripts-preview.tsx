// The scripts that a setup will run on the server; asked for when a person opens them, without key and password.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { WholeCommand } from '../../ui/visible-text.tsx';
import { type SetupDraft, setupOf, withoutSecrets } from './setup-draft.ts';
import { setupTexts } from './texts.ts';

export function ScriptsPreview({ serverId, draft }: { serverId: string; draft: SetupDraft }) {
  const { api } = useServices();
  const t = useTexts(setupTexts);
  const [isOpen, setIsOpen] = useState(false);
  const body = setupOf(withoutSecrets(draft), false);
  const { data, error } = useQuery({
    queryKey: ['setup-scripts', serverId, body],
    queryFn: ({ signal }) =>
      api.call('POST /servers/:id/setup/run/preview', { params: { id: serverId }, body, signal }),
    enabled: isOpen,
    // While something is typed, the scripts before it stay.
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className="min-h-11 content-center text-sm font-medium">{t.scripts}</summary>
      <p className="text-sm text-muted">{t.scriptsHint}</p>
      {error !== null && <ProblemNote problem={error} />}
      {isOpen && data === undefined && error === null && <Skeleton label={t.loadingScripts} rows={3} />}
      {data?.scripts.map(({ stepId, title, script }) => (
        <details key={stepId}>
          <summary lang="en" className="min-h-11 content-center text-sm">
            {title}
          </summary>
          <WholeCommand command={script} />
        </details>
      ))}
    </details>
  );
}
