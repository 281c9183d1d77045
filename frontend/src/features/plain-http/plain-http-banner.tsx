// Warns on every page that plain http can be read on the network.
import { useTexts } from '../../i18n/use-texts.ts';
import { plainHttpTexts } from './texts.ts';
import { usePlainHttp } from './use-plain-http.ts';

export function PlainHttpBanner() {
  const t = useTexts(plainHttpTexts);
  if (usePlainHttp() !== 'kept') return null;
  return (
    <aside
      aria-label={t.notEncrypted}
      className="border-b border-unreachable/50 bg-surface pt-(--safe-top) pr-[max(1rem,var(--safe-right))] pl-[max(1rem,var(--safe-left))]"
    >
      <p className="mx-auto max-w-[100rem] py-2 text-sm">
        <span className="font-medium text-unreachable">{t.notEncrypted}</span> {t.others}
      </p>
    </aside>
  );
}
