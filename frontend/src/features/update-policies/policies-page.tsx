// Update policies: their list, a new one, and one of them.
import type { PageProps } from '../../page-props.ts';
import { tagInPath } from '../../paths.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { EditPolicy } from './edit-policy.tsx';
import { NewPolicy } from './new-policy.tsx';
import { PolicyList } from './policy-list.tsx';

export function PoliciesPage({ rest }: PageProps) {
  const [part, ...more] = rest;
  if (more.length > 0) return <NotFound />;
  if (part === undefined) return <PolicyList />;
  const tag = tagInPath(part);
  return tag === null ? <NewPolicy /> : <EditPolicy key={tag} tag={tag} />;
}
