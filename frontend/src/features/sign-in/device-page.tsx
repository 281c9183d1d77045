// Approves the sign-in of a terminal after the person has compared its code.
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { DeviceRequest } from './device-request.tsx';
import { signInTexts } from './texts.ts';
import { useWantedCode } from './use-wanted-code.ts';
import { normaliseUserCode } from './user-code.ts';

type Decision = 'approved' | 'rejected';

export function DevicePage() {
  const { wantedPage } = useServices();
  const t = useTexts(signInTexts);
  const code = normaliseUserCode(useWantedCode('/device') ?? '');
  const [decision, setDecision] = useState<Decision | null>(null);
  const decide = (made: Decision) => {
    setDecision(made);
    wantedPage.forget();
  };
  return (
    <div className="mx-auto max-w-2xl">
      {/* Each stage has a heading of its own, which takes the focus: the button that led to it is gone. */}
      <PageHeading key={code ?? decision ?? 'form'} title={t.signInTerminal}>
        {code === null && decision !== null ? t[decision] : t.signInTerminal}
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
  const t = useTexts(signInTexts);
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = normaliseUserCode(typed);
    if (code === null) setWrong(true);
    else onCode(code);
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <div className="text-muted">
        <p>{t.runLogin}</p>
        <code className="mt-2 block rounded border border-line bg-inset px-3 py-2 font-mono text-sm text-ink select-all">
          buoy login
        </code>
      </div>
      <Field label={t.code} hint={!isWrong && t.codeHint} error={isWrong ? t.badCode : undefined}>
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
              setWrong(false);
            }}
            className={`${controlClass} font-mono tracking-widest uppercase sm:max-w-64`}
          />
        )}
      </Field>
      <SubmitButton text={t.continue} />
    </form>
  );
}

function Decided({ decision, onOtherCode }: { decision: Decision; onOtherCode: () => void }) {
  const t = useTexts(signInTexts);
  return (
    <>
      {decision === 'approved' ? (
        <p>{t.backToTerminal}</p>
      ) : (
        <p className="max-w-prose">{t.afterRejection}</p>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        <a {...linkTo('/')} className={buttonClass()}>
          {t.allServers}
        </a>
        <Button variant="quiet" onClick={onOtherCode}>
          {t.otherCode}
        </Button>
      </div>
    </>
  );
}
