// The default model of agents, chosen among OpenClaw's models.
import type { Server } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { Select } from '../../ui/select.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { configKey, modelsQuery } from './config-queries.ts';
import { configTexts } from './texts.ts';

export function DefaultModel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(configTexts);
  const models = useQuery(modelsQuery(api, server.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (model: string) =>
      api.call('PUT /servers/:id/openclaw/models/default', { params: { id: server.id }, body: { model } }),
    onSuccess: async () => {
      setAsking(false);
      await Promise.all(
        [configKey(server.id), ['agents', server.id]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
      setChosen(null);
    },
    meta: { done: true },
  });
  return (
    <ReadPanel title={t.defaultModel} loading={t.loading} rows={1} query={models}>
      {(answer) => {
        const now = answer.models.find(({ isDefault }) => isDefault);
        const current = now === undefined ? '' : `${now.provider}/${now.id}`;
        const wanted = chosen ?? current;
        return (
          <>
            <p className="text-sm text-muted">{t.defaultModelHint}</p>
            {server.role === 'viewer' ? (
              <p className="text-sm">
                {t.modelNow}:{' '}
                <span className="font-mono">
                  <VisibleText text={current === '' ? t.noDefaultModel : current} />
                </span>
              </p>
            ) : (
              <div className="flex flex-wrap items-end gap-3">
                <div className="min-w-0 flex-1 basis-60">
                  <Field label={t.newDefault}>
                    {(control) => (
                      <Select
                        {...control}
                        value={wanted}
                        onChange={(model) => {
                          change.reset();
                          setChosen(model);
                        }}
                        options={[
                          ...(current === '' ? [{ value: '', title: t.noDefaultModel }] : []),
                          ...answer.models.map(({ provider, id }) => ({
                            value: `${provider}/${id}`,
                            title: `${provider}/${id}`,
                          })),
                        ]}
                      />
                    )}
                  </Field>
                </div>
                <Button disabled={wanted === current || wanted === ''} onClick={() => setAsking(true)}>
                  {t.makeDefault}
                </Button>
              </div>
            )}
            <p role="status" className="text-sm text-up">
              {change.isSuccess && t.modelSet(change.data.model)}
            </p>
            {isAsking && (
              <Confirm
                title={t.makeDefaultTitle(wanted)}
                action={t.makeDefault}
                isPending={change.isPending}
                problem={change.error}
                onConfirm={() => change.mutate(wanted)}
                onClose={() => setAsking(false)}
              >
                <p>{t.makeDefaultEffect}</p>
              </Confirm>
            )}
          </>
        );
      }}
    </ReadPanel>
  );
}
