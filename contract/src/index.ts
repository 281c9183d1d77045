// The contract between Buoy's server and its clients: the only barrel of the repository.
import { access } from './access.ts';
import { admin } from './admin.ts';
import { auth } from './auth.ts';
import { health } from './health.ts';
import { me } from './me.ts';
import { openclaw } from './openclaw.ts';
import { servers } from './servers.ts';
import { tasks } from './tasks.ts';

export * from './access.ts';
export * from './admin.ts';
export * from './alerts.ts';
export * from './auth.ts';
export * from './endpoint.ts';
export * from './errors.ts';
export * from './health.ts';
export * from './me.ts';
export * from './openclaw.ts';
export * from './scalars.ts';
export * from './servers.ts';
export * from './tasks.ts';

/** Every endpoint of Buoy, by its literal key. Paths are below `/api`. */
export const contract = {
  ...health,
  ...auth,
  ...me,
  ...servers,
  ...access,
  ...openclaw,
  ...tasks,
  ...admin,
} as const;
export type Contract = typeof contract;
export type EndpointKey = keyof Contract;
