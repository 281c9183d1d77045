// A card with a heading, what stands beside it, and its content.
import { type ReactNode, useId } from 'react';
import { VisibleText } from './visible-text.tsx';

/** @param aside beside the heading: the age of the facts, or a button */
export function Panel({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-3 sm:px-5">
        <h2 id={id} className="font-semibold">
          <VisibleText text={title} />
        </h2>
        {aside}
      </div>
      <div className="px-4 py-4 sm:px-5">{children}</div>
    </section>
  );
}
