// Restores a snapshot: says what is replaced, on which server, and with which keys; then follows the task.
import type { Server, Snapshot } from '@buoy/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { addressOf } from '../servers/address-of.ts';
import { serversQuery } from '../servers/server-queries.ts';
import type { GatewayTasks } from '../servers/use-gateway-tasks.ts';
import { useNameWithOwner } from '../servers/use-owner-words.ts';
import { useUser } from '../sign-in/use-user.ts';
import { restoreTargets } from './restore-targets.ts';
import { snapshotTexts } from './snapshot-texts.ts';

type Question = { server: Server; snapshot: Snapshot; tasks: GatewayTasks; onClose: () => void };

/** Each time that it is asked is another decision. */
export function RestoreQuestion({ server, snapshot, tasks, onClose }: Question) {
  const { api } = useServices();
  const t = useTexts(snapshotTexts);
  const decision = useDecisionKey();
  const [targetId, setTargetId] = useState(server.id);
  const [withCredentials, setWithCredentials] = useState(false);
  const servers = useQuery(serversQuery(api)).data ?? [];
  const user = useUser();
  const others = restoreTargets(servers, server, user?.id);
  const nameOf = useNameWithOwner();
  const target = others.find(({ id }) => id === targetId) ?? server;
  const isElsewhere = target.id !== server.id;
  const restore = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/setup/snapshots/:snapshotId/restore', {
        params: { id: server.id, snapshotId: snapshot.id },
        body: isElsewhere ? { targetServerId: target.id, withCredentials } : {},
        headers: decision.headers(),
      }),
    onSuccess: ({ task }) => {
      if (isElsewhere) navigate(`/tasks/${task.id}`);
      else {
        tasks.restore.watch(task);
        onClose();
      }
    },
    onError: decision.onError,
  });
  const choose = (change: () => void) => {
    decision.renew();
    change();
  };
  return (
    <Confirm
      title={t.restoreTitle(target.name)}
      action={t.restoreNow}
      isDestructive
      isPending={restore.isPending}
      problem={restore.error}
      onConfirm={() => restore.mutate()}
      onClose={onClose}
    >
      <ul className="list-disc space-y-1 pl-5 text-muted">
        <li>{t.restore_1(snapshot.version)}</li>
        <li>{t.restore_2}</li>
        <li>{t.restore_3}</li>
        <li>{t.restore_4}</li>
      </ul>
      <p>
        <VisibleText text={nameOf(target)} kind="name" />{' '}
        <span className="font-mono text-xs text-muted">
          <VisibleText text={`${target.username}@${addressOf(target)}`} />
        </span>
      </p>
      {others.length > 0 && (
        <Field label={t.target}>
          {(control) => (
            <Select
              {...control}
              value={target.id}
              options={[
                { value: server.id, title: t.thisServer(server.name) },
                ...others.map((other) => ({ value: other.id, title: nameOf(other) })),
              ]}
              onChange={(id) => choose(() => setTargetId(id))}
            />
          )}
        </Field>
      )}
      {isElsewhere && (
        <>
          <Toggle
            label={t.withCredentials}
            hint={t.withCredentialsHint}
            checked={withCredentials}
            onChange={(checked) => choose(() => setWithCredentials(checked))}
          />
          {!withCredentials && <p className="text-sm text-muted">{t.withoutCredentials}</p>}
          <p className="text-sm">{t.unchecked(server.name)}</p>
        </>
      )}
    </Confirm>
  );
}
