// A text that a server stored may have megabytes, which hold up the page of its reader: its beginning, and the rest for who asks for it.
import { type ReactNode, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { chatTexts } from './chat-texts.ts';

/** UTF-16 units and lines of one text: a page has fifty, which the browser lays out at once. */
const MAX_SHOWN = 20_000;
const MAX_LINES = 1_000;

export function LongText({ text, children }: { text: string; children: (shown: string) => ReactNode }) {
  const t = useTexts(chatTexts);
  const [isWhole, setIsWhole] = useState(false);
  const beginning = isWhole ? text : beginningOf(text);
  if (beginning === text) return children(text);
  return (
    <>
      {children(beginning)}
      <p className="text-sm text-muted">
        {t.onlyBeginning}{' '}
        <Button variant="quiet" onClick={() => setIsWhole(true)}>
          {t.showWhole}
        </Button>
      </p>
    </>
  );
}

/** The whole text where it is short; else without half of a character at its end. */
function beginningOf(text: string): string {
  let end = text.length;
  if (end > MAX_SHOWN) end = /[\ud800-\udbff]/.test(text[MAX_SHOWN - 1] ?? '') ? MAX_SHOWN - 1 : MAX_SHOWN;
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    if (lines === MAX_LINES) return text.slice(0, at);
    lines += 1;
  }
  return text.slice(0, end);
}
