// Rollouts: their list, a new one, and one of them.
import type { PageProps } from '../../page-props.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { NewRollout } from './new-rollout.tsx';
import { RolloutList } from './rollout-list.tsx';
import { RolloutPage } from './rollout-page.tsx';

export function RolloutsPage({ rest }: PageProps) {
  const [id, ...more] = rest;
  if (more.length > 0) return <NotFound />;
  if (id === undefined) return <RolloutList />;
  return id === 'new' ? <NewRollout /> : <RolloutPage key={id} id={id} />;
}
