// Removes a server from Buoy after its name is typed.
import type { Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { forgetDrafts } from '../../ui/use-draft.ts';
import { settingsTexts } from './settings-texts.ts';

export function RemoveServer({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(settingsTexts);
  /** null while the dialog is closed. */
  const [typed, setTyped] = useState<string | null>(null);
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /servers/:id', { params: { id: server.id } }),
    onSuccess: () => {
      forgetDrafts(queries, [server.id]);
      navigate('/', { replace: true });
      void queries.invalidateQueries({ queryKey: ['servers'] });
    },
    meta: { done: t.removed(server.name) },
  });
  return (
    <Panel title={t.remove}>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="max-w-prose text-sm text-muted">{t.removeNote}</p>
        {server.role === 'owner' ? (
          <Button variant="danger" onClick={() => setTyped('')}>
            {t.removeButton}
          </Button>
        ) : (
          <p className="text-sm text-muted">{t.ownerOnly}</p>
        )}
      </div>
      {typed !== null && (
        <Confirm
          title={t.removeTitle(server.name)}
          action={t.removeNow}
          isDestructive
          isPending={remove.isPending}
          isBlocked={typed.trim() !== server.name}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setTyped(null)}
        >
          <p>{t.removeText}</p>
          <p className="text-muted">{t.removeNote}</p>
          <Field label={t.typeName(server.name)}>
            {(control) => <TextInput {...control} value={typed} onChange={setTyped} />}
          </Field>
        </Confirm>
      )}
    </Panel>
  );
}
