// The selected days of usage, in UTC as OpenClaw counts them.

const DAY_MS = 24 * 3600 * 1000;
/** As many as the API gives at once. */
export const MAX_DAYS = 366;
/** What the API gives when no days are named; of these a server that is away has a snapshot. */
export const USUAL_DAYS = 30;
export const dayChoices = [7, USUAL_DAYS, 90] as const;

/** Both counted; `null`: the usual days. */
export type UsageRange = { from: string; to: string } | null;
export type RangeProblem = 'incomplete' | 'backwards' | 'too-many';

/** The last so many days, today counted. @param nowMs milliseconds since the epoch */
export function lastDays(days: number, nowMs: number): { from: string; to: string } {
  return { from: dayOf(nowMs - (days - 1) * DAY_MS), to: dayOf(nowMs) };
}

/** Why the days cannot be asked for; null when they can. @param from as a date field gives it, empty when nothing is chosen */
export function rangeProblem({ from, to }: { from: string; to: string }): RangeProblem | null {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (Number.isNaN(days)) return 'incomplete';
  if (days < 1) return 'backwards';
  return days > MAX_DAYS ? 'too-many' : null;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
