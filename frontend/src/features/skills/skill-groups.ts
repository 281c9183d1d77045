// Groups skills: added ones first, then ready ones, then those with missing requirements.
import type { Skill } from '@buoy/contract';

export const skillStates = ['ready', 'lacking', 'off'] as const;
export type SkillState = (typeof skillStates)[number];

/** `off` wins: what is switched off lacks nothing that matters now. */
export function stateOf(skill: Skill): SkillState {
  if (!skill.enabled) return 'off';
  return skill.eligible ? 'ready' : 'lacking';
}

export type SkillFilter = {
  /** Empty: all. */
  state: string;
  /** Empty: all; else it stands in the name or the description, in any case. */
  text: string;
};

export function filterSkills(skills: readonly Skill[], { state, text }: SkillFilter): Skill[] {
  const wanted = text.trim().toLowerCase();
  return skills.filter(
    (skill) =>
      (state === '' || stateOf(skill) === state) &&
      (wanted === '' || `${skill.name} ${skill.description}`.toLowerCase().includes(wanted)),
  );
}

/** Sorted by name. `own`: added skills, which can be removed. The others come with OpenClaw and are grouped by state. */
export function groupSkills(skills: readonly Skill[]): Record<'own' | SkillState, Skill[]> {
  const sorted = [...skills].sort((one, other) => one.name.localeCompare(other.name));
  const brought = (state: SkillState) =>
    sorted.filter((skill) => !skill.removable && stateOf(skill) === state);
  return {
    own: sorted.filter(({ removable }) => removable),
    ready: brought('ready'),
    lacking: brought('lacking'),
    off: brought('off'),
  };
}
