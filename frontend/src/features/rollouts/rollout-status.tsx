// The state of a rollout, and of a server in it, in a word, a mark and a colour.
import type { RolloutServerStatus, RolloutStatus } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { rolloutTexts } from './texts.ts';

type StatusStyle = { mark: string; tone: string };

const rolloutStyles: Record<RolloutStatus, StatusStyle> = {
  planned: { mark: '○', tone: 'text-muted' },
  running: { mark: '◐', tone: 'text-link' },
  paused: { mark: '‖', tone: 'text-unreachable' },
  stopped: { mark: '✕', tone: 'text-down' },
  succeeded: { mark: '✓', tone: 'text-up' },
  cancelled: { mark: '–', tone: 'text-muted' },
};

const serverStyles: Record<RolloutServerStatus, StatusStyle> = {
  pending: { mark: '○', tone: 'text-muted' },
  running: { mark: '◐', tone: 'text-link' },
  updated: { mark: '✓', tone: 'text-up' },
  skipped: { mark: '–', tone: 'text-muted' },
  rolled_back: { mark: '✕', tone: 'text-unreachable' },
  failed: { mark: '✕', tone: 'text-down' },
};

export function RolloutStatusWord({ status }: { status: RolloutStatus }) {
  const t = useTexts(rolloutTexts);
  const { mark, tone } = rolloutStyles[status];
  return (
    <span className={`font-medium whitespace-nowrap ${tone}`}>
      <span aria-hidden="true">{mark}</span> {t[`status_${status}`]}
    </span>
  );
}

export function ServerStatusWord({ status }: { status: RolloutServerStatus }) {
  const t = useTexts(rolloutTexts);
  const { mark, tone } = serverStyles[status];
  return (
    <span className={`font-medium ${tone}`}>
      <span aria-hidden="true">{mark}</span> {t[`server_${status}`]}
    </span>
  );
}
