// A value that is copied whole with one press, however little of it there is room for.
import { useRef, useState } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { useServices } from '../services.ts';
import { uiTexts } from './texts.ts';

/**
 * @param label what is copied, in the words of the button
 * @param codeClass for the value: with `truncate` it is cut on the screen and whole when copied
 * @param name what a screen reader says where several such buttons have the same label
 */
export function Copyable({
  value,
  label,
  name,
  codeClass = '',
}: {
  value: string;
  label: string;
  name?: string;
  codeClass?: string;
}) {
  const { announcements } = useServices();
  const t = useTexts(uiTexts);
  const text = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announcements.say(t.copied);
    } catch {
      // Pages opened by plain http have no clipboard: the text is marked for the person to copy.
      if (text.current !== null) window.getSelection()?.selectAllChildren(text.current);
    }
  };
  return (
    <>
      <code ref={text} className={`font-mono select-all ${codeClass}`}>
        {value}
      </code>
      <button
        type="button"
        aria-label={copied ? undefined : name}
        onClick={() => void copy()}
        className="-mx-2 -my-2 min-h-11 px-2 text-link underline"
      >
        {/* Both words take their room, so that nothing moves. */}
        <span className="inline-grid justify-items-start">
          <span className={`col-start-1 row-start-1 ${copied ? 'invisible' : ''}`}>{label}</span>
          <span className={`col-start-1 row-start-1 ${copied ? '' : 'invisible'}`}>{t.copied}</span>
        </span>
      </button>
    </>
  );
}
