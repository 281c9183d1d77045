// What an address shows that leads nowhere, or nowhere for this person.
import { linkTo } from '../navigation.ts';
import { buttonClass } from './button.tsx';
import { PageHeading } from './page-heading.tsx';

export function NotFound() {
  return (
    <>
      <PageHeading title="Not found">There is no such page</PageHeading>
      <a {...linkTo('/')} className={`${buttonClass()} mt-4`}>
        All servers
      </a>
    </>
  );
}
