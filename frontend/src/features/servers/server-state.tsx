// The state of a server: a word, a shape and a colour of its own for each, so that no two are ever mixed up.
import type { Server, ServerState } from '@buoy/contract';
import { formatAge, formatSpan } from '../../ui/age.ts';

type Look = { word: string; tone: string; shape: string };

const looks: Record<ServerState, Look> = {
  up: { word: 'Up', tone: 'text-up bg-up/10', shape: 'M3 8.5 6.5 12 13 4.5' },
  down: { word: 'Down', tone: 'text-down bg-down/12', shape: 'M4 4l8 8M12 4l-8 8' },
  unreachable: {
    word: 'Unreachable',
    tone: 'text-unreachable bg-unreachable/12',
    shape: 'M2 8h3M11 8h3M7 4.5 6 11.5M10 4.5 9 11.5',
  },
  unknown: {
    word: 'Unknown',
    tone: 'text-unknown bg-unknown/12',
    shape: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.6 8 9 8 9.8M8 12.6v.4',
  },
  maintenance: {
    word: 'Maintenance',
    tone: 'text-maintenance bg-maintenance/12',
    shape: 'M6 3.5v9M10 3.5v9',
  },
};

export const stateWord = (state: ServerState): string => looks[state].word;

/** The state as a badge, with how long it has lasted: for unknown, that is how long nobody knows. */
export function StateBadge({ status, now }: { status: Server['status']; now: number }) {
  const { word, tone, shape } = looks[status.state];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-semibold whitespace-nowrap ${tone}`}
    >
      <svg
        aria-hidden="true"
        viewBox="0 0 16 16"
        className="size-3.5 fill-none stroke-current stroke-2"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d={shape} />
      </svg>
      {word}{' '}
      {status.state !== 'up' && <span className="font-normal">for {formatSpan(status.since, now)}</span>}
    </span>
  );
}

/** How old what we show is. */
export function checkedAge(status: Server['status'], now: number): string {
  return status.checkedAt === null ? 'Never checked' : `Checked ${formatAge(status.checkedAt, now)}`;
}
