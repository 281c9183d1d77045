// Details of a refused config change: rejected paths, and concurrent changes by others.
import type { ConfigChange, ConfigIssue } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { isObject } from '@buoy/contract/config-patch';

/** @returns the issues of a refusal; none for any other problem */
export function issuesOf(problem: Error | null): ConfigIssue[] {
  if (!(problem instanceof ApiError) || !isObject(problem.details)) return [];
  const { issues } = problem.details;
  if (!Array.isArray(issues)) return [];
  return issues.filter(
    (issue): issue is ConfigIssue =>
      isObject(issue) && typeof issue.path === 'string' && typeof issue.message === 'string',
  );
}

/** The config after changes by someone else; `changes` is null when these are unknown. */
export type StaleConfigInfo = { hash: string | null; changes: ConfigChange[] | null };

/** @returns null when the problem is another one */
export function staleConfigOf(problem: Error | null): StaleConfigInfo | null {
  if (!(problem instanceof ApiError) || problem.code !== 'stale_version') return null;
  const details = isObject(problem.details) ? problem.details : {};
  return {
    hash: typeof details.hash === 'string' ? details.hash : null,
    changes: Array.isArray(details.changes) ? details.changes.filter(isChange) : null,
  };
}

function isChange(value: unknown): value is ConfigChange {
  return (
    isObject(value) &&
    typeof value.path === 'string' &&
    (value.kind === 'added' || value.kind === 'changed' || value.kind === 'removed')
  );
}
