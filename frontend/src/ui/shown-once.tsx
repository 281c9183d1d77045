// A secret that is shown once, with a copy button, until the person dismisses it.
import { useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';
import { Copyable } from './copyable.tsx';

/** @param onDone the person has it: it goes out of sight for good */
export function ShownOnce({
  title,
  note,
  value,
  copyLabel,
  doneLabel,
  onDone,
}: {
  title: string;
  note: string;
  value: string;
  copyLabel: string;
  doneLabel: string;
  onDone: () => void;
}) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that made it is gone: the focus must not be.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby={id} className="rounded-md border border-up/50 bg-up/8 px-4 py-3 text-sm">
      <h3 ref={heading} id={id} tabIndex={-1} className="font-medium outline-none">
        {title}
      </h3>
      <p className="mt-0.5">{note}</p>
      <div className="mt-2 flex flex-wrap items-center gap-x-4">
        <Copyable value={value} label={copyLabel} codeClass="min-w-0 break-all" />
      </div>
      <Button className="mt-3" onClick={onDone}>
        {doneLabel}
      </Button>
    </section>
  );
}
