// The contract between Buoy's server and its clients: the only barrel of the repository.
import { auth } from './auth.ts';
import { health } from './health.ts';
import { openclaw } from './openclaw.ts';
import { servers } from './servers.ts';
import { tasks } from './tasks.ts';

export * from './auth.ts';
export * from './endpoint.ts';
export * from './errors.ts';
export * from './health.ts';
export * from './openclaw.ts';
export * from './scalars.ts';
export * from './servers.ts';
export * from './tasks.ts';

/** Every endpoint of Buoy, by its literal key. Paths are below `/api`. */
export const contract = { ...health, ...auth, ...servers, ...openclaw, ...tasks } as const;
export type Contract = typeof contract;
export type EndpointKey = keyof Contract;
