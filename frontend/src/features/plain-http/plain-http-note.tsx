// Explains on the sign-in page why the browser keeps no sign-in.
import { useTexts } from '../../i18n/use-texts.ts';
import { plainHttpTexts } from './texts.ts';
import { usePlainHttp } from './use-plain-http.ts';

export function PlainHttpNote() {
  const t = useTexts(plainHttpTexts);
  if (usePlainHttp() !== 'not-kept') return null;
  return (
    <div className="mt-4 space-y-1 rounded-md border border-unreachable/50 px-4 py-3 text-sm">
      <p className="font-medium text-unreachable">{t.signInNotKept}</p>
      <p>{t.openByHttps}</p>
      <p className="text-muted">{t.whoRunsBuoy}</p>
    </div>
  );
}
