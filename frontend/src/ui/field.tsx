// A labelled form control with its hint and its error, tied together for screen readers.
import { type ReactNode, useId } from 'react';

export const controlClass =
  'block w-full min-h-11 rounded-md border border-edge bg-inset px-3 py-2 text-base text-ink aria-invalid:border-down';

export type ControlProps = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
};

export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Renders the control with these attributes. */
  children: (control: ControlProps) => ReactNode;
}) {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = hint !== undefined || error !== undefined;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': hasNote ? noteId : undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      <div id={noteId} className={hasNote ? 'mt-1 text-sm text-muted' : ''}>
        {/* There before anything is wrong: only then a screen reader hears what comes into it. */}
        <p aria-live="polite" className="text-down">
          {error}
        </p>
        {hint}
      </div>
    </div>
  );
}
