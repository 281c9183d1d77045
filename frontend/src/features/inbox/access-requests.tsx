// Requests for access to this Buoy, each decided by one press. Decided requests stay in place.
import type { AccessRequest } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { inboxTexts } from './texts.ts';

type Decision = 'approve' | 'refuse';

export function AccessRequests({ requests }: { requests: readonly AccessRequest[] }) {
  const t = useTexts(inboxTexts);
  const [decided, setDecided] = useState<ReadonlyArray<AccessRequest & { decision: Decision }>>([]);
  const entries = [
    ...requests
      .filter(({ userId }) => !decided.some((one) => one.userId === userId))
      .map((request) => ({ ...request, decision: null })),
    ...decided,
  ].toSorted((one, other) => (one.requestedAt < other.requestedAt ? -1 : 1));
  if (entries.length === 0) return null;
  return (
    <ul aria-label={t.accessRequests} className="space-y-3">
      {entries.map((request) => (
        <AccessRequestCard
          key={request.userId}
          request={request}
          decision={request.decision}
          onDecided={(decision) => setDecided((before) => [...before, { ...request, decision }])}
        />
      ))}
    </ul>
  );
}

function AccessRequestCard({
  request: { userId, name, requestedAt },
  decision,
  onDecided,
}: {
  request: AccessRequest;
  decision: Decision | null;
  onDecided: (decision: Decision) => void;
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
    onSuccess: (_answer, made) => onDecided(made),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['inbox'] });
      void queries.invalidateQueries({ queryKey: ['admin', 'users'] });
    },
    meta: { done: true },
  });
  return (
    <li className="rounded-lg border border-line bg-surface p-4 sm:p-5">
      <h2 id={titleId} className="font-semibold break-words">
        {t.accessTitle(name)}
      </h2>
      <p className="mt-0.5 text-sm text-muted">
        {t.accessId} <span className="font-mono select-all">{userId}</span> ·{' '}
        {t.since(formats.age(requestedAt, now))}
      </p>
      {decision !== null ? (
        <p role="status" className="mt-3 text-sm font-medium">
          {decision === 'approve' ? t.accessApproved : t.accessRefused}
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
              <Button
                key={one}
                variant={one === 'approve' ? 'primary' : 'danger'}
                aria-describedby={`${titleId} ${effectId}`}
                disabled={decide.isPending}
                onClick={() => decide.mutate(one)}
              >
                {one === 'approve' ? t.approveAccess : t.refuseAccess}
              </Button>
            ))}
          </div>
        </>
      )}
    </li>
  );
}
