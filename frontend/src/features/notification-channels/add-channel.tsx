// Adds a notification channel: this browser by a press, an address, webhook or group by a form.
import type { NotificationChannel } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { fieldErrors } from '../../ui/field-errors.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { addTexts } from './add-texts.ts';
import {
  emptyChannelDraft,
  newChannelOf,
  type TypedChannelType,
  typedChannelTypes,
} from './channel-draft.ts';
import { ChannelFields } from './channel-fields.tsx';
import { refetchChannels } from './channel-queries.ts';
import { ThisBrowser } from './this-browser.tsx';

export function AddChannel({ channels }: { channels: readonly NotificationChannel[] }) {
  const t = useTexts(addTexts);
  const [type, setType] = useState<TypedChannelType | null>(null);
  return (
    <Panel title={t.title}>
      <div className="space-y-4 text-sm">
        <ThisBrowser channels={channels} />
        <div className="flex flex-wrap gap-2">
          {typedChannelTypes.map((one) => (
            <Button key={one} aria-expanded={one === type} onClick={() => setType(one === type ? null : one)}>
              {t[`add_${one}`]}
            </Button>
          ))}
        </div>
        {type !== null && <NewChannel key={type} type={type} onClose={() => setType(null)} />}
      </div>
    </Panel>
  );
}

function NewChannel({ type, onClose }: { type: TypedChannelType; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(addTexts);
  const [draft, setDraft] = useState(emptyChannelDraft);
  /** After silence the same channel is shown, not a second one made. */
  const decision = useDecisionKey();
  const add = useMutation({
    mutationFn: () =>
      api.call('POST /me/notification-channels', {
        headers: decision.headers(),
        body: newChannelOf(type, draft),
      }),
    onSuccess: ({ secret }) => {
      if (secret === undefined) onClose();
    },
    onError: decision.onError,
    onSettled: () => refetchChannels(queries),
    meta: { done: type === 'email' ? t.codeMailed : t.added },
    // The secret goes with the page.
    gcTime: 0,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate();
  };
  if (add.data?.secret !== undefined)
    return (
      <ShownOnce
        title={t.secretTitle(add.data.channel.label)}
        note={t.secretNote}
        value={add.data.secret}
        copyLabel={t.copySecret}
        doneLabel={t.done}
        onDone={onClose}
      />
    );
  return (
    <form onSubmit={submit} autoComplete="off" className="space-y-4">
      <ChannelFields
        type={type}
        draft={draft}
        errors={fieldErrors(add.error)}
        onChange={(change) => {
          decision.renew();
          setDraft({ ...draft, ...change });
        }}
      />
      {add.error !== null && <ProblemNote problem={add.error} />}
      <Button type="submit" variant="primary" disabled={add.isPending}>
        {add.isPending ? t.adding : t[`submit_${type}`]}
      </Button>
    </form>
  );
}
