// The last 24 hours of a server as a small strip in its row of the list.
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { hourStripTexts } from './hour-strip-texts.ts';
import { type HourKind, kindOf } from './hours.ts';
import type { KnownHours } from './list-hours.ts';

/** Units of the drawing, which are pixels on the page. */
const HEIGHT = 14;
const BAR = 2;
const STEP = 3;
const BARS = 24;
const WIDTH = BARS * STEP - (STEP - BAR);

/** The height tells them apart without colour. */
const shapes: Record<HourKind, { tone: string; height: number }> = {
  up: { tone: 'fill-up', height: 14 },
  down: { tone: 'fill-down', height: 8 },
  unreachable: { tone: 'fill-unreachable', height: 8 },
  maintenance: { tone: 'fill-maintenance', height: 4 },
  notChecked: { tone: 'fill-edge', height: 2 },
};

/** @param known null: not read yet; its place is kept free */
export function HourStrip({ known }: { known: KnownHours | null }) {
  const t = useTexts(hourStripTexts);
  const formats = useFormats();
  const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
  if (known === null) return <svg aria-hidden="true" {...size} />;
  const kinds = known.hours.map((hour) => (hour === null ? 'notChecked' : kindOf(hour)));
  return (
    <svg
      role="img"
      aria-label={known.upShare === null ? t.notChecked : t.up(formats.exactPercent(known.upShare))}
      {...size}
    >
      {[...new Set(kinds)].map((kind) => (
        <path key={kind} className={shapes[kind].tone} d={barsOf(kinds, kind)} />
      ))}
    </svg>
  );
}

/** All bars of one kind are one path: three hundred rows stay light. */
function barsOf(kinds: readonly HourKind[], kind: HourKind): string {
  const { height } = shapes[kind];
  return kinds
    .map((one, index) =>
      one === kind ? `M${index * STEP} ${HEIGHT - height}h${BAR}v${height}h-${BAR}z` : '',
    )
    .join('');
}
