// Confirms an e-mail address by the code of six digits that Buoy mailed to it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { refetchChannels } from './channel-queries.ts';
import { channelsTexts } from './texts.ts';

export function ConfirmCode({ channelId }: { channelId: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(channelsTexts);
  const [code, setCode] = useState('');
  const decision = useDecisionKey();
  const confirm = useMutation({
    mutationFn: () =>
      api.call('POST /me/notification-channels/:id/confirm', {
        params: { id: channelId },
        body: { code: code.trim() },
        headers: decision.headers(),
      }),
    onError: decision.onError,
    onSettled: () => refetchChannels(queries),
    meta: { done: t.confirmed },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="mt-3 space-y-3">
      <div className="max-w-sm">
        <Field label={t.code} hint={t.codeHint}>
          {(control) => (
            <TextInput
              {...control}
              required
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={16}
              pattern="\s*([0-9]\s*){6}"
              value={code}
              onChange={(value) => {
                decision.renew();
                setCode(value);
              }}
            />
          )}
        </Field>
      </div>
      {confirm.error !== null && <ProblemNote problem={confirm.error} />}
      <Button type="submit" disabled={confirm.isPending}>
        {t.confirm}
      </Button>
    </form>
  );
}
