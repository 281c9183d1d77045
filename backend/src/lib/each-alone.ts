// What must be done although something else fails: each by itself, and what fails is in the log.
import type { Logger } from './logger.ts';

/**
 * Does all `acts` one after the other, and resolves when all were tried.
 * @param acts by what they do, as the log says it: "could not …"
 * @param fields stand with each failure in the log
 */
export async function eachAlone(
  logger: Pick<Logger, 'error'>,
  fields: object,
  acts: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  for (const [what, act] of Object.entries(acts)) {
    try {
      await act();
    } catch (error) {
      logger.error({ ...fields, err: error }, `could not ${what}`);
    }
  }
}
