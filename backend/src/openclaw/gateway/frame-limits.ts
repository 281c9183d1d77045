// Limits for one frame of a gateway, checked before it is parsed.
import { holdsTooMuch } from './json-limits.ts';

const MIB = 1024 * 1024;
/** Bytes of any frame; OpenClaw's longest answer, a page of a transcript, has 6 MB at most. */
export const MAX_FRAME_BYTES = 8 * MIB;
/** Bytes of an event, and of an answer that is not named below; 200 sessions have some 200 KB. */
const USUAL_BYTES = MIB;
/** JSON values of an event: the `health` of a hundred agents has some 4,000. Checking an event takes some 1.5 µs a value. */
const MAX_EVENT_VALUES = 6_000;
/** Methods whose answer is a whole config, file, log or transcript. */
const bytesOf: ReadonlyMap<string, number> = new Map([
  ...['config.get', 'config.set', 'config.patch', 'config.apply', 'agents.files.get', 'chat.history'].map(
    (method): [string, number] => [method, MAX_FRAME_BYTES],
  ),
  ['logs.tail', 3 * MIB],
]);
/** JSON values of an answer whose parts are checked on their way in and out: a page of a transcript has some 8,000, a list of skills 3,000. */
const MAX_CHECKED_VALUES = 20_000;
const checkedMethods: ReadonlySet<string> = new Set([
  ...['chat.history', 'skills.status', 'exec.approvals.get', 'exec.approvals.set'],
]);
/** Bytes that contain the type and id of a frame: OpenClaw writes them first. */
const HEAD_BYTES = 200;

/**
 * The id of the call that a frame answers, from its first bytes alone; null when they do not contain it: the frame then has the
 * room of an event, the least of all. What is parsed later may be something else, which the caller must refuse.
 */
export function answeredId(raw: Buffer): string | null {
  const head = raw.toString('latin1', 0, HEAD_BYTES);
  if (!/^\s*\{\s*"type"\s*:\s*"res"/.test(head)) return null;
  return /"id"\s*:\s*"(\d{1,15})"/.exec(head)?.[1] ?? null;
}

/** @param method of the call that the frame answers; null for an event */
export function isTooLarge(raw: Buffer, method: string | null): boolean {
  const most = (method === null ? undefined : bytesOf.get(method)) ?? USUAL_BYTES;
  if (raw.length > most) return true;
  return holdsTooMuch(raw.toString('latin1'), valuesOf(method));
}

/** undefined for frames that may have as many as any JSON. */
function valuesOf(method: string | null): number | undefined {
  if (method === null) return MAX_EVENT_VALUES;
  return checkedMethods.has(method) ? MAX_CHECKED_VALUES : undefined;
}
