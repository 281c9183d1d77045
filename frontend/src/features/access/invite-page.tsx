// The page of an invite link: accepts the invite and opens the server.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { isRefusal } from '../../api.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo, navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { MainDecisionButton } from '../../ui/decision-button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { useWantedCode } from '../sign-in/use-wanted-code.ts';
import { inviteCodeIn } from './invite-code.ts';
import { accessTexts } from './texts.ts';

export function InvitePage() {
  const code = useWantedCode('/invite');
  const t = useTexts(accessTexts);
  return (
    <div className="mx-auto max-w-2xl">
      {/* A code that comes later takes the form away, and the focus with it. */}
      <PageHeading key={code} title={t.inviteTitle}>
        {code === null ? t.acceptAnInvite : t.youWereInvited}
      </PageHeading>
      <section className="mt-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
        <AcceptInvite />
      </section>
    </div>
  );
}

/** @param onAccepted called once the invite is accepted */
export function AcceptInvite({ onAccepted }: { onAccepted?: () => void }) {
  const { wantedPage } = useServices();
  const code = useWantedCode('/invite');
  return code === null ? (
    <LinkForm onCode={(pasted) => wantedPage.keep('/invite', pasted)} />
  ) : (
    <Invited key={code} code={code} onOtherLink={wantedPage.forget} onAccepted={onAccepted} />
  );
}

function Invited({
  code,
  onOtherLink,
  onAccepted,
}: {
  code: string;
  onOtherLink: () => void;
  onAccepted: (() => void) | undefined;
}) {
  const { api } = useServices();
  const t = useTexts(accessTexts);
  const queries = useQueryClient();
  /** A lost response must not leave the invite used without access. */
  const decision = useDecisionKey();
  const accept = useMutation({
    mutationFn: () => api.call('POST /invites/accept', { body: { code }, headers: decision.headers() }),
    onSuccess: ({ server }) => {
      queries.setQueryData(['server', server.id], server);
      void queries.invalidateQueries({ queryKey: ['servers'] });
      navigate(`/servers/${server.id}`, { replace: true });
      onAccepted?.();
    },
    meta: { done: true },
  });
  // Used, too old, taken back, or a member already: no second press changes that.
  const isRefused = accept.error !== null && isRefusal(accept.error);
  return (
    <>
      <p className="max-w-prose">{t.invitedWhat}</p>
      <p className="mt-2 max-w-prose text-muted">{t.worksOnce}</p>
      {accept.error !== null && (
        <div className="mt-4">
          <ProblemNote problem={accept.error} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        {isRefused ? (
          <>
            <a {...linkTo('/')} className={buttonClass()}>
              {t.allServers}
            </a>
            <Button variant="quiet" onClick={onOtherLink}>
              {t.otherLink}
            </Button>
          </>
        ) : (
          <>
            <MainDecisionButton
              text={accept.isPending ? t.accepting : t.accept}
              isBusy={accept.isPending}
              onPress={() => accept.mutate()}
            />
            <a {...linkTo('/')} className={buttonClass('quiet')}>
              {t.notNow}
            </a>
          </>
        )}
      </div>
    </>
  );
}

function LinkForm({ onCode }: { onCode: (code: string) => void }) {
  const t = useTexts(accessTexts);
  const [pasted, setPasted] = useState('');
  const [hasNone, setNone] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = inviteCodeIn(pasted);
    if (code === null) setNone(true);
    else onCode(code);
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <p className="text-muted">{t.pasteWhat}</p>
      <Field
        label={t.inviteLink}
        hint={!hasNone && t.inviteLinkHint}
        error={hasNone ? t.noInviteInText : undefined}
      >
        {(control) => (
          <input
            {...control}
            type="text"
            inputMode="url"
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            required
            value={pasted}
            onChange={(event) => {
              setPasted(event.target.value);
              setNone(false);
            }}
            className={controlClass}
          />
        )}
      </Field>
      <SubmitButton text={t.continue} />
    </form>
  );
}
