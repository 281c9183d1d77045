// Guards the buttons of a decision that a stranger's link can bring up: a press counts once the person could see what they decide.
import { useState, useSyncExternalStore } from 'react';
import { useServices } from '../services.ts';
import { createPressGuard } from './press-guard.ts';

/** Phones show one window at a time, and some of their apps give a page no focus before it is touched. So does Telegram. */
const isAloneOnScreen = () => window.matchMedia('(hover: none)').matches;

export type GuardedPresses = {
  /** False until a press can count. */
  isReady: boolean;
  /** @returns what does the act when the press that calls it was meant */
  onlyMeant(act: () => void): () => void;
};

/** For as long as the component is there, which is to come with the question. */
export function usePressGuard(): GuardedPresses {
  const { telegram } = useServices();
  const [guard] = useState(() =>
    createPressGuard({
      events: () => window,
      isInSight: () =>
        document.visibilityState === 'visible' &&
        (telegram !== null || isAloneOnScreen() || document.hasFocus()),
    }),
  );
  const isReady = useSyncExternalStore(guard.listen, guard.isReady, () => false);
  return {
    isReady,
    onlyMeant: (act) => () => {
      if (guard.isMeant()) act();
    },
  };
}
