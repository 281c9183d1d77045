// A text that a server stored may have megabytes, which hold up the page of its reader: its beginning, and the rest for who asks for it.
import { type ReactNode, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { chatTexts } from './chat-texts.ts';

/** UTF-16 units: as many as a live event has. */
const MAX_SHOWN = 100_000;

export function LongText({ text, children }: { text: string; children: (shown: string) => ReactNode }) {
  const t = useTexts(chatTexts);
  const [isWhole, setIsWhole] = useState(false);
  if (isWhole || text.length <= MAX_SHOWN) return children(text);
  return (
    <>
      {children(beginningOf(text))}
      <p className="text-sm text-muted">
        {t.onlyBeginning}{' '}
        <Button variant="quiet" onClick={() => setIsWhole(true)}>
          {t.showWhole}
        </Button>
      </p>
    </>
  );
}

/** Without half of a character at its end. */
function beginningOf(text: string): string {
  return text.slice(0, MAX_SHOWN).replace(/[\ud800-\udbff]$/, '');
}
