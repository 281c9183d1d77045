// The host key of a new server, or why it is unknown. The person compares it before the first secret is sent.
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { Fingerprint } from './fingerprint.tsx';
import { formTexts } from './form-texts.ts';
import type { SeenHostKey } from './server-queries.ts';

export function SeenHostKeyNote({ seen }: { seen: SeenHostKey | null }) {
  const t = useTexts(formTexts);
  if (seen === null || seen.kind === 'refused') return null;
  return (
    <div role="status" className="rounded-md border border-line px-4 py-3 text-sm">
      {seen.kind === 'key' ? (
        <>
          <p className="font-medium">{t.keySeen}</p>
          <p className="mt-1 break-all">
            <Fingerprint value={seen} />
          </p>
          <p className="mt-1 text-muted">{t.keySeenNote}</p>
        </>
      ) : (
        <>
          <p className="font-medium">{t.keyNotSeen}</p>
          <p className="mt-1">
            <VisibleText text={seen.message} />
          </p>
          <p className="mt-1 text-muted">{t.keyNotSeenNote}</p>
        </>
      )}
    </div>
  );
}
