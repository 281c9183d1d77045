// The text of an answer: Markdown, whose code is fetched when the first answer is shown.
import { lazy, Suspense, useDeferredValue } from 'react';
import { isCostly } from '../../ui/costly-markdown.ts';
import { VisibleText } from '../../ui/visible-text.tsx';

const Markdown = lazy(async () => {
  try {
    return { default: (await import('./markdown.tsx')).Markdown };
  } catch {
    // Offline, or Buoy was updated meanwhile: the words matter more than their formatting.
    return { default: PlainText };
  }
});

export function MessageText({ text }: { text: string }) {
  const shown = useDeferredValue(text);
  if (isCostly(shown)) return <PlainText text={shown} />;
  return (
    <Suspense fallback={<PlainText text={shown} />}>
      <Markdown text={shown} />
    </Suspense>
  );
}

export function PlainText({ text }: { text: string }) {
  return (
    <p dir="auto" className="whitespace-pre-wrap [unicode-bidi:plaintext]">
      <VisibleText text={text} />
    </p>
  );
}
