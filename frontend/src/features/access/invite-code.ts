// The code in an invite link, however it was pasted.

/**
 * @param pasted the link, a sentence around it, or the bare code
 * @returns null when there is no code in it
 */
export function inviteCodeIn(pasted: string): string | null {
  const linked = /\/invite#code=([\w-]+)/.exec(pasted)?.[1];
  if (linked !== undefined) return linked;
  // A bare code: a link to something else holds more than letters, digits, "-" and "_".
  return /^\s*([\w-]{16,256})\s*$/.exec(pasted)?.[1] ?? null;
}
