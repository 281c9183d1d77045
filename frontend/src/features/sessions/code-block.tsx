// A block of code that is copied whole with one press, and of which a part can still be marked by hand.
import { type ReactNode, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { uiTexts } from '../../ui/texts.ts';

/** @param code what is copied */
export function CodeBlock({ code, children }: { code: string; children: ReactNode }) {
  const t = useTexts(uiTexts);
  const block = useRef<HTMLPreElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied(true);
    } catch {
      // Pages opened by plain http have no clipboard: the text is marked for the person to copy.
      if (block.current !== null) window.getSelection()?.selectAllChildren(block.current);
    }
  };
  return (
    <div className="rounded-md border border-line bg-inset">
      <div className="flex justify-end">
        <button
          type="button"
          onClick={() => void copy()}
          className="min-h-11 px-3 text-xs text-link underline focus-visible:-outline-offset-2"
        >
          {isCopied ? t.copied : t.copy}
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre ref={block} tabIndex={0} className="-mt-2 overflow-x-auto px-3 pb-3 font-mono text-xs">
        {children}
      </pre>
    </div>
  );
}
