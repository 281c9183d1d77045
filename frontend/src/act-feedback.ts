// Announcements and haptic feedback for finished actions, whichever page the person is on by then.
import { MutationCache } from '@tanstack/react-query';
import type { Announcements } from './announcements.ts';

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: {
      /** The act changes something: its success is felt, and said in these words; `true` where the page itself says it. */
      done?: string | true;
    };
  }
}

/** @param haptic lets the hand feel how an act has ended */
export function createActFeedback(
  haptic: (kind: 'success' | 'error') => void,
  announcements: Pick<Announcements, 'say'>,
): MutationCache {
  return new MutationCache({
    onError: () => haptic('error'),
    // After the act's own `onSuccess`: a dialog that is still open would keep the words from being read.
    onSettled: (_data, error, _variables, _result, { meta }) => {
      if (error !== null || meta?.done === undefined) return;
      haptic('success');
      if (meta.done !== true) announcements.say(meta.done);
    },
  });
}
