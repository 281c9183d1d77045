// Open requests, with requests decided here kept in place.
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { FailureBoundary } from '../../ui/page-boundary.tsx';
import { AccessRequestCard } from './access-request-card.tsx';
import { InboxCard } from './inbox-card.tsx';
import { inboxTexts } from './texts.ts';
import { type Asked, type DecisionOutcome, keyOf, withDecided } from './with-decided.ts';

/** @param empty stands in its place when there is nothing, and nothing was decided here */
export function InboxList({
  items,
  label,
  namesServer,
  empty,
}: {
  items: readonly Asked[];
  label: string;
  namesServer: boolean;
  empty: React.ReactNode;
}) {
  const [decided, setDecided] = useState<ReadonlyArray<{ item: Asked; outcome: DecisionOutcome }>>([]);
  const t = useTexts(inboxTexts);
  const queries = useQueryClient();
  const askAgain = () => void queries.invalidateQueries({ queryKey: ['inbox'] });
  const shown = useRef<readonly string[]>([]);
  const entries = withDecided(items, decided, shown.current);
  shown.current = entries.map(({ item }) => keyOf(item));
  if (entries.length === 0) return empty;
  const decide = (item: Asked) => (outcome: DecisionOutcome) =>
    setDecided((before) => [...before, { item, outcome }]);
  return (
    <ul aria-label={label} className="space-y-3">
      {entries.map(({ item, outcome }) => (
        <li key={keyOf(item)} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
          {/* Servers choose what is asked: one request must never take those of the others away. */}
          <FailureBoundary
            subject={JSON.stringify(item)}
            onRetry={askAgain}
            words={{ title: t.failedTitle, text: t.failed }}
          >
            {item.type === 'access' ? (
              <AccessRequestCard request={item.request} outcome={outcome} onOutcome={decide(item)} />
            ) : (
              <InboxCard item={item} outcome={outcome} namesServer={namesServer} onOutcome={decide(item)} />
            )}
          </FailureBoundary>
        </li>
      ))}
    </ul>
  );
}
