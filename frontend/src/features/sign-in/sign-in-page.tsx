// The page for people without a session: the ways to sign in.
import type { ApiError } from '@buoy/contract/client';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { shellTexts } from '../../shell-texts.ts';
import { Brand } from '../../ui/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { LanguageSelect } from '../account/language-select.tsx';
import { PlainHttpNote } from '../plain-http/plain-http-note.tsx';
import { GuestInvite } from './guest-invite.tsx';
import { guestTexts } from './guest-texts.ts';
import { useMachineCommands } from './machine-commands.ts';
import type { OidcRefusal } from './oidc-return.ts';
import { hasPasskeys } from './passkey-prompt.ts';
import { PasskeySignIn } from './passkey-sign-in.tsx';
import { ProviderSignIn } from './provider-sign-in.tsx';
import { refusalTexts } from './refusal-texts.ts';
import { signInTexts } from './texts.ts';
import { useWantedCode } from './use-wanted-code.ts';
import type { PageWithCode } from './wanted-page.ts';
import { waysQuery } from './ways-query.ts';

export function SignInPage({ problem, refusal }: { problem: ApiError | null; refusal: OidcRefusal | null }) {
  const { session, telegram, wantedPage } = useServices();
  const t = useTexts(signInTexts);
  const guest = useTexts(guestTexts);
  const wanted = wantedPage.path();
  const invite = useWantedCode('/invite');
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-5 px-4 py-10">
      <Brand />
      <section className="space-y-4 rounded-lg border border-line bg-surface p-5 sm:p-7">
        <PageHeading title={t.signIn}>{t.signInToBuoy}</PageHeading>
        {wanted === '/device' && <p>{t.deviceFirst}</p>}
        {problem !== null && <ProblemNote problem={problem} />}
        {refusal !== null && <RefusalNote refusal={refusal} />}
        <PlainHttpNote />
        {telegram === null && invite !== null && (
          <>
            <GuestInvite key={invite} code={invite} />
            <p className="border-t border-line pt-4 text-muted">{guest.haveAccount}</p>
          </>
        )}
        {telegram === null ? <Ways wanted={wanted} /> : <p className="text-muted">{t.reopenInTelegram}</p>}
        <Button onClick={() => void session.start()}>{t.tryAgain}</Button>
      </section>
      <div className="max-w-48">
        <LanguageSelect />
      </div>
    </main>
  );
}

function RefusalNote({ refusal }: { refusal: OidcRefusal }) {
  const t = useTexts(refusalTexts);
  return (
    <div role="alert">
      <ProblemWords code={null} message={t[refusal]} hint={t[`${refusal}Hint`]} />
    </div>
  );
}

/** Those that work here, one below the other; the way by a link works everywhere. */
function Ways({ wanted }: { wanted: PageWithCode | null }) {
  const { api } = useServices();
  const t = useTexts(signInTexts);
  const menu = useTexts(shellTexts);
  const { data: ways } = useQuery(waysQuery(api));
  const typed = useMachineCommands();
  const menuItem = wanted === '/device' ? menu.signInTerminal : menu.acceptInvite;
  return (
    <>
      {ways?.passkey === true && hasPasskeys() && <PasskeySignIn />}
      {ways?.oidc === true && <ProviderSignIn route="POST /auth/oidc" text={t.sso} hint={t.ssoHint} />}
      {ways?.telegramLogin === true && (
        <ProviderSignIn route="POST /auth/telegram-login" text={t.telegramLogin} hint={t.telegramLoginHint} />
      )}
      <div className="space-y-3 text-muted">
        {ways?.telegram === true && (
          <p>
            {t.fromBot}
            {wanted !== null && ` ${t.fromBotThen(menuItem)}`}
          </p>
        )}
        <p>{t.noPasswords}</p>
        {typed?.isCheckout === true && (
          <p>
            {t.firstPerson}
            <Command>npm start</Command>
          </p>
        )}
        {typed !== null && (
          <p>
            {typed.isCheckout ? t.newLink : t.newLinkInstalled}
            <Command>{typed.signInLink}</Command>
          </p>
        )}
      </div>
    </>
  );
}

function Command({ children }: { children: string }) {
  return (
    <code className="mt-2 block rounded border border-line bg-inset px-3 py-2 font-mono text-sm text-ink select-all">
      {children}
    </code>
  );
}
