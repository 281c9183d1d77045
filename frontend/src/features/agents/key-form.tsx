// Saves a new provider key. The page forgets it once it is sent to OpenClaw.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useId, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { modelsQuery } from '../config/config-queries.ts';
import { agentKeysQuery } from './agent-queries.ts';
import { agentKeyTexts } from './key-texts.ts';
import { agentTexts } from './texts.ts';

export function KeyForm({ serverId, agentId }: { serverId: string; agentId: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentKeyTexts);
  const words = useTexts(agentTexts);
  const listId = useId();
  const providers = useQuery(modelsQuery(api, serverId)).data?.providers ?? [];
  const [provider, setProvider] = useState('');
  const [apiKey, setApiKey] = useState('');
  const save = useMutation({
    mutationFn: async () => {
      await api.call('PUT /servers/:id/openclaw/agents/:agentId/keys/:provider', {
        params: { id: serverId, agentId, provider },
        body: { apiKey },
      });
      return provider;
    },
    onSuccess: () => {
      setApiKey('');
      setProvider('');
      void queries.invalidateQueries({ queryKey: agentKeysQuery(api, serverId, agentId).queryKey });
    },
    meta: { done: true },
  });
  useUnsaved(apiKey !== '');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <p className="text-sm text-muted">{t.newKeyHint}</p>
      <datalist id={listId}>
        {providers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
      <div className="grid gap-4 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <Field label={t.provider}>
          {(control) => (
            <TextInput
              {...control}
              required
              list={listId}
              pattern="[a-z0-9][a-z0-9._\-]{0,63}"
              placeholder="anthropic"
              value={provider}
              onChange={setProvider}
            />
          )}
        </Field>
        <Field label={t.apiKey}>
          {(control) => (
            <input
              {...control}
              type="password"
              required
              // Keeps password managers from offering, or keeping, the password of Buoy.
              autoComplete="new-password"
              className={controlClass}
              value={apiKey}
              onChange={(event) => setApiKey(event.target.value)}
            />
          )}
        </Field>
      </div>
      {save.error !== null && <ProblemNote problem={save.error} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" disabled={save.isPending}>
          {save.isPending ? words.saving : t.saveKey}
        </Button>
        <p role="status" className="text-sm text-up">
          {save.isSuccess && apiKey === '' && t.keySaved(save.data)}
        </p>
      </div>
    </form>
  );
}
