// Finds Markdown whose parsing takes seconds, or whose depth exceeds the stack: an agent could hold up, or end, the page of everybody who reads it.

/** Lists and quotes within each other at the beginning of one line. */
const MAX_DEPTH = 20;
/** Marks that emphasize: each may lie within the ones before, and is compared with them. */
const MAX_EMPHASIS = 2_000;

const nested = new RegExp(`^(?:[ \\t]*(?:>|(?:[-+*]|\\d{1,9}[.)])(?=[ \\t]))){${MAX_DEPTH}}`, 'm');

export function isCostly(text: string): boolean {
  return nested.test(text) || text.replace(/[^*_~]+/g, '').length > MAX_EMPHASIS;
}
