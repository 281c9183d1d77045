// Creates an invite link and shows it once.
import type { GrantableRole, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { RoleField } from './role-field.tsx';
import { accessTexts } from './texts.ts';

const HOUR_S = 3_600;
/** Hours; a week is what the API allows. */
const spans = [1, 8, 24, 72, 168] as const;
type Hours = (typeof spans)[number];

export function NewInvite({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accessTexts);
  const formats = useFormats();
  const [role, setRole] = useState<GrantableRole>('viewer');
  const [expiresInH, setHours] = useState<Hours>(24);
  /** After silence the same link is shown, not a second one made. */
  const decision = useDecisionKey();
  const create = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/invites', {
        params: { id: server.id },
        body: { role, expiresInH },
        headers: decision.headers(),
      }),
    onSuccess: decision.renew,
    onError: decision.onError,
    meta: { done: true },
    onSettled: () => queries.invalidateQueries({ queryKey: ['access', server.id] }),
    // The link is a secret: it goes with the page.
    gcTime: 0,
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate();
  };
  if (create.data !== undefined)
    return (
      <ShownOnce
        title={t.madeTitle}
        note={t.madeOnce}
        value={create.data.invite.url}
        copyLabel={t.copyLink}
        doneLabel={t.hideLink}
        onDone={create.reset}
      />
    );
  return (
    <form onSubmit={submit} className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <RoleField
          value={role}
          onChange={(wanted) => {
            decision.renew();
            setRole(wanted);
          }}
        />
        <Field label={t.lasts}>
          {(control) => (
            <select
              {...control}
              className={controlClass}
              value={expiresInH}
              onChange={(event) => {
                decision.renew();
                setHours(spans.find((hours) => String(hours) === event.target.value) ?? expiresInH);
              }}
            >
              {spans.map((hours) => (
                <option key={hours} value={hours}>
                  {formats.duration(hours * HOUR_S)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {create.error !== null && <ProblemNote problem={create.error} />}
      <Button type="submit" variant="primary" disabled={create.isPending}>
        {create.isPending ? t.making : t.makeInvite}
      </Button>
    </form>
  );
}
