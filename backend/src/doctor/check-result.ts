// One result of the doctor and its text.

export type CheckResult = {
  /** The checked item: one word, or a server name. */
  about: string;
  state: 'ok' | 'problem' | 'not set up';
  says: string;
  /** What to do about a problem. */
  advice?: string;
};

export const ok = (about: string, says: string): CheckResult => ({ about, state: 'ok', says });
export const problem = (about: string, says: string, advice: string): CheckResult => ({
  about,
  state: 'problem',
  says,
  advice,
});

/** One line, and a second one with the advice. */
export function linesOf({ about, state, says, advice }: CheckResult): string[] {
  const first = `${state.padEnd(10)}  ${about}: ${says}`;
  return advice === undefined ? [first] : [first, `${' '.repeat(12)}${advice}`];
}
