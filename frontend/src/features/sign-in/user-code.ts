// The code that a terminal shows and a person types, however they type it.

/**
 * @param typed the code in any case, with a hyphen, a space or neither; or the whole link that the terminal prints
 * @returns as the terminal shows it, such as "ABCD-EFGH"; null when it cannot be a code
 */
export function normaliseUserCode(typed: string): string | null {
  const bare = /#code=([^&?]*)/.exec(typed)?.[1] ?? typed;
  const letters = bare.replace(/(?:[\s\u2010-\u2015-]|%20)+/g, '').toUpperCase();
  return /^[A-Z]{8}$/.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : null;
}
