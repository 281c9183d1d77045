// The source and age of data. A snapshot is outdated and must be shown as such.
import { useFormats } from '../i18n/use-formats.ts';
import { useTexts } from '../i18n/use-texts.ts';
import { uiTexts } from './texts.ts';
import { useNow } from './use-now.ts';

/** @param observedAt ISO 8601 */
export function OriginNote({
  source,
  observedAt,
}: {
  source: 'gateway' | 'cli' | 'snapshot';
  observedAt: string;
}) {
  const t = useTexts(uiTexts);
  const formats = useFormats();
  const age = formats.age(observedAt, useNow());
  if (source === 'snapshot')
    return (
      <p className="text-xs font-medium text-unreachable">
        {t.fromSnapshot(formats.moment(observedAt), age)}
      </p>
    );
  return <p className="text-xs text-muted">{source === 'gateway' ? t.fromGateway(age) : t.fromCli(age)}</p>;
}
