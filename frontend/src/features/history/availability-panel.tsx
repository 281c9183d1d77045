// For how much of the time a server was up, and its last 24 hours one by one.
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Panel } from '../../ui/panel.tsx';
import { useNow } from '../../ui/use-now.ts';
import { AvailabilityFacts } from './availability-facts.tsx';
import { historyQuery } from './history-queries.ts';
import { type Hour, type HourKind, hoursOf, kindOf } from './hours.ts';
import { historyTexts } from './texts.ts';

const MINUTE_MS = 60_000;

/** Nothing for a server that was not watched yet: it has no past. */
export function AvailabilityPanel({ serverId }: { serverId: string }) {
  const { api } = useServices();
  const t = useTexts(historyTexts);
  const { data } = useQuery(historyQuery(api, serverId));
  if (data === undefined || data.availability.d90 === null) return null;
  return (
    <Panel title={t.title}>
      <Strip points={data.points} />
      <AvailabilityFacts availability={data.availability} />
    </Panel>
  );
}

function Strip({ points }: { points: Parameters<typeof hoursOf>[0] }) {
  const t = useTexts(historyTexts);
  const formats = useFormats();
  const hours = hoursOf(points, useNow(MINUTE_MS));
  const unseen = hours.filter(({ upShare }) => upShare === null).length;
  const whole = hours.filter(({ upShare }) => upShare === 1).length;
  const what = ({ state, upShare }: Hour) => {
    if (upShare !== null) return t.up(formats.exactPercent(upShare));
    return state === 'maintenance' ? t.maintenance : t.unknown;
  };
  return (
    <div
      role="img"
      aria-label={t.strip(whole, hours.length - whole - unseen, unseen)}
      className="flex h-8 items-stretch gap-0.5"
    >
      {hours.map((hour) => (
        <span
          key={hour.at}
          title={t.hour(formats.moment(hour.at), what(hour))}
          className={`min-w-1 flex-1 rounded-xs ${tones[kindOf(hour)]}`}
        />
      ))}
    </div>
  );
}

/** Colour is not all that tells them apart: an hour with an outage is lower. */
const tones: Record<HourKind, string> = {
  up: 'bg-up',
  down: 'mt-3 bg-down',
  unreachable: 'mt-3 bg-unreachable',
  maintenance: 'mt-6 bg-maintenance',
  notChecked: 'mt-6 bg-line',
};
