// --since, --from and --to: a start time, as a duration before now or as a date, and an end.
import { type Context, type OptionSpec, type Texts, textOption, UsageError } from './command.ts';
import { durationOf } from './output/duration.ts';

export const sinceOption = {
  type: 'string',
  value: 'TIME',
  summary: 'Only from this time on: 30m, 8h or 2d ago, or a date or a time',
} as const satisfies OptionSpec;

export const fromOption = {
  type: 'string',
  value: 'TIME',
  summary: 'Only from this time on',
} as const satisfies OptionSpec;

export const toOption = {
  type: 'string',
  value: 'TIME',
  summary: 'Only until this time',
} as const satisfies OptionSpec;

/** Milliseconds since 1970; undefined without --since. @throws UsageError */
export function sinceIn(context: Context & Texts<'since'>): number | undefined {
  const typed = textOption(context, 'since');
  if (typed === undefined) return undefined;
  if (/^\d+[a-z]$/.test(typed)) return context.terminal.now() - durationOf(typed, 'since');
  const time = Date.parse(typed);
  if (Number.isNaN(time))
    throw new UsageError(`--since takes a time such as 30m, 8h or 2d, or a date, not "${typed}".`);
  return time;
}

/** The start time of --from or --since, in ISO 8601. @throws UsageError */
export function fromIn(context: Context & Texts<'from' | 'since'>): string | undefined {
  const since = sinceIn(context);
  if (since !== undefined && textOption(context, 'from') !== undefined)
    throw new UsageError('--from and --since do not go together.');
  return since === undefined ? timeOption(context, 'from') : new Date(since).toISOString();
}

/** A date or a time, in ISO 8601. @throws UsageError */
export function timeOption<N extends string>(context: Texts<NoInfer<N>>, name: N): string | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new UsageError(`--${name} takes a date or a time, not "${value}".`);
  return new Date(time).toISOString();
}

/**
 * The first `limit` items for which `isWanted` holds, from as many pages as it takes.
 * @param isOver true for an item after which no item can be wanted
 */
export async function wantedItems<T>(
  readPage: (cursor: string | undefined) => Promise<{ items: T[]; nextCursor: string | null }>,
  { limit, isWanted, isOver }: { limit: number; isWanted(item: T): boolean; isOver(item: T): boolean },
): Promise<T[]> {
  const wanted: T[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await readPage(cursor);
    wanted.push(...items.filter(isWanted));
    cursor = items.some(isOver) ? undefined : (nextCursor ?? undefined);
  } while (cursor !== undefined && wanted.length < limit);
  return wanted.slice(0, limit);
}
