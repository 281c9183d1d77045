// Where an invite link leads: one accepts it here and is then on the server's page.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { isRefusal } from '../../api.ts';
import { linkTo, navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useWantedCode } from '../sign-in/use-wanted-code.ts';
import { inviteCodeIn } from './invite-code.ts';

export function InvitePage() {
  const { wantedPage } = useServices();
  const code = useWantedCode('/invite');
  return (
    <div className="mx-auto max-w-2xl">
      {/* A code that comes later takes the form away, and the focus with it. */}
      <PageHeading key={code} title="Invite">
        {code === null ? 'Accept an invite' : 'You were invited'}
      </PageHeading>
      <section className="mt-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
        {code === null ? (
          <LinkForm onCode={(pasted) => wantedPage.keep('/invite', pasted)} />
        ) : (
          <Invited key={code} code={code} onOtherLink={wantedPage.forget} />
        )}
      </section>
    </div>
  );
}

function Invited({ code, onOtherLink }: { code: string; onOtherLink: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const accept = useMutation({
    mutationFn: () => api.call('POST /invites/accept', { body: { code } }),
    onSuccess: ({ server }) => {
      queries.setQueryData(['server', server.id], server);
      void queries.invalidateQueries({ queryKey: ['servers'] });
      navigate(`/servers/${server.id}`, { replace: true });
    },
  });
  // Used, too old, taken back, or a member already: no second press changes that.
  const isRefused = accept.error !== null && isRefusal(accept.error);
  return (
    <>
      <p className="max-w-prose">
        Somebody gives you access to a server on this Buoy. Which one, and what you may do there, you see when
        you have accepted.
      </p>
      <p className="mt-2 max-w-prose text-muted">The link works once, for one person.</p>
      {accept.error !== null && (
        <div className="mt-4">
          <ProblemNote problem={accept.error} />
        </div>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        {isRefused ? (
          <>
            <a {...linkTo('/')} className={buttonClass()}>
              All servers
            </a>
            <Button look="quiet" onClick={onOtherLink}>
              Use another link
            </Button>
          </>
        ) : (
          <>
            <Button look="primary" disabled={accept.isPending} onClick={() => accept.mutate()}>
              {accept.isPending ? 'Accepting…' : 'Accept'}
            </Button>
            <a {...linkTo('/')} className={buttonClass('quiet')}>
              Not now
            </a>
          </>
        )}
      </div>
    </>
  );
}

function LinkForm({ onCode }: { onCode: (code: string) => void }) {
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = inviteCodeIn(pasted);
    if (code === null) setProblem('There is no invite in this text. Copy the whole link.');
    else onCode(code);
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <p className="text-muted">
        The owner of a server makes an invite link and sends it to you. Open it, or paste it here.
      </p>
      <Field
        label="Invite link"
        hint={problem === undefined && 'It has /invite#code= in it.'}
        error={problem}
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
              setProblem(undefined);
            }}
            className={controlClass}
          />
        )}
      </Field>
      <Button type="submit" look="primary">
        Continue
      </Button>
    </form>
  );
}
