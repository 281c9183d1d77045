// Which commands agents can run on the server and when they must ask: defaults, and rules of single agents.
import type { ExecPolicy, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Facts } from '../../ui/facts.tsx';
import { MainButton } from '../../ui/main-button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { agentsQuery } from '../agents/agent-queries.ts';
import { execPolicyQuery } from './config-queries.ts';
import { AddAgentRules, AgentRulesFields, RulesFields } from './policy-fields.tsx';
import { type PolicyForm, policyChangeOf, policyFormOf, rebased, widens } from './policy-form.ts';
import { policyTexts } from './policy-texts.ts';

/** The form, and the policy that it was made of. */
type Draft = { form: PolicyForm; policy: ExecPolicy };

export function ExecPolicyPage({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(policyTexts);
  const policy = useQuery({ ...execPolicyQuery(api, server.id), refetchOnWindowFocus: false });
  return (
    <ReadPanel title={t.title} loading={t.loading} rows={3} query={policy}>
      {(answer) => (
        <>
          <p className="text-sm text-muted">{t.hint}</p>
          {server.role === 'viewer' || answer.source !== 'gateway' ? (
            <ReadOnlyPolicy policy={answer.policy} />
          ) : (
            <PolicyEditor server={server} policy={answer.policy} />
          )}
        </>
      )}
    </ReadPanel>
  );
}

function ReadOnlyPolicy({ policy: { defaults, agents } }: { policy: ExecPolicy }) {
  const t = useTexts(policyTexts);
  const words = ({ security, ask }: ExecPolicy['defaults']) =>
    `${t[`security_${security ?? ''}`]} · ${t.ask}: ${t[`ask_${ask ?? ''}`]}`;
  return (
    <Facts
      facts={[
        { term: t.defaults, value: words(defaults), wide: true },
        ...agents.map((rules) => ({
          term: rules.agentId,
          value: [words(rules), ...rules.allowlist].join(' · '),
          wide: true,
        })),
      ]}
    />
  );
}

function PolicyEditor({ server, policy: read }: { server: Server; policy: ExecPolicy }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(policyTexts);
  const [draft, setDraft] = useDraft<Draft>([server.id, 'config', 'exec-policy']);
  const [isAsking, setAsking] = useState(false);
  const { policy, form } = draft ?? { policy: read, form: policyFormOf(read) };
  const change = policyChangeOf(policy, form);
  const agents = useQuery(agentsQuery(api, server.id)).data?.agents ?? [];
  const { queryKey } = execPolicyQuery(api, server.id);
  const save = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/exec-policy', {
        params: { id: server.id },
        body: change ?? {},
      }),
    onSuccess: ({ policy: saved }) => {
      queries.setQueryData(queryKey, {
        policy: saved,
        source: 'gateway',
        observedAt: new Date().toISOString(),
      });
      setAsking(false);
      setDraft(null);
    },
    meta: { done: true },
  });
  const isOvertaken = save.error instanceof ApiError && save.error.code === 'stale_version';
  const set = (edited: PolicyForm) => {
    save.reset();
    const isReal = policyChangeOf(policy, edited) !== null || edited.agents.length !== policy.agents.length;
    setDraft(isReal ? { policy, form: edited } : null);
  };
  /** What was edited goes on top of the rules as they are now. */
  const refetch = async () => {
    const { policy: now } = await queries.fetchQuery(execPolicyQuery(api, server.id));
    save.reset();
    setAsking(false);
    setDraft(change === null ? null : { policy: now, form: rebased(now, change) });
  };
  return (
    <div className="space-y-5">
      <fieldset className="rounded-md border border-line px-4 pt-1 pb-4">
        <legend className="px-1 text-sm font-semibold">{t.defaults}</legend>
        <RulesFields rules={form.defaults} onChange={(defaults) => set({ ...form, defaults })} />
      </fieldset>
      {form.agents.length === 0 && <p className="text-sm text-muted">{t.noAgents}</p>}
      {form.agents.map((rules) => (
        <AgentRulesFields
          key={rules.agentId}
          rules={rules}
          onChange={(changed) =>
            set({
              ...form,
              agents: form.agents.map((one) => (one.agentId === rules.agentId ? changed : one)),
            })
          }
        />
      ))}
      <AddAgentRules
        agentIds={agents
          .map(({ id }) => id)
          .filter((id) => !form.agents.some(({ agentId }) => agentId === id))}
        onAdd={(agentId) =>
          set({ ...form, agents: [...form.agents, { agentId, security: null, ask: null, allowlist: '' }] })
        }
      />
      <div className="flex flex-wrap items-center gap-2">
        <MainButton text={t.save} isEnabled={change !== null} onPress={() => setAsking(true)} />
        {draft !== null && <SecondaryButton text={t.discard} onPress={() => setDraft(null)} />}
        <p role="status" className="text-sm text-muted">
          {change !== null ? t.unsaved : save.isSuccess && t.saved}
        </p>
      </div>
      {isAsking && (
        <Confirm
          title={t.confirmTitle(server.name)}
          action={save.isPending ? t.saving : t.save}
          isDestructive={widens(policy, form)}
          isPending={save.isPending}
          isBlocked={isOvertaken}
          onConfirm={() => save.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.confirmEffect}</p>
          {widens(policy, form) && <p className="font-medium text-down">{t.wide}</p>}
          {save.error !== null && <ProblemNote problem={save.error} />}
          {isOvertaken && <Button onClick={() => void refetch()}>{t.takeNew}</Button>}
        </Confirm>
      )}
    </div>
  );
}
