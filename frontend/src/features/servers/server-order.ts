// Problems first: what we know is broken, then what we cannot see, then what we do not know.
import type { Server, ServerState } from '@buoy/contract';

export const statesByUrgency: readonly ServerState[] = [
  'down',
  'unreachable',
  'unknown',
  'maintenance',
  'up',
];

/** A sorted copy: by urgency, then by name as people read it ("web-2" before "web-10"). */
export function problemsFirst(servers: readonly Server[]): Server[] {
  return servers.toSorted(
    (a, b) =>
      statesByUrgency.indexOf(a.status.state) - statesByUrgency.indexOf(b.status.state) ||
      a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: 'base' }) ||
      a.id.localeCompare(b.id),
  );
}

/** How many there are of each state, without those of which there are none. */
export function countByState(servers: readonly Server[]): { state: ServerState; count: number }[] {
  return statesByUrgency
    .map((state) => ({ state, count: servers.filter((server) => server.status.state === state).length }))
    .filter(({ count }) => count > 0);
}
