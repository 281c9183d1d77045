// How long calls to OpenClaw may take, in milliseconds. Reads have theirs in reader.ts.

/** A change that the gateway makes by itself: measured 3 to 720 ms, 2.5 s for deleting an agent. */
export const CHANGE_MS = 15_000;
/** Until a changed config is in effect: measured 1 to 2.5 s, more on a busy host. */
export const APPLY_MS = 20_000;
