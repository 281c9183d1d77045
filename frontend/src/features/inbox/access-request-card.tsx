// A request for access to this Buoy, which is decided by one press.
import type { AccessRequest } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { DecisionButton } from '../../ui/decision-button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { inboxTexts } from './texts.ts';
import type { DecisionOutcome } from './with-decided.ts';

type Decision = 'approve' | 'refuse';

/** @param outcome what became of it; null while it waits */
export function AccessRequestCard({
  request: { userId, name, requestedAt },
  outcome,
  onOutcome,
}: {
  request: AccessRequest;
  outcome: DecisionOutcome | null;
  onOutcome: (outcome: DecisionOutcome) => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(inboxTexts);
  const formats = useFormats();
  const now = useNow();
  const titleId = useId();
  const effectId = useId();
  const decide = useMutation({
    mutationFn: (made: Decision) =>
      made === 'approve'
        ? api.call('POST /admin/users/:id/approve', { params: { id: userId } })
        : api.call('POST /admin/users/:id/refuse', { params: { id: userId } }),
    onSuccess: (_answer, made) =>
      onOutcome({ words: made === 'approve' ? t.accessApproved : t.accessRefused, note: null }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['inbox'] });
      void queries.invalidateQueries({ queryKey: ['admin', 'users'] });
    },
    meta: { done: true },
  });
  return (
    <>
      <h2 id={titleId} className="font-semibold break-words">
        {t.accessTitle(name)}
      </h2>
      <p className="mt-0.5 text-sm text-muted">
        {t.accessId} <span className="font-mono select-all">{userId}</span> ·{' '}
        {t.since(formats.age(requestedAt, now))}
      </p>
      {outcome !== null ? (
        <p role="status" className="mt-3 text-sm font-medium">
          {outcome.words}
        </p>
      ) : (
        <>
          <p id={effectId} className="mt-3 max-w-prose text-sm text-muted">
            {t.accessEffect}
          </p>
          {decide.error !== null && (
            <div className="mt-3">
              <ProblemNote problem={decide.error} />
            </div>
          )}
          <div className="mt-3 flex flex-wrap gap-2">
            {(['approve', 'refuse'] as const).map((one) => (
              <DecisionButton
                key={one}
                variant={one === 'approve' ? 'primary' : 'danger'}
                aria-describedby={`${titleId} ${effectId}`}
                disabled={decide.isPending}
                onPress={() => decide.mutate(one)}
              >
                {one === 'approve' ? t.approveAccess : t.refuseAccess}
              </DecisionButton>
            ))}
          </div>
        </>
      )}
    </>
  );
}
