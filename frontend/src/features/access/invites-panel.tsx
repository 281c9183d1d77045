// Invites of a server: created here, shown once, revoked while unused.
import type { Invite, Server } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { invitesQuery, membersQuery } from './access-queries.ts';
import { NewInvite } from './new-invite.tsx';
import { accessTexts } from './texts.ts';

export function InvitesPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(accessTexts);
  const { data, error } = useQuery(invitesQuery(api, server.id));
  const [unwanted, setUnwanted] = useState<Invite | null>(null);
  return (
    <Panel title={t.invites}>
      <p className="mb-3 text-sm text-muted">{t.invitesHint}</p>
      <NewInvite server={server} />
      <div className="mt-4">
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <Skeleton label={t.loadingInvites} rows={1} />}
        {data?.length === 0 && <p className="text-sm text-muted">{t.noInvites}</p>}
        {data !== undefined && data.length > 0 && (
          <ul aria-label={t.invites} className="divide-y divide-line border-t border-line">
            {data.map((invite) => (
              <InviteRow key={invite.id} server={server} invite={invite} onRevoke={setUnwanted} />
            ))}
          </ul>
        )}
      </div>
      {unwanted !== null && (
        <RevokeInvite server={server} invite={unwanted} onClose={() => setUnwanted(null)} />
      )}
    </Panel>
  );
}

function InviteRow({
  server,
  invite,
  onRevoke,
}: {
  server: Server;
  invite: Invite;
  onRevoke: (invite: Invite) => void;
}) {
  const { api } = useServices();
  const t = useTexts(accessTexts);
  const formats = useFormats();
  const members = useQuery(membersQuery(api, server.id)).data ?? [];
  const maker = members.find(({ userId }) => userId === invite.createdBy);
  const role = t[`role_${invite.role}`];
  const end = formats.moment(invite.expiresAt);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2 text-sm">
      <span>
        <span className="font-medium">{t.inviteFor(role)}</span>{' '}
        <span className="text-muted">
          · {t.ends(end)} ·{' '}
          {t.madeBy(maker === undefined ? invite.createdBy : personName({ id: maker.userId, ...maker }))}
        </span>
      </span>
      <Button variant="quiet" aria-label={t.deleteInviteOf(role, end)} onClick={() => onRevoke(invite)}>
        {t.deleteInvite}
      </Button>
    </li>
  );
}

function RevokeInvite({ server, invite, onClose }: { server: Server; invite: Invite; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accessTexts);
  const revoke = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/invites/:inviteId', {
        params: { id: server.id, inviteId: invite.id },
      }),
    onSuccess: onClose,
    meta: { done: t.inviteDeleted },
    onSettled: () => queries.invalidateQueries({ queryKey: ['access', server.id] }),
  });
  return (
    <Confirm
      title={t.deleteInviteTitle}
      action={t.deleteInvite}
      isDestructive
      isPending={revoke.isPending}
      problem={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t.deleteInviteWhat}</p>
    </Confirm>
  );
}
