// Usage by day: as a chart, and under it the same figures as a table.
import type { OpenclawUsage } from '@buoy/contract';
import { lazy, Suspense, useId, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useLanguage, useTexts } from '../../i18n/use-texts.ts';
import { Panel } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { usageTexts } from './texts.ts';
import { UsageTable } from './usage-table.tsx';

const UsageChart = lazy(async () => {
  try {
    return { default: (await import('./usage-chart.tsx')).UsageChart };
  } catch {
    return { default: ChartDidNotLoad };
  }
});

export function UsageByDay({ usage }: { usage: OpenclawUsage }) {
  const t = useTexts(usageTexts);
  const formats = useFormats();
  const language = useLanguage();
  const name = useId();
  const [metric, setMetric] = useState<'tokens' | 'cost'>('tokens');
  const [pointed, setPointed] = useState<number | null>(null);
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const dayName = (date: string) => days.format(new Date(date));
  const values = usage.byDay.map((day) => (metric === 'tokens' ? day.tokens : day.costUsd));
  const most = Math.max(0, ...values);
  const used = usage.byDay.filter(({ tokens }) => tokens > 0).reverse();
  const day = pointed === null ? undefined : usage.byDay[pointed];
  const label = t.chart(
    metric === 'tokens' ? t.total : t.cost,
    dayName(usage.from),
    dayName(usage.to),
    metric === 'tokens' ? formats.number(most) : formats.money(most),
  );
  return (
    <Panel title={t.byDay}>
      <fieldset>
        <legend className="sr-only">{t.show}</legend>
        <div className="flex gap-2">
          {(['tokens', 'cost'] as const).map((one) => (
            <label key={one} className="flex min-h-11 cursor-pointer items-center gap-2 pr-3 text-sm">
              <input
                type="radio"
                name={name}
                className="size-4 accent-accent"
                checked={metric === one}
                onChange={() => setMetric(one)}
              />
              {one === 'tokens' ? t.total : t.cost}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="mt-1 h-56">
        <Suspense fallback={<Skeleton label={t.loading} rows={3} />}>
          <UsageChart
            key={`${metric} ${language}`}
            label={label}
            dates={usage.byDay.map(({ date }) => date)}
            values={values}
            isMoney={metric === 'cost'}
            onPoint={setPointed}
          />
        </Suspense>
      </div>
      <p className="mb-3 min-h-5 text-xs text-muted">
        {day === undefined
          ? t.pointAtDay
          : metric === 'tokens'
            ? t.tokensOn(dayName(day.date), day.tokens)
            : t.costOn(dayName(day.date), formats.money(day.costUsd))}
      </p>
      <UsageTable
        title={t.byDay}
        first={t.day}
        rows={used.map((row) => ({ ...row, name: dayName(row.date) }))}
      />
      {used.length < usage.byDay.length && <p className="mt-2 text-xs text-muted">{t.onlyUsedDays}</p>}
    </Panel>
  );
}

function ChartDidNotLoad() {
  const t = useTexts(usageTexts);
  return <p className="text-sm text-muted">{t.chartNotLoaded}</p>;
}
