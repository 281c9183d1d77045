// The share of the last day, week and quarter in which a server was up.
import type { Contract, ResponseOf } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Facts } from '../../ui/facts.tsx';
import { historyTexts } from './texts.ts';

type Availability = ResponseOf<Contract['GET /servers/:id/history']>['availability'];

export function AvailabilityFacts({ availability: { h24, d7, d90 } }: { availability: Availability }) {
  const t = useTexts(historyTexts);
  const formats = useFormats();
  const share = (value: number | null) => (value === null ? t.unknown : formats.exactPercent(value));
  return (
    <>
      <Facts
        facts={[
          { term: t.h24, value: share(h24) },
          { term: t.d7, value: share(d7) },
          { term: t.d90, value: share(d90) },
        ]}
      />
      <p className="mt-3 text-xs text-muted">{t.about}</p>
    </>
  );
}
