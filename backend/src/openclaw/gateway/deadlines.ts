// How long calls to OpenClaw may take, in milliseconds.

/** A change that the gateway makes by itself: measured 3 to 720 ms, 2.5 s for deleting an agent. */
export const CHANGE_MS = 15_000;
/** Until a changed config is in effect: measured 1 to 2.5 s, more on a busy host. */
export const APPLY_MS = 20_000;

/** Milliseconds since the start of a read. */
export type ReadLimits = { gateway: number; host: number; silentHost: number };

/**
 * Since the start of a read: a frozen server must be told within 3 s, a stopped gateway within 5 s. `host` where it has proved that
 * it lives, `silentHost` where it has not.
 */
export const READ_MS: ReadLimits = { gateway: 1_500, host: 4_500, silentHost: 2_800 };
/** The same for a server that has never answered: connecting takes several round trips. */
export const FIRST_READ_MS: ReadLimits = { gateway: 4_000, host: 7_000, silentHost: 7_000 };
