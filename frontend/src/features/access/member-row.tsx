// One member: who, which role, since when; for the owner, what can be changed about it.
import type { Member } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { personName } from '../../ui/person-name.ts';
import type { MemberChange } from './change-member.tsx';
import { accessTexts } from './texts.ts';

/** @param onChange null: nothing can be changed here by this person */
export function MemberRow({
  member,
  isSelf,
  onChange,
}: {
  member: Member;
  isSelf: boolean;
  onChange: ((change: MemberChange) => void) | null;
}) {
  const t = useTexts(accessTexts);
  const formats = useFormats();
  const { userId, role, createdAt, username, firstName } = member;
  const name = personName({ id: userId, ...member });
  const isUnseen = username === null && firstName === null;
  const otherRole = role === 'admin' ? 'viewer' : 'admin';
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="text-sm">
          <span className="font-medium">{name}</span>
          {isSelf && <span className="text-muted"> ({t.you})</span>}
          <span className="ml-2 rounded border border-line px-1.5 text-xs text-muted">
            {t[`role_${role}`]}
          </span>
        </p>
        <p className="mt-0.5 text-xs text-muted">
          {!isUnseen && (
            <>
              <span className="font-mono select-all">{userId}</span> ·{' '}
            </>
          )}
          {t.since(formats.moment(createdAt))}
          {isUnseen && <> · {t.neverSeen}</>}
        </p>
      </div>
      {onChange !== null && (
        <div className="-mx-1 flex flex-wrap gap-1">
          <Button
            aria-label={`${t.changeRole(t[`role_${otherRole}`])}: ${name}`}
            onClick={() => onChange({ kind: 'role', member, role: otherRole })}
          >
            {t.changeRole(t[`role_${otherRole}`])}
          </Button>
          {/* Who has never been here could not take it over. */}
          {!isUnseen && (
            <Button aria-label={t.makeOwnerOf(name)} onClick={() => onChange({ kind: 'transfer', member })}>
              {t.makeOwner}
            </Button>
          )}
          <Button
            variant="danger"
            aria-label={t.revokeOf(name)}
            onClick={() => onChange({ kind: 'revoke', member })}
          >
            {t.revoke}
          </Button>
        </div>
      )}
    </li>
  );
}
