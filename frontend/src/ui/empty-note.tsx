// An empty state: why nothing is shown, and what to do.
import type { ReactNode } from 'react';
import { VisibleText } from './visible-text.tsx';

export function EmptyNote({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-edge px-4 py-8 text-center">
      <p className="font-medium">
        <VisibleText text={title} />
      </p>
      {children !== undefined && (
        <div className="mx-auto mt-1 max-w-prose text-sm text-muted">{children}</div>
      )}
    </div>
  );
}
