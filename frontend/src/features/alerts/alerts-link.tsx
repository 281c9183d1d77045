// The link to the alerts, with the number of new ones.
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { CountedLink } from '../../ui/counted-link.tsx';
import { unreadQuery } from './alert-queries.ts';
import { alertsLinkTexts } from './link-texts.ts';

export function AlertsLink() {
  const { api } = useServices();
  const t = useTexts(alertsLinkTexts);
  const count = useQuery(unreadQuery(api)).data ?? 0;
  return (
    <CountedLink
      path="/alerts"
      title={t.alerts}
      spoken={count === 0 ? t.alerts : t.alertsWith(count)}
      count={count}
      shape="M10 3a4.5 4.5 0 0 1 4.5 4.5c0 4 1.5 5 1.5 6H4c0-1 1.5-2 1.5-6A4.5 4.5 0 0 1 10 3M8.2 16a2 2 0 0 0 3.6 0"
    />
  );
}
