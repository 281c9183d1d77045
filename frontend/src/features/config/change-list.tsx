// Changes of a config by path: the values before and after.
import type { ConfigChange } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { reviewTexts } from './review-texts.ts';

type Change = ConfigChange & { needsRestart?: boolean | null };

const tones = { added: 'text-up', changed: 'text-link', removed: 'text-down' } as const;
const signs = { added: '+', changed: '~', removed: '−' } as const;

/**
 * @param label what a screen reader calls the list
 * @param nothing what it says when there are none
 */
export function ChangeList({
  label,
  changes,
  nothing,
}: {
  label: string;
  changes: readonly Change[];
  nothing?: string;
}) {
  const t = useTexts(reviewTexts);
  if (changes.length === 0) return <p className="text-sm text-muted">{nothing ?? t.nothing}</p>;
  return (
    <ul aria-label={label} className="divide-y divide-line rounded-md border border-line">
      {changes.map(({ path, kind, before, after, needsRestart = null }) => (
        <li key={path} className="px-3 py-2 text-sm">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span aria-hidden="true" className={`font-mono font-semibold ${tones[kind]}`}>
              {signs[kind]}
            </span>
            <code className="min-w-0 font-mono">
              <VisibleText text={path} kind="command" />
            </code>
            <span className={`text-xs ${tones[kind]}`}>{t[kind]}</span>
            {needsRestart === true && (
              <span className="text-xs font-medium text-unreachable">{t.needsRestart}</span>
            )}
          </p>
          <div className="mt-1 space-y-1">
            {kind !== 'added' && <Value title={t.before} value={before} isOld />}
            {kind !== 'removed' && <Value title={t.after} value={after} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Value({ title, value, isOld = false }: { title: string; value: unknown; isOld?: boolean }) {
  return (
    <div className="flex gap-2">
      <span className="w-14 shrink-0 text-xs text-muted">{title}</span>
      <pre
        dir="ltr"
        className={`min-w-0 flex-1 font-mono text-xs whitespace-pre-wrap ${isOld ? 'text-muted line-through' : ''}`}
      >
        <VisibleText text={JSON.stringify(value, null, 2) ?? ''} kind="command" />
      </pre>
    </div>
  );
}
