// Status pages: their list, a new one, and one of them.
import type { PageProps } from '../../page-props.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { EditPage } from './edit-page.tsx';
import { NewPage } from './new-page.tsx';
import { PageList } from './page-list.tsx';

export function StatusPagesPage({ rest }: PageProps) {
  const [id, ...more] = rest;
  if (more.length > 0) return <NotFound />;
  if (id === undefined) return <PageList />;
  return id === 'new' ? <NewPage /> : <EditPage key={id} id={id} />;
}
