// What is wrong with the lines of a pasted list, each with its number.
import { useTexts } from '../../i18n/use-texts.ts';
import { useSshProblemWords } from '../servers/use-ssh-problem-words.ts';
import type { ListedServers } from './bulk-targets.ts';
import type { LineProblem, ServerLines } from './server-lines.ts';
import { bulkTexts } from './texts.ts';

/** In the order of the lines. */
export function useLineProblems({ problems }: ServerLines, { taken }: ListedServers): string[] {
  const t = useTexts(bulkTexts);
  const sshProblemWords = useSshProblemWords();
  const wordsOf = ({ kind, value }: LineProblem): string => {
    switch (kind) {
      case 'extra':
      case 'name':
      case 'username':
      case 'sameName':
      case 'sameAddress':
      case 'tooMany':
        return t[`problem_${kind}`](value);
      default:
        return sshProblemWords({ kind, value });
    }
  };
  return [
    ...problems.map((problem) => ({ line: problem.line, words: wordsOf(problem) })),
    ...taken.map(({ line, name, isGiven }) => ({
      line,
      words: isGiven ? t.problem_given(name) : t.problem_taken(name),
    })),
  ]
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, words }) => t.lineProblem(line, words));
}
