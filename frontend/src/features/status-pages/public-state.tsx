// The states that visitors see, each with its own word, shape and colour.
import type { PublicState } from '@buoy/contract/constants';

const styles: Record<PublicState, { tone: string; shape: string }> = {
  up: { tone: 'text-up bg-up/10', shape: 'M3 8.5 6.5 12 13 4.5' },
  degraded: { tone: 'text-unreachable bg-unreachable/12', shape: 'M8 3v6M8 12.6v.4' },
  down: { tone: 'text-down bg-down/12', shape: 'M4 4l8 8M12 4l-8 8' },
  maintenance: { tone: 'text-maintenance bg-maintenance/12', shape: 'M6 3.5v9M10 3.5v9' },
  unknown: {
    tone: 'text-unknown bg-unknown/12',
    shape: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.6 8 9 8 9.8M8 12.6v.4',
  },
};

export function toneOf(state: PublicState): string {
  return styles[state].tone;
}

export function StateIcon({ state, className }: { state: PublicState; className: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className={`fill-none stroke-current stroke-2 ${className}`}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={styles[state].shape} />
    </svg>
  );
}
