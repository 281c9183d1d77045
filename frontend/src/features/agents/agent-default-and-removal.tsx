// Makes an agent the default, or removes it. Says why where that is not possible.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { forgetDrafts } from '../../ui/use-draft.ts';
import { configKey } from '../config/config-queries.ts';
import type { PartProps } from './agent-paths.ts';
import { agentsKey } from './agent-queries.ts';
import { agentTexts } from './texts.ts';

export function AgentDefaultAndRemoval(props: PartProps) {
  const t = useTexts(agentTexts);
  const { server, agent } = props;
  const isViewer = server.role === 'viewer';
  return (
    <>
      {(agent.isDefault || !isViewer) && (
        <Panel title={t.defaultAgent}>
          {agent.isDefault ? (
            <p className="text-sm text-muted">{t.defaultAgentIs}</p>
          ) : (
            <MakeDefault {...props} />
          )}
        </Panel>
      )}
      {!isViewer && (
        <Panel title={t.removal}>
          <RemoveAgent {...props} />
        </Panel>
      )}
    </>
  );
}

function MakeDefault({ server, agents, agent }: PartProps) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentTexts);
  const [isAsking, setAsking] = useState(false);
  const before = agents.find(({ isDefault }) => isDefault);
  const make = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/agents/:agentId', {
        params: { id: server.id, agentId: agent.id },
        body: { isDefault: true },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: agentsKey(server.id) });
      void queries.invalidateQueries({ queryKey: configKey(server.id) });
    },
    meta: { done: t.nowDefault(agent.name) },
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t.makeDefault}</Button>
      {isAsking && (
        <Confirm
          title={t.makeDefaultTitle(agent.name)}
          action={t.makeDefault}
          isPending={make.isPending}
          problem={make.error}
          onConfirm={() => make.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.makeDefaultEffect(before?.name ?? '–')}</p>
        </Confirm>
      )}
    </>
  );
}

function RemoveAgent({ server, agents, agent }: PartProps) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentTexts);
  const [isAsking, setAsking] = useState(false);
  const [withFiles, setWithFiles] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/openclaw/agents/:agentId', {
        params: { id: server.id, agentId: agent.id },
        query: { deleteFiles: withFiles ? 'true' : 'false' },
      }),
    onSuccess: () => {
      forgetDrafts(queries, [server.id, 'agents', agent.id]);
      navigate(serverPath(server.id, 'agents'), { replace: true });
      void queries.invalidateQueries({ queryKey: agentsKey(server.id) });
      void queries.invalidateQueries({ queryKey: configKey(server.id) });
    },
    meta: { done: t.removed(agent.name) },
  });
  if (agents.length === 1) return <p className="text-sm text-muted">{t.cannotRemoveLast}</p>;
  if (agent.isDefault) return <p className="text-sm text-muted">{t.cannotRemoveDefault}</p>;
  const workspace = agent.workspace ?? '–';
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        {t.remove}
      </Button>
      {isAsking && (
        <Confirm
          title={t.removeTitle(agent.name)}
          action={t.remove}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>{t.removeEffect}</p>
          <label className="flex min-h-11 items-center gap-3">
            <input
              type="checkbox"
              className="size-5 accent-(--accent)"
              checked={withFiles}
              onChange={(event) => setWithFiles(event.target.checked)}
            />
            {t.removeFiles}
          </label>
          <p role="status" className={withFiles ? 'text-down' : 'text-muted'}>
            {withFiles ? t.removeFilesEffect(workspace) : t.keepFilesEffect(workspace)}
          </p>
        </Confirm>
      )}
    </>
  );
}
