// What viewers see on pages for admins: the reason and the way back.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { serverTexts } from './texts.ts';

export function ForAdmins({ server }: { server: Server }) {
  const t = useTexts(serverTexts);
  return (
    <EmptyNote title={t.forAdmins}>
      <p>{t.forAdminsHint}</p>
      <a {...linkTo(serverPath(server.id))} className={`${buttonClass()} mt-3`}>
        {t.toOverview}
      </a>
    </EmptyNote>
  );
}
