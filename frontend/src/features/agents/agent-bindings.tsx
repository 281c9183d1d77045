// Which channels and conversations an agent answers: rows that are edited together and saved as a whole.
import type { AgentBinding } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { configKey } from '../config/config-queries.ts';
import type { PartProps } from './agent-paths.ts';
import { agentBindingsQuery, agentsKey, boundChannelsQuery } from './agent-queries.ts';
import { agentRulesTexts } from './agent-rules-texts.ts';
import { BindingFields } from './binding-fields.tsx';
import { type BindingRow, bindingOf, emptyRow, rowOf } from './binding-row.ts';
import { agentTexts } from './texts.ts';

export function AgentBindings({ server, agent }: PartProps) {
  const { api } = useServices();
  const t = useTexts(agentRulesTexts);
  const words = useTexts(agentTexts);
  const bindings = useQuery(agentBindingsQuery(api, server.id, agent.id));
  return (
    <ReadPanel title={t.bindings} loading={words.loading} rows={2} query={bindings}>
      {(answer) => (
        <>
          <p className="text-sm text-muted">{t.bindingsHint}</p>
          {server.role === 'viewer' ? (
            <BindingsList bindings={answer.bindings} />
          ) : (
            <BindingsForm server={server} agent={agent} bindings={answer.bindings} />
          )}
        </>
      )}
    </ReadPanel>
  );
}

function BindingsList({ bindings }: { bindings: readonly AgentBinding[] }) {
  const t = useTexts(agentRulesTexts);
  if (bindings.length === 0) return <EmptyNote title={t.noBindings}>{t.noBindingsHint}</EmptyNote>;
  return (
    <ul aria-label={t.bindings} className="space-y-1 font-mono text-sm">
      {bindings.map((binding) => (
        <li key={JSON.stringify(binding)}>
          <VisibleText
            text={[
              binding.channel,
              binding.account,
              binding.peer && `${binding.peer.kind} ${binding.peer.id}`,
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          />
        </li>
      ))}
    </ul>
  );
}

function BindingsForm({
  server,
  agent,
  bindings,
}: Pick<PartProps, 'server' | 'agent'> & { bindings: readonly AgentBinding[] }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentRulesTexts);
  const words = useTexts(agentTexts);
  const listId = useId();
  const channels = useQuery(boundChannelsQuery(api, server.id)).data?.channels ?? [];
  const [draft, setDraft] = useDraft<BindingRow[]>([server.id, 'agents', agent.id, 'bindings']);
  const rows = draft ?? bindings.map(rowOf);
  const save = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/agents/:agentId/bindings', {
        params: { id: server.id, agentId: agent.id },
        body: { bindings: rows.map(bindingOf) },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: agentsKey(server.id) });
      setDraft(null);
      void queries.invalidateQueries({ queryKey: configKey(server.id) });
    },
    meta: { done: true },
  });
  const set = (next: BindingRow[]) => {
    save.reset();
    setDraft(JSON.stringify(next) === JSON.stringify(bindings.map(rowOf)) ? null : next);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      {rows.length === 0 && <EmptyNote title={t.noBindings}>{t.noBindingsHint}</EmptyNote>}
      <datalist id={listId}>
        {[...new Set(channels.map(({ id }) => id))].map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      {rows.map((row, index) => (
        <BindingFields
          key={row.key}
          row={row}
          number={index + 1}
          channelList={listId}
          onChange={(changed) => set(rows.map((one) => (one.key === row.key ? changed : one)))}
          onRemove={() => set(rows.filter((one) => one.key !== row.key))}
        />
      ))}
      <Button onClick={() => set([...rows, emptyRow(rows)])}>{t.addBinding}</Button>
      {save.error !== null && <ProblemNote problem={save.error} />}
      <div className="flex flex-wrap items-center gap-2">
        <SubmitButton
          text={save.isPending ? words.saving : t.saveBindings}
          isEnabled={draft !== null}
          isBusy={save.isPending}
        />
        {draft !== null && !save.isPending && (
          <SecondaryButton text={words.discard} onPress={() => setDraft(null)} />
        )}
        <p role="status" className="text-sm text-muted">
          {draft !== null ? words.unsaved : save.isSuccess && words.saved}
        </p>
      </div>
    </form>
  );
}
