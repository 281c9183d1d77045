// The page for unknown addresses, and for those that the person has no access to.
import { useTexts } from '../i18n/use-texts.ts';
import { linkTo } from '../navigation.ts';
import { buttonClass } from './button.tsx';
import { PageHeading } from './page-heading.tsx';
import { uiTexts } from './texts.ts';

export function NotFound() {
  const t = useTexts(uiTexts);
  return (
    <>
      <PageHeading title={t.notFoundTitle}>{t.notFound}</PageHeading>
      <a {...linkTo('/')} className={`${buttonClass()} mt-4`}>
        {t.allServers}
      </a>
    </>
  );
}
