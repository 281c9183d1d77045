// Waits where Buoy says that there were too many calls: a script over many servers goes on by itself.
import type { Output } from './output/output.ts';
import type { Terminal } from './terminal.ts';

/** Seconds; who is told to wait longer is told to. */
const LONGEST_WAIT_S = 60;
const MAX_WAITS = 3;

/** A call that was refused so was not carried out, so it may be sent again. */
export function patientFetch(terminal: Terminal, output: Output): typeof globalThis.fetch {
  return async (input, init) => {
    for (let waits = 0; ; waits += 1) {
      const response = await terminal.fetch(input, init);
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      if (response.status !== 429 || !(seconds <= LONGEST_WAIT_S) || waits === MAX_WAITS) return response;
      await response.body?.cancel();
      output.note(`buoy: too many calls; going on in ${seconds} s.`);
      await terminal.pause(seconds * 1_000, terminal.signal);
      terminal.signal.throwIfAborted();
    }
  };
}
