// The context use of a session. After a compaction the last count is outdated and shown as such.
import type { OpenclawSession } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { sessionTexts } from './texts.ts';

export function ContextUse({ tokens }: { tokens: OpenclawSession['tokens'] }) {
  const t = useTexts(sessionTexts);
  const formats = useFormats();
  const { total, context, staleSinceCompaction } = tokens;
  if (total === null) return <span className="text-muted">{t.contextUnknown}</span>;
  if (staleSinceCompaction)
    return <span className="text-unreachable">{t.contextStale(formats.number(total))}</span>;
  if (context === null || context === 0) return <span>{t.contextAlone(total)}</span>;
  const share = total / context;
  return (
    <span className="inline-flex items-center gap-2">
      <progress
        aria-label={t.contextMeter}
        max={1}
        value={Math.min(1, share)}
        className={`meter w-12 shrink-0 ${share > 0.9 ? 'meter-full' : share > 0.75 ? 'meter-high' : ''}`}
      />
      {t.context(formats.number(total), formats.number(context), formats.percent(share))}
    </span>
  );
}
