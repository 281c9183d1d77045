// The settings of an agent: its own values and the agent defaults.
import type { Agent } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Facts } from '../../ui/facts.tsx';
import { type ControlProps, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { Select } from '../../ui/select.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { configKey, schemaQuery } from '../config/config-queries.ts';
import { AgentDefaultAndRemoval } from './agent-default-and-removal.tsx';
import { type AgentForm, changeOf, formOf } from './agent-form.ts';
import type { PartProps } from './agent-paths.ts';
import { agentsKey } from './agent-queries.ts';
import { ModelInput } from './model-input.tsx';
import { agentTexts } from './texts.ts';

export function AgentSettings(props: PartProps) {
  return (
    <>
      {props.server.role === 'viewer' ? (
        <ReadOnlySettings agent={props.agent} />
      ) : (
        <SettingsForm {...props} />
      )}
      <AgentDefaultAndRemoval {...props} />
    </>
  );
}

function ReadOnlySettings({ agent }: { agent: Agent }) {
  const t = useTexts(agentTexts);
  return (
    <Panel title={t.settings}>
      <Facts
        facts={[
          { term: t.name, value: agent.name },
          { term: t.model, value: agent.model ?? t.noModel },
          { term: t.thinking, value: agent.thinking ?? '–' },
          { term: t.toolsProfile, value: agent.toolsProfile ?? '–' },
          { term: t.sandbox, value: agent.sandbox?.mode ?? '–' },
          { term: t.heartbeat, value: agent.heartbeat?.every ?? '–' },
          { term: t.workspace, value: agent.workspace ?? '–', wide: true },
        ]}
      />
    </Panel>
  );
}

function SettingsForm({ server, agent }: PartProps) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentTexts);
  // The edited fields alone: what somebody else changes in the others meanwhile stays.
  const [draft, setDraft] = useDraft<Partial<AgentForm>>([server.id, 'agents', agent.id, 'settings']);
  const form = { ...formOf(agent), ...draft };
  const change = changeOf(agent, form);
  const save = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/agents/:agentId', {
        params: { id: server.id, agentId: agent.id },
        body: change ?? {},
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: agentsKey(server.id) });
      setDraft(null);
      void queries.invalidateQueries({ queryKey: configKey(server.id) });
    },
    meta: { done: true },
  });
  const set = (edited: Partial<AgentForm>) => {
    save.reset();
    const next = { ...draft, ...edited };
    const asForm = { ...form, ...edited };
    setDraft(changeOf(agent, asForm) === null && asForm.name.trim() !== '' ? null : next);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate();
  };
  /** A choice that the config's schema lists, or the default of all agents. */
  const choice = (control: ControlProps, path: string, field: keyof AgentForm, unset: string) => (
    <SchemaChoice
      {...control}
      serverId={server.id}
      path={path}
      unset={unset}
      value={form[field]}
      onChange={(value) => set({ [field]: value })}
    />
  );
  const text = (control: ControlProps, field: keyof AgentForm, placeholder?: string | null) => (
    <TextInput
      {...control}
      placeholder={placeholder ?? undefined}
      value={form[field]}
      onChange={(value) => set({ [field]: value })}
    />
  );
  const inherits = (field: Agent['inherited'][number], value: string | null | undefined) =>
    agent.inherited.includes(field) && value != null ? t.likeAll(value) : t.likeAllUnset;
  const inherited = <T,>(field: Agent['inherited'][number], value: T): T | null =>
    agent.inherited.includes(field) ? value : null;

  return (
    <Panel title={t.settings} aside={change !== null && <p className="text-sm text-muted">{t.unsaved}</p>}>
      <form onSubmit={submit} autoComplete="off" className="space-y-5">
        <div className="grid gap-5 sm:grid-cols-[minmax(0,1fr)_7rem]">
          <Field label={t.name} error={form.name.trim() === '' ? t.nameMissing : undefined}>
            {(control) => text(control, 'name')}
          </Field>
          <Field label={t.emoji}>{(control) => text(control, 'emoji')}</Field>
        </div>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t.model}>
            {(control) => (
              <ModelInput
                {...control}
                server={server}
                unset={inherits('model', agent.model)}
                value={form.model}
                onChange={(model) => set({ model })}
              />
            )}
          </Field>
          <Field label={t.thinking}>
            {(control) =>
              choice(
                control,
                'agents.defaults.thinkingDefault',
                'thinking',
                inherits('thinking', agent.thinking),
              )
            }
          </Field>
          <Field label={t.toolsProfile} hint={t.toolsHint}>
            {(control) =>
              choice(control, 'tools.profile', 'toolsProfile', inherits('toolsProfile', agent.toolsProfile))
            }
          </Field>
        </div>
        <fieldset className="rounded-md border border-line px-4 pt-1 pb-4">
          <legend className="px-1 text-sm font-semibold">{t.sandbox}</legend>
          <div className="grid gap-5 sm:grid-cols-3">
            <Field label={t.sandboxMode}>
              {(control) =>
                choice(
                  control,
                  'agents.defaults.sandbox.mode',
                  'sandboxMode',
                  inherits('sandbox', agent.sandbox?.mode),
                )
              }
            </Field>
            <Field label={t.sandboxScope}>
              {(control) =>
                choice(
                  control,
                  'agents.defaults.sandbox.scope',
                  'sandboxScope',
                  inherits('sandbox', agent.sandbox?.scope),
                )
              }
            </Field>
            <Field label={t.sandboxAccess}>
              {(control) =>
                choice(
                  control,
                  'agents.defaults.sandbox.workspaceAccess',
                  'sandboxAccess',
                  inherits('sandbox', agent.sandbox?.workspaceAccess),
                )
              }
            </Field>
          </div>
        </fieldset>
        <fieldset className="rounded-md border border-line px-4 pt-1 pb-4">
          <legend className="px-1 text-sm font-semibold">{t.heartbeat}</legend>
          <p className="mb-3 text-sm text-muted">{t.heartbeatHint}</p>
          <div className="grid gap-5 sm:grid-cols-3">
            <Field label={t.heartbeatEvery} hint={t.heartbeatEveryHint}>
              {(control) => text(control, 'heartbeatEvery', inherited('heartbeat', agent.heartbeat?.every))}
            </Field>
            <Field label={t.heartbeatTarget} hint={t.heartbeatTargetHint}>
              {(control) => text(control, 'heartbeatTarget', inherited('heartbeat', agent.heartbeat?.target))}
            </Field>
            <Field label={t.heartbeatModel}>
              {(control) => (
                <ModelInput
                  {...control}
                  server={server}
                  unset={inherits('heartbeat', agent.heartbeat?.model)}
                  value={form.heartbeatModel}
                  onChange={(heartbeatModel) => set({ heartbeatModel })}
                />
              )}
            </Field>
          </div>
        </fieldset>
        {save.error !== null && <ProblemNote problem={save.error} />}
        <div className="flex flex-wrap items-center gap-2">
          <SubmitButton
            text={save.isPending ? t.saving : t.save}
            isEnabled={change !== null && form.name.trim() !== ''}
            isBusy={save.isPending}
          />
          {draft !== null && !save.isPending && (
            <SecondaryButton text={t.discard} onPress={() => setDraft(null)} />
          )}
          <p role="status" className="text-sm text-up">
            {save.isSuccess && change === null && t.saved}
          </p>
        </div>
      </form>
    </Panel>
  );
}

/** The values that OpenClaw's schema allows at a place; a field of text until they are known. */
function SchemaChoice({
  serverId,
  path,
  unset,
  value,
  onChange,
  ...control
}: ControlProps & {
  serverId: string;
  path: string;
  unset: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const { api } = useServices();
  const values = useQuery(schemaQuery(api, serverId, path)).data?.node.enum ?? [];
  return (
    <Select
      {...control}
      value={value}
      onChange={onChange}
      options={[
        { value: '', title: unset },
        ...values.map((one) => ({ value: String(one), title: String(one) })),
      ]}
    />
  );
}
