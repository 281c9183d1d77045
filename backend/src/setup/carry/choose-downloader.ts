// Who downloads for a step of a setup: as asked, or Buoy where the server has no way out and Buoy has one.
import type { Downloader } from '@buoy/contract';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import type { CheckPrerequisites } from '../check-prereqs.ts';

/** Milliseconds for a check of the server, a reconnection included. */
const CHECK_MS = 5 * 60_000;
/** The port is checked as well, and nobody reads what the check says of it. */
const ANY_PORT = 18_789;

/** What a task says when nobody has chosen. */
export const CARRIES = 'The server has no way to the downloads: Buoy downloads, and sends them over SSH.\n';

export type ChooseDownloader = (
  context: StepContext<unknown, unknown>,
  asked: Downloader | undefined,
) => Promise<Downloader>;

/** Throws AppError for a server that cannot be reached. */
export function createChooseDownloader(checkPrerequisites: CheckPrerequisites): ChooseDownloader {
  return async (context, asked) => {
    if (asked !== undefined) return asked;
    const { via } = await reachServer(context, CHECK_MS, ({ signal }) =>
      checkPrerequisites(serverOf(context), { port: ANY_PORT, signal }),
    );
    if (via === 'buoy') context.output(CARRIES);
    return via;
  };
}
