// What went wrong and what to do: a headline in the reader's language, then the server's message.
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/use-texts.ts';
import { problemHeadline } from './problem-texts.ts';
import { VisibleText } from './visible-text.tsx';

/** @param code null: the sentence is the app's own, in the reader's language already */
export function ProblemWords({
  code,
  message,
  hint,
  children,
}: {
  code: string | null;
  message: string;
  hint: string | null;
  children?: ReactNode;
}) {
  const language = useLanguage();
  const headline = code === null ? null : problemHeadline(language, code);
  const wordsIn = code === null ? undefined : 'en';
  return (
    <div className="rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
      {headline !== null && <p className="font-medium text-ink">{headline}</p>}
      <p lang={wordsIn} className={headline === null ? 'font-medium text-ink' : 'mt-1 text-ink'}>
        <VisibleText text={message} />
      </p>
      {hint !== null && (
        <p lang={wordsIn} className="mt-1 text-muted">
          <VisibleText text={hint} />
        </p>
      )}
      {children}
    </div>
  );
}
