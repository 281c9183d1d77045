// One server of a public status page: how it is, and how it was.
import type { PublicStatus } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useTimedText } from '../../ui/clock.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { StateIcon, toneOf } from './public-state.tsx';
import { publicTexts } from './public-texts.ts';
import { STRIP_HEIGHT, stripCounts, stripPaths } from './strip-paths.ts';

type Server = PublicStatus['servers'][number];

export function PublicServer({ server, name }: { server: Server; name: string }) {
  const t = useTexts(publicTexts);
  const formats = useFormats();
  const span = useTimedText((now) => formats.span(server.since, now));
  const { state, strip, availability } = server;
  const share = (value: number | null) => (value === null ? t.notChecked : formats.exactPercent(value));
  return (
    <li className="space-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <h3 className="min-w-0 font-medium">
          <VisibleText text={name} kind="name" />
        </h3>
        <span
          className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-semibold whitespace-nowrap ${toneOf(state)}`}
        >
          <StateIcon state={state} className="size-3.5" />
          {t[state]} {state !== 'up' && <span className="font-normal">{t.lasting(span)}</span>}
        </span>
      </div>
      {strip.length > 0 && (
        <>
          <Strip strip={strip} />
          <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
            {(['h24', 'd7', 'd90'] as const).map((range) => (
              <div key={range} className="flex gap-1">
                <dt className="text-muted">{t[range]}</dt>
                <dd className="tabular-nums">{share(availability[range])}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </li>
  );
}

function Strip({ strip }: { strip: Server['strip'] }) {
  const t = useTexts(publicTexts);
  const { whole, broken, unseen } = stripPaths(strip);
  const counts = stripCounts(strip);
  return (
    <div>
      <svg
        role="img"
        aria-label={t.strip(counts.whole, counts.broken, counts.unseen)}
        viewBox={`0 0 ${strip.length} ${STRIP_HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-8 w-full"
      >
        <path d={whole} className="fill-up" />
        <path d={broken} className="fill-down" />
        <path d={unseen} className="fill-line" />
      </svg>
      <div aria-hidden="true" className="flex justify-between text-xs text-muted">
        <span>{t.daysAgo}</span>
        <span>{t.today}</span>
      </div>
    </div>
  );
}
