// The encryption keys of stored secrets, and the task that re-encrypts all secrets with the active key.
import type { DetailedHealth } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { adminTexts } from './texts.ts';

export function VaultPanel({ vault }: { vault: DetailedHealth['vault'] }) {
  const t = useTexts(adminTexts);
  const formats = useFormats();
  const [isAsking, setAsking] = useState(false);
  const { activeKeyId, keyIds, outdated } = vault;
  return (
    <Panel title={t.vault}>
      <Facts
        facts={[
          { term: t.activeKey, value: <code className="font-mono">{activeKeyId}</code> },
          { term: t.allKeys, value: <code className="font-mono">{keyIds.join(', ')}</code> },
          { term: t.outdated, value: outdated === null ? t.unknown : formats.number(outdated) },
        ]}
      />
      {outdated !== 0 && (
        <Button className="mt-4" onClick={() => setAsking(true)}>
          {t.rotate}
        </Button>
      )}
      {isAsking && <Rotate activeKeyId={activeKeyId} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function Rotate({ activeKeyId, onClose }: { activeKeyId: string; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(adminTexts);
  const decision = useDecisionKey();
  const rotate = useMutation({
    mutationFn: () => api.call('POST /admin/vault/rotate', { headers: decision.headers() }),
    onSuccess: ({ task }) => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      navigate(`/tasks/${task.id}`);
    },
    onError: decision.onError,
  });
  return (
    <Confirm
      title={t.rotateTitle}
      action={t.rotate}
      isPending={rotate.isPending}
      problem={rotate.error}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    >
      <p>{t.rotateWhat(activeKeyId)}</p>
    </Confirm>
  );
}
