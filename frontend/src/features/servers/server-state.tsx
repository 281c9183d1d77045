// The state of a server, with its own word, shape and colour.
import type { Server, ServerState } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useTimedText } from '../../ui/clock.ts';
import { stateTexts } from './state-texts.ts';

const stateStyles: Record<ServerState, { tone: string; shape: string }> = {
  up: { tone: 'text-up bg-up/10', shape: 'M3 8.5 6.5 12 13 4.5' },
  down: { tone: 'text-down bg-down/12', shape: 'M4 4l8 8M12 4l-8 8' },
  unreachable: {
    tone: 'text-unreachable bg-unreachable/12',
    shape: 'M2 8h3M11 8h3M7 4.5 6 11.5M10 4.5 9 11.5',
  },
  unknown: {
    tone: 'text-unknown bg-unknown/12',
    shape: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.6 8 9 8 9.8M8 12.6v.4',
  },
  maintenance: { tone: 'text-maintenance bg-maintenance/12', shape: 'M6 3.5v9M10 3.5v9' },
  not_set_up: {
    tone: 'text-muted outline-1 -outline-offset-1 outline-edge outline-dashed',
    shape: 'M8 4v8M4 8h8',
  },
};

/**
 * The state as a badge with its duration; for `unknown`, the time since it is unknown.
 * @param isShort in a list: the time only where the list is wide
 */
export function StateBadge({ status, isShort = false }: { status: Server['status']; isShort?: boolean }) {
  const t = useTexts(stateTexts);
  const { tone, shape } = stateStyles[status.state];
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
      {t[status.state]} {status.state !== 'up' && <Elapsed since={status.since} isShort={isShort} />}
    </span>
  );
}

function Elapsed({ since, isShort }: { since: string; isShort: boolean }) {
  const t = useTexts(stateTexts);
  const formats = useFormats();
  const span = useTimedText((now) => formats.span(since, now));
  return <span className={`font-normal ${isShort ? 'hidden @md:inline' : ''}`}>{t.lasting(span)}</span>;
}

/**
 * How old what we show of a server is.
 * @param isShort in a list: the age alone where the list is narrow
 */
export function CheckedAge({ checkedAt, isShort = false }: { checkedAt: string | null; isShort?: boolean }) {
  const t = useTexts(stateTexts);
  const formats = useFormats();
  const age = useTimedText((now) => (checkedAt === null ? '' : formats.age(checkedAt, now)));
  if (checkedAt === null) return t.neverChecked;
  return (
    <>
      <span className={isShort ? 'sr-only @3xl:not-sr-only' : ''}>{t.checked}</span> {age}
    </>
  );
}
