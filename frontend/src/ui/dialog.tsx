// A modal question. The browser's own dialog keeps the focus inside and closes on Escape; Telegram's back button closes it too.
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { useServices } from '../services.ts';
import { VisibleText } from './visible-text.tsx';

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const { telegram } = useServices();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it leaves the page: only an element that is still there gives the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element?.open === false) element.showModal();
    return () => element?.close();
  }, []);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    if (telegram === null) return;
    const ends = [telegram.backCloses(() => close.current()), telegram.bottomButtons.cover()];
    return () => {
      for (const end of ends) end();
    };
  }, [telegram]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="top-(--safe-top) bottom-(--safe-bottom) m-auto max-h-[calc(100dvh-2rem-var(--safe-top)-var(--safe-bottom))] w-[calc(100%-2rem)] max-w-lg rounded-lg border border-line bg-surface p-5 text-ink sm:p-6"
    >
      <h2 id={titleId} className="text-lg font-semibold tracking-tight">
        <VisibleText text={title} />
      </h2>
      {children}
    </dialog>
  );
}
