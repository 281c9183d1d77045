// The server that another one is reached through.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { formTexts } from './form-texts.ts';
import { REMOVED_JUMP, type ServerDraft } from './server-draft.ts';
import { ownFirst } from './server-owner.ts';
import { useNameWithOwner } from './use-owner-words.ts';

/** Nothing where there is no choice. @param jumpHosts those that may be chosen */
export function JumpField({
  draft: { jumpServerId },
  error,
  jumpHosts,
  onChange,
}: {
  draft: Pick<ServerDraft, 'jumpServerId'>;
  error: string | undefined;
  jumpHosts: readonly Server[];
  onChange: (change: Pick<ServerDraft, 'jumpServerId'>) => void;
}) {
  const t = useTexts(formTexts);
  const user = useUser();
  const nameOf = useNameWithOwner();
  if (jumpHosts.length === 0 && jumpServerId === '') return null;
  return (
    <Field label={t.jumpHost} error={error}>
      {(control) => (
        <Select
          {...control}
          value={jumpServerId}
          options={[
            ...(jumpServerId === REMOVED_JUMP ? [{ value: REMOVED_JUMP, title: t.jumpRemoved }] : []),
            { value: '', title: t.noJump },
            ...ownFirst(jumpHosts, user?.id).map((server) => ({ value: server.id, title: nameOf(server) })),
          ]}
          onChange={(next) => onChange({ jumpServerId: next })}
        />
      )}
    </Field>
  );
}

/** The servers that `ownId` (null: a new one) may be reached through: one hop is possible. */
export function jumpHostsFor(servers: readonly Server[], ownId: string | null): Server[] {
  return servers.filter(
    (server) =>
      server.id !== ownId &&
      server.role !== 'viewer' &&
      server.jumpServerId === null &&
      !server.jumpServerRemoved,
  );
}
