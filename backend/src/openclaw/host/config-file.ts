// The text of openclaw.json, parsed once for all that is read out of it: JSON5 of the longest that is read takes 40 ms.
import { isAppError } from '../../lib/app-error.ts';
import { parseJson5 } from '../gateway/json-limits.ts';

export type ConfigFile = {
  /** Undefined where it cannot be told. */
  value: unknown;
  /** Why not; null where it can be. */
  problem: string | null;
};

export const brokenConfig = 'The config file of OpenClaw is not valid JSON5.';

/** @param text null when the file is absent or cannot be read; then so is the answer */
export function parseConfigFile(text: string | null): ConfigFile | null {
  if (text === null) return null;
  try {
    return { value: parseJson5(text), problem: null };
  } catch (error) {
    // The parser's message would quote the file.
    return { value: undefined, problem: isAppError(error) ? error.message : brokenConfig };
  }
}
