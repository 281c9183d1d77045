// Open requests, with requests decided here kept in place.
import type { InboxItem } from '@buoy/contract';
import { useRef, useState } from 'react';
import { InboxCard } from './inbox-card.tsx';
import { type DecisionOutcome, keyOf, withDecided } from './with-decided.ts';

/** @param empty stands in its place when there is nothing, and nothing was decided here */
export function InboxList({
  items,
  label,
  namesServer,
  empty,
}: {
  items: readonly InboxItem[];
  label: string;
  namesServer: boolean;
  empty: React.ReactNode;
}) {
  const [decided, setDecided] = useState<ReadonlyArray<{ item: InboxItem; outcome: DecisionOutcome }>>([]);
  const shown = useRef<readonly string[]>([]);
  const entries = withDecided(items, decided, shown.current);
  shown.current = entries.map(({ item }) => keyOf(item));
  if (entries.length === 0) return empty;
  return (
    <ul aria-label={label} className="space-y-3">
      {entries.map(({ item, outcome }) => (
        <InboxCard
          key={keyOf(item)}
          item={item}
          outcome={outcome}
          namesServer={namesServer}
          onOutcome={(next) => setDecided((before) => [...before, { item, outcome: next }])}
        />
      ))}
    </ul>
  );
}
