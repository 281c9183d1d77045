// One script of a setup: shown as it would run, or edited and run alone in place of its step.
import type { ScriptPreview, Server, Task } from '@buoy/contract';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { WholeCommand } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { editedStep, type StartEdited } from './edited-step.ts';
import type { SetupDraft } from './setup-draft.ts';
import { setupTexts } from './texts.ts';

export type StepScriptProps = {
  server: Server;
  draft: SetupDraft;
  asksSudo: boolean;
  /** Whether the form asks who downloads. */
  asksVia: boolean;
  onStarted: (task: Task) => void;
};

export function StepScript({
  preview: { stepId, title, script },
  server,
  onStarted,
  ...answers
}: StepScriptProps & { preview: ScriptPreview }) {
  const { api } = useServices();
  const t = useTexts(setupTexts);
  /** null: it is not edited. */
  const [edited, setEdited] = useState<string | null>(null);
  const [isDone, setIsDone] = useState(false);
  const start = editedStep(api, server.id, stepId, answers);
  return (
    <details>
      <summary lang="en" className="min-h-11 content-center text-sm">
        {title}
      </summary>
      {edited === null ? (
        <div className="space-y-2">
          <WholeCommand command={script} />
          {isDone && (
            <p role="status" className="text-sm">
              {t.editedDone}
            </p>
          )}
          {start !== null && <Button onClick={() => setEdited(script)}>{t.editScript}</Button>}
        </div>
      ) : (
        <ScriptEditor
          title={title}
          text={edited}
          isChanged={edited !== script}
          server={server}
          start={start}
          onChange={setEdited}
          onClose={() => setEdited(null)}
          onRun={(task) => {
            setEdited(null);
            setIsDone(task === null);
            if (task !== null) onStarted(task);
          }}
        />
      )}
    </details>
  );
}

function ScriptEditor({
  title,
  text,
  isChanged,
  server,
  start,
  onChange,
  onClose,
  onRun,
}: {
  title: string;
  text: string;
  isChanged: boolean;
  server: Server;
  start: StartEdited | null;
  onChange: (text: string) => void;
  onClose: () => void;
  onRun: (task: Task | null) => void;
}) {
  const t = useTexts(setupTexts);
  const [isAsked, setIsAsked] = useState(false);
  useUnsaved(isChanged);
  return (
    <div className="space-y-2">
      <Field label={t.editedScript(title)} hint={t.editedHint}>
        {(control) => (
          <textarea
            {...control}
            rows={16}
            dir="ltr"
            spellCheck={false}
            autoCapitalize="none"
            className={`${controlClass} font-mono text-sm`}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setIsAsked(true)} disabled={text.trim() === '' || start === null}>
          {t.runEdited}
        </Button>
        <Button variant="quiet" onClick={onClose}>
          {t.discardEdited}
        </Button>
      </div>
      {isAsked && start !== null && (
        <RunQuestion {...{ text, server, start, onRun }} onClose={() => setIsAsked(false)} />
      )}
    </div>
  );
}

/** Each time that it is asked is another decision. */
function RunQuestion({
  text,
  server,
  start,
  onRun,
  onClose,
}: {
  text: string;
  server: Server;
  start: StartEdited;
  onRun: (task: Task | null) => void;
  onClose: () => void;
}) {
  const t = useTexts(setupTexts);
  const decision = useDecisionKey();
  const act = useMutation({
    mutationFn: () => start(text, decision.headers()),
    onSuccess: onRun,
    onError: decision.onError,
  });
  return (
    <Confirm
      title={t.askRunEdited(server.name)}
      action={t.runEdited}
      isPending={act.isPending}
      problem={act.error}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      <p className="text-muted">{t.editedEffect(server.username)}</p>
    </Confirm>
  );
}
