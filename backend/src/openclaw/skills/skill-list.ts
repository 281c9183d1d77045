// OpenClaw's skill list in the form of the contract, from the gateway or its command on the host.
import { posix } from 'node:path';
import type { Skill, SkillSource } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { explained, type Meaning, refusalIn } from '../gateway/refusals.ts';
import {
  boundedArray,
  cutText,
  entriesIn,
  firstOf,
  MAX_NAME,
  MAX_WORD,
  nameText,
  ownValue,
  textIn,
  textsIn,
  wordText,
} from '../reads/bounded.ts';
import type { GatewayCall } from '../reads/reader.ts';
import type { SkillFolder } from './skill-folders.ts';

/** OpenClaw includes some 60 skills. */
const MAX_SKILLS = 500;
const MAX_NEEDS = 100;
const MAX_INSTALLERS = 20;

/** What a skill needs; empty for a list of anything else. */
const texts = z.unknown().optional().transform(needsIn);

function needsIn(list: unknown): string[] {
  return textsIn(list, MAX_NEEDS, MAX_NAME) ?? [];
}

/** What installs that; none of a list in which one has no id. */
const installers = z
  .unknown()
  .optional()
  .transform((list) => entriesIn(list, MAX_INSTALLERS, installerOf) ?? []);

function installerOf(one: unknown) {
  if (!isObject(one)) return null;
  const id = textIn(one.id, MAX_NAME);
  if (id === null) return null;
  return {
    id,
    kind: textIn(one.kind, MAX_WORD) ?? '',
    label: textIn(one.label, MAX_NAME) ?? '',
    bins: needsIn(one.bins),
  };
}

const missing = z
  .looseObject({ bins: texts, anyBins: texts, env: texts, config: texts, os: texts })
  .transform(({ bins, anyBins, env, config, os }) => ({ bins, anyBins, env, config, os }))
  .catch({ bins: [], anyBins: [], env: [], config: [], os: [] });

const entry = z.looseObject({
  name: nameText,
  skillKey: nameText.nullish().catch(null),
  description: cutText(4_000).catch(''),
  source: wordText.catch(''),
  bundled: z.boolean().catch(false),
  emoji: wordText.nullish().catch(null),
  homepage: nameText.nullish().catch(null),
  disabled: z.boolean().catch(false),
  eligible: z.boolean().catch(false),
  blockedByAgentFilter: z.boolean().catch(false),
  missing,
  install: installers,
  /** Only the gateway reports it. */
  baseDir: z.string().nullish().catch(null),
});
export type SkillEntry = z.output<typeof entry>;

/** `skills.status` of the gateway and `openclaw skills list --json` (2026.7.35 and 2026.9.6), which has fewer fields. */
export const skillStatus = z.looseObject({
  /** The agent that it is about. */
  agentId: nameText.nullish().catch(null),
  workspaceDir: z.string(),
  managedSkillsDir: z.string(),
  skills: boundedArray(entry, MAX_SKILLS),
});
export type SkillStatus = z.output<typeof skillStatus>;

/** OpenClaw's names of where a skill was found (2026.7.35 and 2026.9.6). */
const sources: Readonly<Record<string, SkillSource>> = {
  'openclaw-bundled': 'bundled',
  'openclaw-custodian': 'bundled',
  'openclaw-workspace': 'workspace',
  'openclaw-managed': 'managed',
  'openclaw-extra': 'extra',
  'openclaw-plugin': 'plugin',
  'openclaw-workshop': 'workshop',
  'openclaw-library': 'library',
  'agents-skills-personal': 'personal',
  'agents-skills-project': 'project',
};

export function skillsOf(status: SkillStatus): Skill[] {
  return status.skills.map((one) => skillOf(status, one));
}

export function skillOf(status: SkillStatus, one: SkillEntry): Skill {
  return {
    name: one.name,
    key: one.skillKey ?? one.name,
    description: one.description,
    source: ownValue(sources, one.source) ?? (one.bundled ? 'bundled' : 'other'),
    emoji: one.emoji ?? null,
    homepage: one.homepage ?? null,
    enabled: !one.disabled,
    eligible: one.eligible,
    blockedByAgent: one.blockedByAgentFilter,
    missing: one.missing,
    installable: one.install.map(({ id, kind, label, bins }) => ({ installId: id, kind, label, bins })),
    removable: isOfPeople(one) && (one.baseDir == null || placeIn(status, one) !== null),
  };
}

/** The skill of that name, or of that key where no name fits. Throws AppError `not_found`. */
export function entryNamed(status: SkillStatus, name: string): SkillEntry {
  const found =
    status.skills.find((one) => one.name === name) ?? status.skills.find((one) => one.skillKey === name);
  if (found !== undefined) return found;
  throw new AppError('not_found', 'There is no such skill.', {
    hint: 'For a skill of one agent, pass its agentId.',
  });
}

/** Where a skill of this scope belongs: one agent's workspace, or the folder that all agents share. */
export function rootOf(status: SkillStatus, scope: 'agent' | 'server'): string {
  return scope === 'agent' ? posix.join(status.workspaceDir, 'skills') : status.managedSkillsDir;
}

/** The skill's own folder in the upload location; null when it is anywhere else. */
export function placeIn(status: SkillStatus, { baseDir }: SkillEntry): SkillFolder | null {
  if (baseDir == null) return null;
  const root = posix.dirname(baseDir);
  const isOurs = root === rootOf(status, 'agent') || root === rootOf(status, 'server');
  return isOurs ? { root, name: posix.basename(baseDir) } : null;
}

/** Uploaded or installed by a person, not part of OpenClaw or a plugin. */
export function isOfPeople({ source, bundled }: SkillEntry): boolean {
  return !bundled && (source === 'openclaw-workspace' || source === 'openclaw-managed');
}

const agentIds = z.looseObject({
  agents: firstOf(z.looseObject({ id: z.string() }), 1).refine((agents) => agents.length > 0),
});

/**
 * `skills.status` of that agent, or of the default one. Where OpenClaw has several and none is the default (2026.9.6), of the first.
 * Throws AppError, `not_found` for an unknown agent.
 */
export async function readStatus(call: GatewayCall, agentId: string | undefined): Promise<SkillStatus> {
  const of = (id: string) => explained(call('skills.status', { agentId: id }, skillStatus), [noSuchAgent]);
  if (agentId !== undefined) return of(agentId);
  try {
    return await call('skills.status', {}, skillStatus);
  } catch (error) {
    if (!/\bno explicit owner\b/i.test(refusalIn(error)?.message ?? '')) throw error;
    const { agents } = await call('agents.list', {}, agentIds);
    return of(agents[0]!.id);
  }
}

const noSuchAgent: Meaning = {
  when: ({ message }) => /\bunknown agent\b/i.test(message),
  is: () => new AppError('not_found', 'There is no such agent.'),
};
