// Skills as a person looks for them: what somebody put there first, then what works, then what lacks something.
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

/** By name. `own`: somebody put them there, so that they can be removed; the others are what OpenClaw brings, by their state. */
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
