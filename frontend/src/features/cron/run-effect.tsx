// The question before a job runs: whom it asks, and what exactly.
import type { CronJob } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import type { ReactNode } from 'react';
import type { cronTexts } from './texts.ts';

/** Text and paragraphs alone, so that Telegram can ask it in its own popup. */
export function runEffect({ agentId, message }: CronJob, t: (typeof cronTexts)['en']): ReactNode[] {
  return [
    <p key="agent">{t.runEffect(agentId === null ? t.defaultAgent : t.agentNamed(agentId))}</p>,
    message !== null && <p key="words">{t.runMessage}</p>,
    message !== null && (
      <p
        key="message"
        className="max-h-64 overflow-y-auto rounded-md border border-line bg-inset p-3 whitespace-pre-wrap"
      >
        {visibleText(message)}
      </p>
    ),
  ];
}
