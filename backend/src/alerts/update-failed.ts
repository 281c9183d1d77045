// Updates that failed: those of Buoy, by its tasks, and OpenClaw's own. Each is open until a later one of the same component succeeds.
import type { UpdateComponent } from '@buoy/contract';
import { compareVersions } from '../lib/compare-versions.ts';
import type { OwnUpdateFailure } from '../openclaw/status/gateway-reading.ts';
import { type AlertKey, type Condition, condition } from './condition.ts';

/** The last update of a component on a server, which failed and after which none succeeded. */
export type FailedUpdate = {
  component: UpdateComponent;
  taskId: string;
  message: string;
  hint: string | null;
  /** `unknown`: the rollback failed as well. */
  left: 'unchanged' | 'rolled_back' | 'unknown';
  /** ISO 8601. */
  at: string | null;
};

const names: Record<UpdateComponent, string> = {
  openclaw: 'OpenClaw',
  node: 'Node',
  npm: 'npm',
  ollama: 'Ollama',
};

/** Of OpenClaw's own update, unlike that of any component. */
export const ownUpdateKey: AlertKey = { type: 'update_failed', subject: 'by-openclaw' };

export function updateConditions(failed: readonly FailedUpdate[]): Condition[] {
  return failed.map(({ component, taskId, message, hint, left, at }) => {
    const cause = `The update of ${names[component]} failed: ${message} ${outcomes[left]}`;
    const evidence = [hint, `Task: ${taskId}`, at === null ? null : `Ended: ${at}`].filter(
      (line) => line !== null,
    );
    return condition('update_failed', 'critical', cause, evidence.join('\n'), component);
  });
}

const outcomes: Record<FailedUpdate['left'], string> = {
  unchanged: 'Nothing was replaced.',
  rolled_back: 'Buoy restored the previous version.',
  unknown: 'Buoy could not restore the previous version.',
};

/** @param running the version that runs: a later update, also one of Buoy, ends the failure of an earlier one */
export function ownUpdateConditions(failure: OwnUpdateFailure | null, running: string | null): Condition[] {
  if (failure === null) return [];
  const { version, reason, at } = failure;
  if (version !== null && running !== null && (compareVersions(running, version) ?? -1) >= 0) return [];
  const to = version === null ? '' : ` to ${version}`;
  const why = reason === null ? '.' : `: ${reason}.`;
  const evidence = at === null ? '' : `Ended: ${at}`;
  const { type, subject } = ownUpdateKey;
  return [condition(type, 'critical', `OpenClaw's update of itself${to} failed${why}`, evidence, subject)];
}
