// The page on which several servers are added and set up together.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { BulkSetup } from './bulk-setup.tsx';
import { bulkTexts } from './texts.ts';

export function BulkSetupPage() {
  const t = useTexts(bulkTexts);
  const user = useUser();
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/servers/new')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.addServer}
      </a>
      <PageHeading title={t.addSeveral}>{t.addSeveral}</PageHeading>
      <div className="mt-4 space-y-4">
        {user?.mayAddServers === true ? (
          <BulkSetup key={user.id} userId={user.id} />
        ) : (
          <EmptyNote title={t.addSeveral}>{t.mayNotAdd}</EmptyNote>
        )}
      </div>
    </div>
  );
}
