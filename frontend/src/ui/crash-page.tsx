// The page shown after a crash: a message and a way on, instead of a blank screen.
import { pickLanguage } from '../i18n/languages.ts';
import { Brand } from './brand.tsx';
import { Button } from './button.tsx';
import { uiTexts } from './texts.ts';

/** Stands where nothing of the app is left: the language is the one that the document says. */
export function CrashPage() {
  const t = uiTexts[pickLanguage([document.documentElement.lang])];
  return (
    <main className="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-4 px-4">
      <Brand />
      <h1 className="text-xl font-semibold">{t.crashTitle}</h1>
      <p className="text-muted">{t.crashText}</p>
      <div>
        <Button variant="primary" onClick={() => window.location.reload()}>
          {t.loadAgain}
        </Button>
      </div>
    </main>
  );
}
