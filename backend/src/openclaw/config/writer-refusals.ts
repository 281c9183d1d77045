// Why a config change is not written, in words.
import type { ConfigChange } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Meaning } from '../gateway/refusals.ts';
import { type ConfigReading, configIssues, plain } from './read-config.ts';

/** Of `config.patch`. */
export const refusals: Meaning[] = [
  { when: ({ message }) => message.startsWith('config changed since last load'), is: () => overtaken() },
  {
    when: ({ details }) => plain(configIssues.parse(details.issues)).length > 0,
    is: ({ message, details }) => invalid(message, plain(configIssues.parse(details.issues))),
  },
];

function overtaken(): AppError {
  return new AppError('conflict', 'The config was changed at the same time.');
}

/** @param changes null: not known */
export function stale(now: ConfigReading, changes: ConfigChange[] | null): AppError {
  return new AppError('stale_version', 'The config has changed since you read it; nothing was written.', {
    hint: 'Check what changed, then send your change again with the new hash.',
    details: { hash: now.hash, changes },
  });
}

function invalid(message: string, issues: Array<{ path: string; message: string }>): AppError {
  const isFile = message.includes('before patching');
  return new AppError(
    'refused',
    isFile
      ? 'The config file itself is not valid, so OpenClaw does not change it.'
      : 'OpenClaw rejected this config; nothing was written.',
    {
      hint: isFile ? 'Repair the file on the server first.' : 'The details list each problem with its path.',
      details: { issues, openclaw: { message } },
    },
  );
}

/** 2026.7.35 accepts 3 changes in a minute, 2026.9.6 accepts 30. */
const busy = z.looseObject({
  openclaw: z.looseObject({ message: z.string().startsWith('rate limit exceeded') }),
  retryAfterMs: z.number().catch(60_000),
});

/** The refusal of a change too many; null for any other error. */
export function tooMany(error: unknown): AppError | null {
  if (!isAppError(error, 'gateway_unavailable')) return null;
  const { data } = busy.safeParse(error.details);
  if (data === undefined) return null;
  const retryAfterS = Math.max(1, Math.ceil(data.retryAfterMs / 1_000));
  return new AppError('rate_limited', 'OpenClaw accepts no more config changes right now.', {
    hint: `Wait ${retryAfterS} s, or combine several changes into one.`,
    details: { retryAfterS },
    cause: error,
  });
}
