// Which version an update or a restore installs and who downloads it: where the server cannot ask the registry, Buoy does.
import type { Downloader } from '@buoy/contract';
import { isAppError } from '../../lib/app-error.ts';
import type { StepContext } from '../../tasks/task-kind.ts';
import type { Carrier } from '../carry/carrier.ts';
import { CARRIES } from '../carry/choose-downloader.ts';
import type { PreflightFacts } from './preflight.ts';

/**
 * @param version exact or latest
 * @returns the facts with the version that will be installed. Throws AppError where Buoy was asked to download and cannot
 */
export async function chooseTarget(
  { carrier }: { carrier: Pick<Carrier, 'openclawVersion'> },
  context: Pick<StepContext<{ via?: Downloader | undefined }, unknown>, 'input' | 'signal' | 'output'>,
  facts: PreflightFacts,
  version: string,
): Promise<{ facts: PreflightFacts; via: Downloader }> {
  const { via: asked } = context.input;
  const isFree = asked === undefined;
  // The server itself names one that it has already, whoever was to download.
  const isKnown = facts.target !== null || (isFree && facts.problem !== 'registry');
  if (asked === 'server' || isKnown) return { facts, via: 'server' };
  try {
    const target = await carrier.openclawVersion(version, context.signal);
    if (isFree) context.output(CARRIES);
    return { facts: { ...facts, target, problem: null }, via: 'buoy' };
  } catch (error) {
    // The refusal is about the server then, as it was asked first.
    if (isFree && isAppError(error) && !context.signal.aborted) return { facts, via: 'server' };
    throw error;
  }
}
