// The one live region for what happened where no page says so: out of sight, and there before anything is said in it.
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
