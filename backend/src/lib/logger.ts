// The logger interface of modules, which pino and Fastify's loggers implement.

type Log = { (fields: object, message: string): void; (message: string): void };

export type Logger = {
  trace: Log;
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: object): Logger;
};
