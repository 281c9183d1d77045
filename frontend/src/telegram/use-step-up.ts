// Asks for biometrics through Telegram before a destructive action, if turned on.
import { useState } from 'react';
import { useServices } from '../services.ts';

export type StepUp = {
  /** Runs `act` once the person is proven to be the one, or at once where nothing is to be proven. */
  before(act: () => void): void;
  isChecking: boolean;
  /** The last check did not find the person. */
  hasFailed: boolean;
};

/**
 * @param isNeeded whether the act destroys something
 * @param reason what the device says that it is for
 */
export function useStepUp(isNeeded: boolean, reason: string): StepUp {
  const { telegram } = useServices();
  const [state, setState] = useState<'idle' | 'checking' | 'failed'>('idle');
  return {
    before(act) {
      if (telegram === null || !isNeeded || !telegram.biometrics.state().isOn) {
        act();
        return;
      }
      setState('checking');
      void telegram.biometrics.check(reason).then((isThem) => {
        setState(isThem ? 'idle' : 'failed');
        if (isThem) act();
        else telegram.haptic('error');
      });
    },
    isChecking: state === 'checking',
    hasFailed: state === 'failed',
  };
}
