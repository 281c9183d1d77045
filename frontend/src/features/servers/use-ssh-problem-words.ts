// What to tell a person about an address or ssh command that cannot be read.
import { useTexts } from '../../i18n/use-texts.ts';
import { formTexts } from './form-texts.ts';
import type { SshProblem } from './ssh-command.ts';
import { sshWords } from './ssh-words.ts';

export function useSshProblemWords(): (problem: SshProblem) => string {
  const t = useTexts(formTexts);
  return ({ kind, value }) => sshWords(t, `problem_${kind}`, value);
}
