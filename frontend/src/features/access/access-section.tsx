// Who may do what on a server: its members, and the invites that are still open.
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { GrantForm } from './grant-form.tsx';
import { InvitesPanel } from './invites-panel.tsx';
import { MembersPanel } from './members-panel.tsx';
import { accessTexts } from './texts.ts';

export function AccessSection({ server, rest }: SectionProps) {
  const t = useTexts(accessTexts);
  if (rest.length > 0) return <NotFound />;
  const isOwner = server.role === 'owner';
  return (
    <div className="space-y-4">
      {!isOwner && <p className="text-sm text-muted">{t.adminNote}</p>}
      <MembersPanel server={server} />
      {isOwner && (
        <>
          <InvitesPanel server={server} />
          <GrantForm server={server} />
        </>
      )}
    </div>
  );
}
