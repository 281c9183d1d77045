// Refuses an update at once that its task would refuse later.
import type { UpdateComponent } from '@buoy/contract';
import { AppError } from '../../lib/app-error.ts';
import type { UpdatePolicies } from '../../update-policies/update-policies.ts';

/** Throws AppError `conflict` where a pin forbids the version, `unsupported` for what this version of Buoy does not have. */
export type ExpectUpdate = (
  serverId: string,
  update: { component: UpdateComponent | 'rag'; version: string },
) => Promise<void>;

export function createExpectUpdate({ targetOf }: Pick<UpdatePolicies, 'targetOf'>): ExpectUpdate {
  return async (serverId, { component, version }) => {
    if (component === 'rag')
      throw new AppError('unsupported', 'This version of Buoy has no knowledge base that it could update.');
    // Policies are about OpenClaw alone.
    if (component === 'openclaw') await targetOf(serverId, version);
  };
}
