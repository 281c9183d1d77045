// Notes that a result does not come from the gateway, and how old it is.
import type { Source } from '@buoy/contract';
import type { Context } from './command.ts';
import { ago } from './output/ago.ts';

const places: Record<Exclude<Source, 'gateway'>, string> = {
  cli: 'From the host itself',
  snapshot: 'Last known state',
};

/** Prints to standard error, so that tables stay clean; prints nothing if the gateway answered. */
export function noteSource(
  { output, terminal }: Context,
  { source, observedAt }: { source: Source; observedAt: string },
): void {
  if (source === 'gateway') return;
  output.note(
    output.colour(
      'yellow',
      `${places[source]}, ${ago(observedAt, terminal.now())}: the gateway does not answer.`,
    ),
  );
}
