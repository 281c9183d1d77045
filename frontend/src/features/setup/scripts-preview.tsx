// The scripts that a setup will run on the server; asked for when a person opens them, without key and password.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { setupOf, withoutSecrets } from './setup-draft.ts';
import { StepScript, type StepScriptProps } from './step-script.tsx';
import { setupTexts } from './texts.ts';

export function ScriptsPreview(props: StepScriptProps) {
  const { server, draft, asksVia } = props;
  const { api } = useServices();
  const t = useTexts(setupTexts);
  const [isOpen, setIsOpen] = useState(false);
  const body = setupOf(withoutSecrets(draft), { sudo: false, via: asksVia });
  const { data, error } = useQuery({
    queryKey: ['setup-scripts', server.id, body],
    queryFn: ({ signal }) =>
      api.call('POST /servers/:id/setup/run/preview', { params: { id: server.id }, body, signal }),
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
      {data?.scripts.map((preview) => (
        <StepScript key={preview.stepId} preview={preview} {...props} />
      ))}
    </details>
  );
}
