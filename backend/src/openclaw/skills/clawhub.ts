// Searches ClawHub through the gateway, and maps its errors.
import type { ClawhubSkill } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { refusalIn } from '../gateway/refusals.ts';
import { cutText, firstOf, nameText, wordText } from '../reads/bounded.ts';

/** More than are asked for. */
const MAX_RESULTS = 100;

const result = z.looseObject({
  slug: nameText,
  displayName: nameText.nullish().catch(null),
  summary: cutText(4_000).nullish().catch(null),
  version: wordText.nullish().catch(null),
  ownerHandle: nameText.nullish().catch(null),
  official: z.boolean().nullish().catch(null),
});

/** `skills.search`; results that have no slug cannot be installed and are left out. */
export const searchResults = z
  .looseObject({ results: firstOf(z.unknown(), MAX_RESULTS) })
  .transform(({ results }) =>
    results.flatMap((one): ClawhubSkill[] => {
      const { data } = result.safeParse(one);
      if (data === undefined) return [];
      return [
        {
          slug: data.slug,
          name: data.displayName ?? data.slug,
          summary: data.summary ?? null,
          version: data.version ?? null,
          owner: data.ownerHandle ?? null,
          official: data.official ?? null,
        },
      ];
    }),
  );

const unavailable = z.looseObject({
  openclaw: z.looseObject({ code: z.literal('UNAVAILABLE'), message: z.string() }),
  /** Set while the gateway itself is unavailable. */
  retryAfterMs: z.undefined().optional(),
});

/** Messages of Node and OpenClaw for an unreachable network. */
const noWay =
  /\b(?:fetch failed|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|UND_ERR|timed? ?out|getaddrinfo|socket hang up)\b/i;

/**
 * OpenClaw has one code, UNAVAILABLE, for a gateway that is busy and for anything that failed behind it (2026.9.6). Any other error
 * comes back as it is.
 * @param deed "search ClawHub", to follow "OpenClaw could not"
 */
export function behindGateway(error: unknown, deed: string): unknown {
  const refusal = refusalIn(error);
  if (refusal !== null) return inWords(refusal.message, deed, error);
  if (!isAppError(error, 'gateway_unavailable')) return error;
  const parsed = unavailable.safeParse(error.details);
  if (!parsed.success) return error;
  const { openclaw } = parsed.data;
  if (noWay.test(openclaw.message))
    return new AppError(
      'clawhub_unreachable',
      `OpenClaw could not ${deed}: the server cannot reach ClawHub.`,
      {
        hint: 'Allow the server to reach the internet, or upload the skill here.',
        details: { openclaw: { message: withoutPaths(openclaw.message) } },
        cause: error,
      },
    );
  return inWords(openclaw.message, deed, error);
}

function inWords(message: string, deed: string, cause: unknown): AppError {
  return new AppError('refused', `OpenClaw could not ${deed}: ${withoutPaths(message)}`, {
    hint: 'The reason is quoted from OpenClaw.',
    cause,
  });
}

/** One line, without the paths of the server. */
export function withoutPaths(words: string): string {
  return words
    .replace(/(?:~|\B)(?:\/[\w.@+-]+){2,}\/?/g, '…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}
