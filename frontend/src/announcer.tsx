// The app's live region for announcements. It is mounted before the first announcement, because screen readers need that.
import { useSyncExternalStore } from 'react';
import { useServices } from './services.ts';

export function Announcer() {
  const { announcements } = useServices();
  const latest = useSyncExternalStore(announcements.subscribe, announcements.latest);
  return (
    <div role="status" className="sr-only">
      {latest !== null && <p key={latest.id}>{latest.words}</p>}
    </div>
  );
}
