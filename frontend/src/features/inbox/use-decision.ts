// Decides one request: sends it, shows the outcome, and refreshes the lists.
import type { InboxItem } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { type Decided, type Decision, decide, type Outcome } from './decide.ts';
import { inboxTexts } from './texts.ts';
import type { DecisionOutcome } from './with-decided.ts';

const reportedAs: Record<Decided, Decision> = {
  approved: 'approve',
  rejected: 'reject',
  'allow-once': 'allow-once',
  'allow-always': 'allow-always',
  deny: 'deny',
};

/** @param onOutcome called with the outcome */
export function useDecision(item: InboxItem, onOutcome: (outcome: DecisionOutcome) => void) {
  const { api, telegram } = useServices();
  const queries = useQueryClient();
  const t = useTexts(inboxTexts);
  const formats = useFormats();

  function decisionOutcome(outcome: Outcome): DecisionOutcome {
    switch (outcome.kind) {
      case 'done':
        return { words: t[`did_${outcome.decision}`], note: outcome.note };
      case 'done-before':
        return { words: `${t[`did_${outcome.decision}`]} ${t.before}`, note: null };
      case 'decided-otherwise':
        return {
          words: t.otherwise(
            t[`did_${reportedAs[outcome.decision]}`],
            outcome.at === null ? '' : t.at(formats.moment(outcome.at)),
          ),
          note: null,
        };
      case 'gone':
        return { words: t.gone, note: outcome.words };
    }
  }

  return useMutation({
    mutationFn: (decision: Decision) => decide(api, item, decision),
    onSuccess: (outcome) => {
      const isDone = outcome.kind === 'done' || outcome.kind === 'done-before';
      telegram?.haptic(isDone ? 'success' : 'warning');
      onOutcome(decisionOutcome(outcome));
    },
    onSettled: () => {
      // All that begins with it: the lists of single servers too.
      void queries.invalidateQueries({ queryKey: ['inbox'] });
    },
  });
}
