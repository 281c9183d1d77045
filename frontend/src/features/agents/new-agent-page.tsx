// Creates an agent: the id is required, the rest optional.
import type { NewAgent, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo, navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { ForAdmins } from '../servers/for-admins.tsx';
import { agentPath } from './agent-paths.ts';
import { agentsKey } from './agent-queries.ts';
import { ModelInput } from './model-input.tsx';
import { agentTexts } from './texts.ts';

const empty = { id: '', name: '', emoji: '', workspace: '', model: '' };

export function NewAgentPage({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentTexts);
  const [draft, setDraft] = useState(empty);
  const decision = useDecisionKey();
  const set = (change: Partial<typeof empty>) => {
    setDraft((current) => ({ ...current, ...change }));
    decision.renew();
  };
  const create = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/agents', {
        params: { id: server.id },
        body: newAgentOf(draft),
        headers: decision.headers(),
      }),
    onError: decision.onError,
    onSuccess: async ({ agent }) => {
      await queries.invalidateQueries({ queryKey: agentsKey(server.id) });
      navigate(agentPath(server.id, agent.id), { replace: true });
    },
    meta: { done: t.created(draft.name.trim() === '' ? draft.id : draft.name.trim()) },
  });
  useUnsaved(Object.values(draft).some((value) => value !== ''));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate();
  };
  const all = serverPath(server.id, 'agents');
  if (server.role === 'viewer') return <ForAdmins server={server} />;
  return (
    <div className="max-w-2xl space-y-4">
      <a {...linkTo(all)} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allAgents}
      </a>
      <Panel title={t.newAgent}>
        <form onSubmit={submit} autoComplete="off" className="space-y-5">
          <Field label={t.id} hint={t.idHint}>
            {(control) => (
              <TextInput
                {...control}
                required
                pattern="[a-z0-9][a-z0-9\-]{0,62}"
                value={draft.id}
                onChange={(id) => set({ id })}
              />
            )}
          </Field>
          <div className="grid gap-5 sm:grid-cols-[minmax(0,1fr)_7rem]">
            <Field label={t.name}>
              {(control) => <TextInput {...control} value={draft.name} onChange={(name) => set({ name })} />}
            </Field>
            <Field label={t.emoji}>
              {(control) => (
                <TextInput {...control} value={draft.emoji} onChange={(emoji) => set({ emoji })} />
              )}
            </Field>
          </div>
          <Field label={t.model}>
            {(control) => (
              <ModelInput
                {...control}
                server={server}
                unset={t.likeAllUnset}
                value={draft.model}
                onChange={(model) => set({ model })}
              />
            )}
          </Field>
          <Field label={t.workspace} hint={t.workspaceHint}>
            {(control) => (
              <TextInput
                {...control}
                placeholder={`~/.openclaw/workspace-${draft.id === '' ? '…' : draft.id}`}
                value={draft.workspace}
                onChange={(workspace) => set({ workspace })}
              />
            )}
          </Field>
          <p className="text-sm text-muted">{t.createHint}</p>
          {create.error !== null && <ProblemNote problem={create.error} />}
          <div className="flex flex-wrap gap-2">
            <SubmitButton text={create.isPending ? t.creating : t.create} isBusy={create.isPending} />
            <a {...linkTo(all)} className={buttonClass()}>
              {t.cancel}
            </a>
          </div>
        </form>
      </Panel>
    </div>
  );
}

/** Empty fields are left to OpenClaw. */
function newAgentOf({ id, ...more }: typeof empty): NewAgent {
  const said = Object.entries(more).filter(([, value]) => value.trim() !== '');
  return { id, ...Object.fromEntries(said.map(([field, value]) => [field, value.trim()])) };
}
