// The keys of model providers that an agent can use: masked, tested, removed, and a field for a new one.
import type { AgentKey, KeyTest } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import type { PartProps } from './agent-paths.ts';
import { agentKeysQuery } from './agent-queries.ts';
import { KeyForm } from './key-form.tsx';
import { agentKeyTexts } from './key-texts.ts';
import { agentTexts } from './texts.ts';

export function AgentKeys({ server, agent }: PartProps) {
  const { api } = useServices();
  const t = useTexts(agentKeyTexts);
  const words = useTexts(agentTexts);
  const keys = useQuery(agentKeysQuery(api, server.id, agent.id));
  const isViewer = server.role === 'viewer';
  return (
    <>
      <ReadPanel title={t.keys} loading={words.loading} rows={2} query={keys}>
        {(answer) => (
          <>
            <p className="text-sm text-muted">
              {t.keysHint} {!isViewer && t.testHint}
            </p>
            {answer.keys.length === 0 ? (
              <EmptyNote title={t.noKeys}>{!isViewer && t.noKeysHint}</EmptyNote>
            ) : (
              <ul aria-label={t.keys} className="-mb-4 divide-y divide-line border-t border-line">
                {answer.keys.map((key) => (
                  <KeyRow
                    key={key.provider}
                    serverId={server.id}
                    agentId={agent.id}
                    agentKey={key}
                    isReadOnly={isViewer}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </ReadPanel>
      {!isViewer && (
        <Panel title={t.newKey}>
          <KeyForm serverId={server.id} agentId={agent.id} />
        </Panel>
      )}
    </>
  );
}

function KeyRow({
  serverId,
  agentId,
  agentKey: { provider, masked, scope, source },
  isReadOnly,
}: {
  serverId: string;
  agentId: string;
  agentKey: AgentKey;
  isReadOnly: boolean;
}) {
  const { api } = useServices();
  const t = useTexts(agentKeyTexts);
  const [isRemoving, setRemoving] = useState(false);
  const params = { id: serverId, agentId, provider };
  const probe = useMutation({
    mutationFn: () => api.call('POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test', { params }),
  });
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="min-w-0">
          <span className="font-medium">
            <VisibleText text={provider} />
          </span>{' '}
          <span className="font-mono text-sm">
            <VisibleText text={masked === null || masked === '…' ? t.keyHidden : masked} />
          </span>
          <span className="block text-sm text-muted">
            {t[`source_${source}`]}, {t[`scope_${scope}`]}
            {source !== 'store' && ` · ${t.keyElsewhere}`}
          </span>
        </p>
        {!isReadOnly && (
          <div className="flex gap-2">
            <Button
              aria-label={t.testKeyOf(provider)}
              disabled={probe.isPending}
              onClick={() => probe.mutate()}
            >
              {t.testKey}
            </Button>
            {source === 'store' && (
              <Button variant="danger" aria-label={t.removeKeyOf(provider)} onClick={() => setRemoving(true)}>
                {t.removeKey}
              </Button>
            )}
          </div>
        )}
      </div>
      <div className="text-sm">
        {probe.isPending && (
          <div className="mt-2">
            <WorkingBar label={t.testing} />
          </div>
        )}
        <div role="status">{probe.data !== undefined && <TestResult test={probe.data.test} />}</div>
      </div>
      {probe.error !== null && (
        <div className="mt-2">
          <ProblemNote problem={probe.error} />
        </div>
      )}
      {isRemoving && <RemoveKey {...params} scope={scope} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function TestResult({ test: { ok, status, latencyMs, error } }: { test: KeyTest }) {
  const t = useTexts(agentKeyTexts);
  const formats = useFormats();
  if (ok)
    return (
      <p className="mt-2 text-up">
        ✓{' '}
        {latencyMs === null
          ? t.testWorksPlain
          : t.testWorks(formats.duration(Math.max(1, latencyMs / 1_000)))}
      </p>
    );
  return (
    <>
      <p className="mt-2 text-down">✕ {t.testFails(status)}</p>
      {error !== null && (
        <p lang="en" className="text-muted">
          <VisibleText text={error} />
        </p>
      )}
    </>
  );
}

function RemoveKey({
  id,
  agentId,
  provider,
  scope,
  onClose,
}: {
  id: string;
  agentId: string;
  provider: string;
  scope: AgentKey['scope'];
  onClose: () => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentKeyTexts);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider', {
        params: { id, agentId, provider },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: agentKeysQuery(api, id, agentId).queryKey });
      onClose();
    },
    meta: { done: t.keyRemoved(provider) },
  });
  return (
    <Confirm
      title={t.removeKeyTitle(provider)}
      action={t.removeKey}
      isDestructive
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{scope === 'gateway' ? t.removeSharedKeyEffect : t.removeOwnKeyEffect}</p>
    </Confirm>
  );
}
