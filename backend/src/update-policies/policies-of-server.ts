// What the policies for the tags of one server come to: the version of an update, and whether there is a time for it.
import type { WeeklyWindow } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';

/** The policies of its owner that hold for a server, by their tags. */
export type ServerPolicies = {
  pins: ReadonlyArray<{ tag: string; version: string }>;
  windows: ReadonlyArray<{ tag: string; window: WeeklyWindow }>;
};

/** Tags that are named in one sentence; a server has at most twenty. */
const MAX_NAMED = 4;

/** The version that they pin OpenClaw to; null: none, or they do not agree. */
export function pinnedVersion({ pins }: ServerPolicies): string | null {
  const [version, ...others] = new Set(pins.map((pin) => pin.version));
  return version === undefined || others.length > 0 ? null : version;
}

/**
 * The version that an update takes which was asked for `wanted`: a pin stands in for `latest`.
 * @param wanted an exact version, or `latest`, which is the answer as well where nothing is pinned
 * @throws AppError `conflict` when pins do not agree, or another version is wanted
 */
export function targetUnder(policies: ServerPolicies, wanted: string): string {
  const { pins } = policies;
  const pinned = pinnedVersion(policies);
  if (pinned === null && pins.length === 0) return wanted;
  if (pinned === null)
    throw new AppError(
      'conflict',
      `Tags of this server pin OpenClaw to different versions: ${named(
        pins.map(({ tag, version }) => `"${tag}" to ${version}`),
      )}.`,
      {
        hint: `The owner of the server can change or remove one of the pins: ${WHERE}`,
      },
    );
  if (wanted === 'latest' || wanted === pinned) return pinned;
  throw new AppError('conflict', `OpenClaw is pinned to ${pinned} on this server by ${tagsOf(pins)}.`, {
    hint: `Update to ${pinned}. Or the owner of the server can change or remove the pin: ${WHERE}`,
  });
}

/** Why no rollout ever updates a server whose windows are at no time open together. */
export function neverOpen({ windows }: ServerPolicies): AppError {
  return new AppError(
    'conflict',
    `The update windows of ${tagsOf(windows)} are not open at the same time within the next three weeks.`,
    {
      hint: `The owner of the server can change one of the windows: ${WHERE}`,
    },
  );
}

const WHERE = '“Update policies” in the web app, or buoy update-policies set TAG.';

function tagsOf(policies: ReadonlyArray<{ tag: string }>): string {
  const tags = policies.map(({ tag }) => `"${tag}"`);
  return `${tags.length === 1 ? 'the tag' : 'the tags'} ${named(tags)}`;
}

function named(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_NAMED);
  const more = texts.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(', ')} and ${last}`;
}
