// Gives access by user id, without an invite.
import type { GrantableRole, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { RoleField } from './role-field.tsx';
import { accessTexts } from './texts.ts';

export function GrantForm({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accessTexts);
  const [userId, setUserId] = useState('');
  const [role, setRole] = useState<GrantableRole>('viewer');
  const decision = useDecisionKey();
  const grant = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/access', {
        params: { id: server.id },
        body: { userId: userId.trim(), role },
        headers: decision.headers(),
      }),
    onSuccess: () => {
      decision.renew();
      setUserId('');
    },
    onError: decision.onError,
    meta: { done: true },
    onSettled: () => queries.invalidateQueries({ queryKey: ['access', server.id] }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    grant.mutate();
  };
  const made = grant.data?.member;
  return (
    <Panel title={t.addTitle}>
      <form onSubmit={submit} autoComplete="off" className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t.userId} hint={t.addHint}>
            {(control) => (
              <input
                {...control}
                type="text"
                required
                pattern="\s*[A-Za-z0-9_\-]{1,64}\s*"
                autoComplete="off"
                autoCapitalize="none"
                autoCorrect="off"
                spellCheck={false}
                value={userId}
                onChange={(event) => {
                  grant.reset();
                  decision.renew();
                  setUserId(event.target.value);
                }}
                className={`${controlClass} font-mono`}
              />
            )}
          </Field>
          <RoleField
            value={role}
            onChange={(wanted) => {
              decision.renew();
              setRole(wanted);
            }}
          />
        </div>
        {grant.error !== null && <ProblemNote problem={grant.error} />}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button type="submit" disabled={grant.isPending}>
            {grant.isPending ? t.adding : t.add}
          </Button>
          <p role="status" className="text-sm">
            {made !== undefined && t.added(personName({ id: made.userId, ...made }), t[`role_${made.role}`])}
          </p>
        </div>
      </form>
    </Panel>
  );
}
