// Names and values side by side, as many columns as fit.
import type { ReactNode } from 'react';
import { VisibleText } from './visible-text.tsx';

/** `wide`: a long value, such as a fingerprint. */
export type Fact = { term: string; value: ReactNode; wide?: boolean };

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="mt-3 grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-6 gap-y-3 text-sm">
      {facts.map(({ term, value, wide = false }) => (
        <div key={term} className={wide ? 'col-span-2' : ''}>
          <dt className="text-xs text-muted">
            <VisibleText text={term} />
          </dt>
          <dd className="mt-0.5">{typeof value === 'string' ? <VisibleText text={value} /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
