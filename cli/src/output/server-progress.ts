// Progress of several servers at once: on a terminal one line for each that is at work, otherwise a line per change.
import type { Output } from './output.ts';
import { cleanLine } from './terminal-text.ts';

export type ServerProgress = {
  /** Says what is done on a server now. */
  show(name: string, what: string): void;
  /** Says how it ended; its line stays. */
  end(name: string, how: string): void;
  /** Removes the lines of servers that have not ended. */
  stop(): void;
};

/** @param isLive redraws the lines in place */
export function createServerProgress(output: Output, isLive: boolean): ServerProgress {
  const current = new Map<string, string>();
  const draw = () => output.liveNotes([...current].map(([name, what]) => lineOf(name, what)));
  return {
    show(name, what) {
      if (output.json || current.get(name) === what) return;
      current.set(name, what);
      if (isLive) draw();
      else output.note(lineOf(name, what));
    },
    end(name, how) {
      if (output.json) return;
      current.delete(name);
      if (isLive) draw();
      output.note(lineOf(name, how));
    },
    stop() {
      current.clear();
      if (isLive) draw();
    },
  };
}

function lineOf(name: string, what: string): string {
  return cleanLine(`${name}: ${what}`).replace(/\s+/g, ' ');
}
