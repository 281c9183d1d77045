// Who made a config revision, when, and whether through Buoy, outside of it, or by OpenClaw.
import type { ConfigOrigin, ConfigRevision } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { historyTexts } from './history-texts.ts';

const tones: Record<ConfigOrigin, string> = {
  buoy: 'text-muted',
  outside: 'text-unreachable',
  openclaw: 'text-unreachable',
};

export function RevisionWords({
  revision,
  personName,
}: {
  revision: ConfigRevision;
  personName: (userId: string) => string;
}) {
  const t = useTexts(historyTexts);
  const formats = useFormats();
  const { at, by, origin, note, valid } = revision;
  return (
    <>
      <span className="block text-sm text-muted">
        {formats.moment(at)}
        {by !== null && ` · ${personName(by)}`}
        {' · '}
        <span className={`font-medium ${tones[origin]}`}>{t[`origin_${origin}`]}</span>
        {!valid && <span className="font-medium text-down"> · {t.invalid}</span>}
      </span>
      {note !== null && (
        <span className="block text-sm">
          <VisibleText text={note} />
        </span>
      )}
    </>
  );
}
