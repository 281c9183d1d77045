// Asks before a link signs the person in. Nothing is sent before the answer.
import type { User } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Brand } from '../../ui/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { DecisionButton } from '../../ui/decision-button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { personName } from '../../ui/person-name.ts';
import { LanguageSelect } from '../account/language-select.tsx';
import type { SignInOffer } from './sign-in-offer.ts';
import { signInTexts } from './texts.ts';

export function SignInQuestion({ offer, kept }: { offer: SignInOffer; kept: User | null }) {
  const { session } = useServices();
  const t = useTexts(signInTexts);
  const person = offer.kind === 'telegram' ? offer.person : null;
  // A launch inside Telegram: mostly another account of the same person, who was sent no link.
  const isLink = offer.kind === 'link' || !offer.isInTelegram;
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-5 px-4 py-10">
      <Brand />
      <section className="rounded-lg border border-line bg-surface p-5 sm:p-7">
        <PageHeading title={t.signIn}>
          {person === null ? t.signInByLink : t.signInAs(person.name)}
        </PageHeading>
        <div className="mt-4 space-y-3">
          {kept !== null && (
            <p>
              {t.signedInAs(personName(kept))} {person === null ? t.linkOtherPerson : t.otherPerson}
            </p>
          )}
          {kept === null && !isLink && <p>{t.notLastPerson}</p>}
          {isLink && person !== null && <p className="text-muted">{t.fromLaunch}</p>}
          {isLink && <p className="text-muted">{t.onlyYourLink}</p>}
        </div>
        <div className="mt-6 flex flex-wrap gap-2">
          <DecisionButton variant="primary" onPress={() => session.answer(true)}>
            {t.doSignIn}
          </DecisionButton>
          <Button onClick={() => session.answer(false)}>
            {kept === null ? t.stayOut : t.stayAs(personName(kept))}
          </Button>
        </div>
      </section>
      <div className="max-w-48">
        <LanguageSelect />
      </div>
    </main>
  );
}
