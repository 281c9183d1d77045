// What a module may ask of a logger: pino's shape, so that a child logger of Fastify fits as it is.
import type { Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'child'>;
