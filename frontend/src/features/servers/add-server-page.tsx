// The page on which a server is added.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { AddServerForm } from './add-server-form.tsx';
import { formTexts } from './form-texts.ts';

export function AddServerPage() {
  const t = useTexts(formTexts);
  return (
    <div className="mx-auto max-w-2xl">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allServers}
      </a>
      <PageHeading title={t.addServer}>{t.addServer}</PageHeading>
      <div className="mt-4">
        <AddServerForm />
      </div>
    </div>
  );
}
