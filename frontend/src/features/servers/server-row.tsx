// One server in the list, in one line where there is room and else in two: who it is, how it is, why, how it has been lately, and how old that knowledge is.
import type { Server } from '@buoy/contract';
import { memo } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { linkTo } from '../../navigation.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { HourStrip } from '../history/hour-strip.tsx';
import type { KnownHours } from '../history/list-hours.ts';
import { addressOf } from './address-of.ts';
import type { StatusAnswer } from './known-statuses.ts';
import { RowFacts } from './row-facts.tsx';
import { CheckedAge, StateBadge } from './server-state.tsx';

/**
 * What is out of sight is not laid out: two hundred rows scroll and filter as ten do.
 * @param known what OpenClaw said last; null: not read yet
 * @param hours null: not read yet
 */
export const ServerRow = memo(function ServerRow({
  server,
  known,
  hours,
  selected,
}: {
  server: Server;
  known: StatusAnswer | null;
  hours: KnownHours | null;
  selected: boolean;
}) {
  const { id, name, status } = server;
  const formats = useFormats();
  const [reason] = status.reasons;
  return (
    <li
      data-server={id}
      className="border-b border-line [contain-intrinsic-size:auto_4rem] [content-visibility:auto] last:border-b-0 @3xl:[contain-intrinsic-size:auto_3rem]"
    >
      <a
        {...linkTo(`/servers/${id}`)}
        aria-current={selected ? 'page' : undefined}
        className="grid min-h-16 grid-cols-[minmax(0,1fr)_auto] content-center items-center gap-x-3 gap-y-1 px-4 py-2 hover:bg-inset focus-visible:-outline-offset-2 aria-[current=page]:bg-inset aria-[current=page]:shadow-[inset_3px_0_0_var(--accent)] @3xl:min-h-12 @3xl:grid-cols-[minmax(0,4fr)_minmax(0,6fr)_9.5rem_12.5rem] @3xl:py-1 @4xl:grid-cols-[minmax(0,4fr)_minmax(0,6fr)_14.5rem_12.5rem]"
      >
        <span className="flex min-w-0 items-baseline gap-2">
          <span className="max-w-full shrink-0 truncate font-medium">
            <VisibleText text={name} />
          </span>
          <span className="min-w-0 truncate font-mono text-xs text-muted">{addressOf(server)}</span>
        </span>
        <span className="justify-self-end @3xl:order-last">
          <StateBadge status={status} isShort />
        </span>
        <span className="min-w-0 truncate text-xs text-muted @3xl:text-sm">
          {reason === undefined ? (
            <RowFacts server={server} known={known} />
          ) : (
            <span lang="en" className="text-ink">
              <VisibleText text={formats.localTimes(reason)} />
            </span>
          )}
        </span>
        <span className="flex items-center gap-x-2 justify-self-end text-xs text-muted @3xl:justify-self-start">
          <span className="@3xl:hidden @4xl:inline">
            <HourStrip known={hours} />
          </span>
          <CheckedAge checkedAt={status.checkedAt} isShort />
        </span>
      </a>
    </li>
  );
});
