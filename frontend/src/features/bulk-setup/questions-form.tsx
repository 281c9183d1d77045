// The last step of a bulk setup: the questions of a setup, once for all servers. The page forgets secrets when they are sent.
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { CredentialFields } from '../servers/credential-fields.tsx';
import type { ServerDraft } from '../servers/server-draft.ts';
import { AdvancedFields } from '../setup/advanced-fields.tsx';
import { ProviderFields } from '../setup/provider-fields.tsx';
import type { SetupDraft } from '../setup/setup-draft.ts';
import type { BulkRow } from './bulk-run.ts';
import { loginWays } from './list-form.tsx';
import { StepHeading } from './step-heading.tsx';
import { bulkTexts } from './texts.ts';

/**
 * @param login asked for here, where servers need another one or it was forgotten; null: it was given, or all have theirs
 * @param isRepeated whether keys were sent before, so that they have to be entered again
 */
export function QuestionsForm({
  wanted,
  login,
  setup,
  isRepeated,
  onLogin,
  onSetup,
  onSubmit,
  onBack,
}: {
  wanted: readonly BulkRow[];
  login: ServerDraft | null;
  setup: SetupDraft;
  isRepeated: boolean;
  onLogin: (change: Partial<ServerDraft>) => void;
  onSetup: (change: Partial<SetupDraft>) => void;
  onSubmit: () => void;
  onBack: () => void;
}) {
  const t = useTexts(bulkTexts);
  const count = wanted.length;
  const isAdding = wanted.some(({ server }) => server === null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      autoComplete="off"
      className="space-y-5 rounded-lg border border-line bg-surface p-4 sm:p-6"
    >
      <div className="max-w-prose space-y-1 text-sm text-muted">
        <StepHeading>{t.questions}</StepHeading>
        <p>{t.questionsLead(count)}</p>
        <p>
          <VisibleText text={wanted.map(({ name }) => name).join(', ')} />
        </p>
      </div>
      {login !== null && (
        <div className="space-y-2">
          <CredentialFields draft={login} errors={{}} kept={null} ways={loginWays} onChange={onLogin} />
          <p className="text-sm text-muted">{t.loginAgain}</p>
        </div>
      )}
      <ProviderFields draft={setup} isKeyDeleted={isRepeated} onChange={onSetup} />
      <p className="max-w-prose text-sm text-muted">{t.noChannel}</p>
      <Field label={t.sudoPassword} hint={t.sudoPasswordHint}>
        {(control) => (
          <input
            {...control}
            type="password"
            autoComplete="new-password"
            className={controlClass}
            value={setup.sudoPassword}
            onChange={(event) => onSetup({ sudoPassword: event.target.value })}
          />
        )}
      </Field>
      {/* The servers are checked for the port when their setup begins. */}
      <AdvancedFields draft={setup} onChange={onSetup} onPort={() => undefined} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton text={isAdding ? t.addAndSetUp(count) : t.setUp(count)} />
        <Button variant="quiet" onClick={onBack}>
          {t.back}
        </Button>
      </div>
    </form>
  );
}
