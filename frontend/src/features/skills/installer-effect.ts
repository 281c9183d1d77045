// What the installer of a skill does, for the question before it runs. Its name and programs are mostly the skill's own words, so they are
// told as such: a skill that an agent has written can install something else.
import type { Skill } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import type { skillsTexts } from './texts.ts';

export function installerEffect(
  { label, kind, bins }: Skill['installable'][number],
  t: (typeof skillsTexts)['en'],
): string {
  const says = bins.length === 0 ? [] : [t.installerSays(visibleText(bins.join(', ')))];
  return [t.installerRuns(visibleText(label), visibleText(kind)), ...says, t.installerTrust].join(' ');
}
