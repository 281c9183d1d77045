// Deciding about one item: the press, what came of it in words, and the lists that are read again.
import type { InboxItem } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { type Decided, type Decision, decide, type Outcome } from './decide.ts';
import { inboxTexts } from './texts.ts';

const saidAs: Record<Decided, Decision> = {
  approved: 'approve',
  rejected: 'reject',
  'allow-once': 'allow-once',
  'allow-always': 'allow-always',
  deny: 'deny',
};

/** @param onOutcome is told what became of the item, in words */
export function useDecision(item: InboxItem, onOutcome: (words: string) => void) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(inboxTexts);
  const formats = useFormats();

  function words(outcome: Outcome): string {
    switch (outcome.kind) {
      case 'done':
        return [t[`did_${outcome.decision}`], outcome.note].filter((part) => part !== null).join(' ');
      case 'done-before':
        return `${t[`did_${outcome.decision}`]} ${t.before}`;
      case 'decided-otherwise':
        return t.otherwise(
          t[`did_${saidAs[outcome.decision]}`],
          outcome.at === null ? '' : t.at(formats.moment(outcome.at)),
        );
      case 'gone':
        return t.gone(outcome.words);
    }
  }

  return useMutation({
    mutationFn: (decision: Decision) => decide(api, item, decision),
    onSuccess: (outcome) => onOutcome(words(outcome)),
    onSettled: () => {
      // All that begins with it: the lists of single servers too.
      void queries.invalidateQueries({ queryKey: ['inbox'] });
    },
  });
}
