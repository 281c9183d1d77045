// What a person chooses before a rollout, and the request body.
import type { Contract, RequestOf, Rollout } from '@buoy/contract';

export type RolloutRequest = RequestOf<Contract['POST /rollouts']>['body'];

/** Numbers are kept as they are typed. */
export type RolloutDraft = {
  serverIds: readonly string[];
  version: string;
  canary: string;
  waveSize: string;
  /** Seconds between two waves. */
  pauseS: string;
};

export const emptyRolloutDraft: RolloutDraft = {
  serverIds: [],
  version: 'latest',
  canary: '1',
  waveSize: '5',
  pauseS: '60',
};

/** Asks for the plan alone. */
export function dryRunOf({ serverIds, version, canary, waveSize, pauseS }: RolloutDraft): RolloutRequest {
  return {
    serverIds: [...serverIds],
    version: version.trim(),
    canary: Number(canary),
    waveSize: Number(waveSize),
    pauseS: Number(pauseS),
    dryRun: true,
  };
}

/** Starts what was planned: a newer version may have come out since. Servers with different pins have no version in common, and each takes its own. */
export function startOf(plan: Pick<Rollout, 'version' | 'waves'>, body: RolloutRequest): RolloutRequest {
  const hasOneTarget = plan.waves
    .flat()
    .every(({ status, to }) => status === 'skipped' || to === plan.version);
  return { ...body, ...(hasOneTarget ? { version: plan.version } : {}), dryRun: false };
}

/** The choice with these servers added or left out. */
export function withChosen(chosen: readonly string[], ids: readonly string[], isOn: boolean): string[] {
  return isOn ? [...new Set([...chosen, ...ids])] : chosen.filter((id) => !ids.includes(id));
}
