// Tags as small labels.
import { useTexts } from '../i18n/use-texts.ts';
import { uiTexts } from './texts.ts';
import { VisibleText } from './visible-text.tsx';

export function Tags({ tags }: { tags: readonly string[] }) {
  const t = useTexts(uiTexts);
  return (
    <ul aria-label={t.tags} className="mt-1 flex flex-wrap gap-1">
      {tags.map((tag) => (
        <li key={tag} className="rounded border border-line px-1.5 text-xs text-muted">
          <VisibleText text={tag} />
        </li>
      ))}
    </ul>
  );
}
