// The page on which a server is added.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { AddServerForm } from './add-server-form.tsx';
import { formTexts } from './form-texts.ts';
import { homeTexts } from './home-texts.ts';

export function AddServerPage() {
  const t = useTexts(formTexts);
  const { mayNotAdd } = useTexts(homeTexts);
  const mayAddServers = useUser()?.mayAddServers === true;
  return (
    <div className="mx-auto max-w-2xl">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allServers}
      </a>
      <PageHeading title={t.addServer}>{t.addServer}</PageHeading>
      <div className="mt-4">
        {mayAddServers ? <AddServerForm /> : <EmptyNote title={t.addServer}>{mayNotAdd}</EmptyNote>}
      </div>
    </div>
  );
}
