// Where a person lets a terminal sign in as them: it shows a code, and they say here whether it is theirs.
import { type SubmitEvent, useState } from 'react';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { DeviceRequest } from './device-request.tsx';
import { useWantedCode } from './use-wanted-code.ts';
import { normaliseUserCode } from './user-code.ts';

const decisionWords = { approved: 'Approved', rejected: 'Nothing was approved' } as const;
type Decision = keyof typeof decisionWords;

export function DevicePage() {
  const { wantedPage } = useServices();
  const code = normaliseUserCode(useWantedCode('/device') ?? '');
  const [decision, setDecision] = useState<Decision | null>(null);
  const decide = (made: Decision) => {
    setDecision(made);
    wantedPage.forget();
  };
  return (
    <div className="mx-auto max-w-2xl">
      {/* Each stage has a heading of its own, which takes the focus: the button that led to it is gone. */}
      <PageHeading key={code ?? decision ?? 'form'} title="Sign in a terminal">
        {code === null && decision !== null ? decisionWords[decision] : 'Sign in a terminal'}
      </PageHeading>
      <section className="mt-4 rounded-lg border border-line bg-surface p-4 sm:p-6">
        {code !== null ? (
          <DeviceRequest
            key={code}
            code={code}
            onApproved={() => decide('approved')}
            onRejected={() => decide('rejected')}
            onOtherCode={wantedPage.forget}
          />
        ) : decision === null ? (
          <CodeForm onCode={(typed) => wantedPage.keep('/device', typed)} />
        ) : (
          <Decided decision={decision} onOtherCode={() => setDecision(null)} />
        )}
      </section>
    </div>
  );
}

function CodeForm({ onCode }: { onCode: (code: string) => void }) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = normaliseUserCode(typed);
    if (code === null) setProblem('A code has eight letters and nothing else, such as ABCD-EFGH.');
    else onCode(code);
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <p className="text-muted">
        Run{' '}
        <code className="rounded border border-line bg-inset px-1.5 py-0.5 font-mono text-sm whitespace-nowrap text-ink">
          buoy login
        </code>{' '}
        in your terminal. It shows a code, and waits until you approve it here.
      </p>
      <Field label="Code" hint={problem === undefined && 'Eight letters, such as ABCD-EFGH.'} error={problem}>
        {(control) => (
          <input
            {...control}
            type="text"
            autoCapitalize="characters"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            required
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setProblem(undefined);
            }}
            className={`${controlClass} font-mono tracking-widest uppercase sm:max-w-64`}
          />
        )}
      </Field>
      <Button type="submit" look="primary">
        Continue
      </Button>
    </form>
  );
}

function Decided({ decision, onOtherCode }: { decision: Decision; onOtherCode: () => void }) {
  return (
    <>
      {decision === 'approved' ? (
        <p>You can go back to your terminal: it signs in within seconds.</p>
      ) : (
        <p className="max-w-prose">
          The code ends by itself within minutes. If somebody sent it to you, they may have tried to get into
          Buoy as you: tell whoever runs this Buoy, and approve no code that you did not ask for.
        </p>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        <a {...linkTo('/')} className={buttonClass()}>
          All servers
        </a>
        <Button look="quiet" onClick={onOtherCode}>
          Enter another code
        </Button>
      </div>
    </>
  );
}
