// Confirms a change of one member, naming its effect.
import type { GrantableRole, Member, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { personName } from '../../ui/person-name.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { serverQuery } from '../servers/server-queries.ts';
import { accessTexts } from './texts.ts';

export type MemberChange =
  | { kind: 'role'; member: Member; role: GrantableRole }
  | { kind: 'transfer' | 'revoke'; member: Member };

export function ChangeMember({
  server,
  change,
  onClose,
}: {
  server: Server;
  change: MemberChange;
  onClose: () => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accessTexts);
  const { userId } = change.member;
  const name = personName({ id: userId, ...change.member });
  // People choose their own names.
  const idLine = name === userId ? null : <p className="text-xs text-muted">{`${name} · ${userId}`}</p>;
  const params = { id: server.id, userId };
  const decision = useDecisionKey();
  const act = useMutation({
    mutationFn: async () => {
      if (change.kind === 'role')
        await api.call('PUT /servers/:id/access/:userId', { params, body: { role: change.role } });
      else if (change.kind === 'revoke') await api.call('DELETE /servers/:id/access/:userId', { params });
      else
        await api.call('POST /servers/:id/transfer', {
          params: { id: server.id },
          body: { userId },
          headers: decision.headers(),
        });
    },
    onSuccess: () => {
      // The person's own role is another one now.
      if (change.kind === 'transfer')
        for (const queryKey of [serverQuery(api, server.id).queryKey, ['servers']])
          void queries.invalidateQueries({ queryKey });
      onClose();
    },
    onError: decision.onError,
    meta: {
      done:
        change.kind === 'role'
          ? t.roleChanged(name, t[`role_${change.role}`])
          : change.kind === 'transfer'
            ? t.ownerChanged(name)
            : t.revoked(name),
    },
    // Also after a refusal: someone else may have changed the access meanwhile.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['access', server.id] });
    },
  });
  const question = { isPending: act.isPending, problem: act.error, onConfirm: () => act.mutate(), onClose };
  if (change.kind === 'role') {
    const role = t[`role_${change.role}`];
    return (
      <Confirm title={t.changeRoleTitle(name, role)} action={t.changeRole(role)} {...question}>
        <p>{t[`may_${change.role}`]}</p>
        <p className="text-muted">{t.onServer(server.name)}</p>
        {idLine}
      </Confirm>
    );
  }
  if (change.kind === 'transfer')
    return (
      <Confirm title={t.makeOwnerTitle(name)} action={t.makeOwner} isDestructive {...question}>
        <p>{t.makeOwnerWhat(name, server.name)}</p>
        {idLine}
      </Confirm>
    );
  return (
    <Confirm title={t.revokeTitle(name)} action={t.revoke} isDestructive {...question}>
      <p>{t.revokeWhat(name, server.name)}</p>
      {idLine}
    </Confirm>
  );
}
