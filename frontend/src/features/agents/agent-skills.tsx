// Which skills an agent may use: all of them, or those that are ticked.
import type { AgentSkills as Allowed, Skill } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Field } from '../../ui/field.tsx';
import { MainButton } from '../../ui/main-button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { configKey } from '../config/config-queries.ts';
import type { PartProps } from './agent-paths.ts';
import { agentSkillsQuery, knownSkillsQuery } from './agent-queries.ts';
import { agentRulesTexts } from './agent-rules-texts.ts';
import { agentTexts } from './texts.ts';

type Wanted = Pick<Allowed, 'mode' | 'names'>;

export function AgentSkills({ server, agent }: PartProps) {
  const { api } = useServices();
  const t = useTexts(agentRulesTexts);
  const words = useTexts(agentTexts);
  const allowed = useQuery(agentSkillsQuery(api, server.id, agent.id));
  const known = useQuery(knownSkillsQuery(api, server.id, agent.id));
  return (
    <ReadPanel title={t.skills} loading={words.loading} rows={4} query={allowed}>
      {({ skills }) => (
        <>
          {known.error !== null && <ProblemNote problem={known.error} />}
          <SkillsForm server={server} agent={agent} allowed={skills} known={known.data?.skills ?? []} />
        </>
      )}
    </ReadPanel>
  );
}

function SkillsForm({
  server,
  agent,
  allowed,
  known,
}: Pick<PartProps, 'server' | 'agent'> & { allowed: Allowed; known: readonly Skill[] }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentRulesTexts);
  const words = useTexts(agentTexts);
  const [draft, setDraft] = useDraft<Wanted>([server.id, 'agents', agent.id, 'skills']);
  const wanted = draft ?? { mode: allowed.mode, names: allowed.names };
  const isViewer = server.role === 'viewer';
  const save = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/agents/:agentId/skills', {
        params: { id: server.id, agentId: agent.id },
        body: wanted.mode === 'all' ? { mode: 'all' } : { mode: 'only', names: wanted.names },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: agentSkillsQuery(api, server.id, agent.id).queryKey });
      setDraft(null);
      void queries.invalidateQueries({ queryKey: configKey(server.id) });
    },
    meta: { done: true },
  });
  const choose = (next: Wanted) => {
    save.reset();
    const isAsBefore =
      next.mode === allowed.mode &&
      next.names.length === allowed.names.length &&
      next.names.every((name) => allowed.names.includes(name));
    setDraft(isAsBefore ? null : next);
  };
  return (
    <div className="space-y-4">
      {allowed.inherited && !isViewer && <p className="text-sm text-muted">{t.skillsInherited}</p>}
      <fieldset disabled={isViewer} className="space-y-1">
        <legend className="sr-only">{t.skills}</legend>
        {(['all', 'only'] as const).map((mode) => (
          <label key={mode} className="flex min-h-11 items-center gap-3 text-sm">
            <input
              type="radio"
              name="skills"
              className="size-5 accent-(--accent)"
              checked={wanted.mode === mode}
              onChange={() => choose({ mode, names: mode === 'all' ? [] : wanted.names })}
            />
            <span>
              {mode === 'all' ? t.skillsAll : t.skillsOnly}{' '}
              {mode === 'all' && <span className="text-muted">{t.skillsAllHint}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {wanted.mode === 'only' && (
        <Ticks
          names={wanted.names}
          known={known}
          isReadOnly={isViewer}
          onChange={(names) => choose({ mode: 'only', names })}
        />
      )}
      {save.error !== null && <ProblemNote problem={save.error} />}
      {!isViewer && (
        <div className="flex flex-wrap items-center gap-2">
          <MainButton
            text={save.isPending ? words.saving : words.save}
            isEnabled={draft !== null}
            isBusy={save.isPending}
            onPress={() => save.mutate()}
          />
          {draft !== null && !save.isPending && (
            <SecondaryButton text={words.discard} onPress={() => setDraft(null)} />
          )}
          <p role="status" className="text-sm text-muted">
            {draft !== null ? words.unsaved : save.isSuccess && words.saved}
          </p>
        </div>
      )}
    </div>
  );
}

function Ticks({
  names,
  known,
  isReadOnly,
  onChange,
}: {
  names: readonly string[];
  known: readonly Skill[];
  isReadOnly: boolean;
  onChange: (names: string[]) => void;
}) {
  const t = useTexts(agentRulesTexts);
  const [filter, setFilter] = useState('');
  const unknown = names.filter((name) => !known.some((skill) => skill.name === name));
  const rows = [
    ...unknown.map((name) => ({ name, emoji: null, note: t.skillUnknown })),
    ...known.map(({ name, emoji, enabled }) => ({ name, emoji, note: enabled ? null : t.skillOff })),
  ];
  const shown = rows.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()));
  const tick = (name: string, isOn: boolean) =>
    onChange(isOn ? [...names, name] : names.filter((one) => one !== name));
  return (
    <div className="space-y-3">
      <Field label={t.skillsFilter}>
        {(control) => <TextInput {...control} type="search" value={filter} onChange={setFilter} />}
      </Field>
      <p role="status" className="text-sm text-muted">
        {names.length === 0 ? t.skillsNone : t.skillsChosen(names.length)}
      </p>
      {shown.length === 0 && <p className="text-sm text-muted">{t.noSkillMatches}</p>}
      <ul aria-label={t.skills} className="grid gap-x-6 sm:grid-cols-2 xl:grid-cols-3">
        {shown.map(({ name, emoji, note }) => (
          <li key={name}>
            <label className="flex min-h-11 items-center gap-3 text-sm">
              <input
                type="checkbox"
                className="size-5 shrink-0 accent-(--accent)"
                checked={names.includes(name)}
                disabled={isReadOnly}
                onChange={(event) => tick(name, event.target.checked)}
              />
              <span className="min-w-0">
                {emoji !== null && <span aria-hidden="true">{emoji} </span>}
                <VisibleText text={name} />
                {note !== null && <span className="block text-xs text-muted">{note}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </div>
  );
}
