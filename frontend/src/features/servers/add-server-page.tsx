// The page on which a server is added.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { BULK_SETUP_PATH } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { AddServerForm } from './add-server-form.tsx';
import { formTexts } from './form-texts.ts';
import { homeTexts } from './home-texts.ts';

export function AddServerPage() {
  const t = useTexts(formTexts);
  const { mayNotAdd, addSeveral } = useTexts(homeTexts);
  const mayAddServers = useUser()?.mayAddServers === true;
  return (
    <div className="mx-auto max-w-2xl">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allServers}
      </a>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <PageHeading title={t.addServer}>{t.addServer}</PageHeading>
        {mayAddServers && (
          <a {...linkTo(BULK_SETUP_PATH)} className={buttonClass()}>
            {addSeveral}
          </a>
        )}
      </div>
      <div className="mt-4">
        {mayAddServers ? <AddServerForm /> : <EmptyNote title={t.addServer}>{mayNotAdd}</EmptyNote>}
      </div>
    </div>
  );
}
