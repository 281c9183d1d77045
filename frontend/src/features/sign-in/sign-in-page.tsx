// What a person sees who is not signed in: how to get in, in words.
import type { ApiError } from '@buoy/contract/client';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { shellTexts } from '../../shell-texts.ts';
import { Brand } from '../../ui/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { LanguageSelect } from '../account/language-select.tsx';
import { PlainHttpNote } from '../plain-http/plain-http-note.tsx';
import { TelegramLogin } from './telegram-login.tsx';
import { signInTexts } from './texts.ts';
import type { PageWithCode } from './wanted-page.ts';

export function SignInPage({ problem }: { problem: ApiError | null }) {
  const { session, telegram, wantedPage } = useServices();
  const t = useTexts(signInTexts);
  const wanted = wantedPage.path();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-5 px-4 py-10">
      <Brand />
      <section className="rounded-lg border border-line bg-surface p-5 sm:p-7">
        <PageHeading title={t.signIn}>{t.signInToBuoy}</PageHeading>
        {wanted !== null && <p className="mt-4">{wanted === '/device' ? t.deviceFirst : t.inviteFirst}</p>}
        {problem !== null && (
          <div className="mt-4">
            <ProblemNote problem={problem} />
          </div>
        )}
        <PlainHttpNote />
        {telegram === null && <TelegramLogin />}
        {telegram === null ? (
          <LinkInstructions wanted={wanted} />
        ) : (
          <p className="mt-4 text-muted">{t.reopenInTelegram}</p>
        )}
        <div className="mt-6">
          <Button onClick={() => void session.start()}>{t.tryAgain}</Button>
        </div>
      </section>
      <div className="max-w-48">
        <LanguageSelect />
      </div>
    </main>
  );
}

function LinkInstructions({ wanted }: { wanted: PageWithCode | null }) {
  const t = useTexts(signInTexts);
  const menu = useTexts(shellTexts);
  return (
    <div className="mt-4 space-y-4 text-muted">
      <p>{t.noPasswords}</p>
      <ol className="list-decimal space-y-3 pl-5">
        <li>
          {t.firstPerson}
          <Command>npm start</Command>
        </li>
        <li>
          {t.newLink}
          <Command>npm run sign-in-link</Command>
        </li>
        <li>
          {t.fromBot}
          {wanted !== null &&
            ` ${t.fromBotThen(wanted === '/device' ? menu.signInTerminal : menu.acceptInvite)}`}
        </li>
      </ol>
    </div>
  );
}

function Command({ children }: { children: string }) {
  return (
    <code className="mt-2 block rounded border border-line bg-inset px-3 py-2 font-mono text-sm text-ink select-all">
      {children}
    </code>
  );
}
