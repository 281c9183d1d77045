// The setting that destructive actions require biometrics on this device; shown only where supported.
import { useState, useSyncExternalStore } from 'react';
import { useTexts } from '../i18n/use-texts.ts';
import { useServices } from '../services.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { Toggle } from '../ui/toggle.tsx';
import type { Biometrics } from './biometrics.ts';
import { telegramTexts } from './texts.ts';

export function BiometricsToggle() {
  const { telegram } = useServices();
  return telegram === null ? null : <ToggleOf biometrics={telegram.biometrics} />;
}

function ToggleOf({ biometrics }: { biometrics: Biometrics }) {
  const t = useTexts(telegramTexts);
  const { isAvailable, isOn, kind } = useSyncExternalStore(biometrics.subscribe, biometrics.state);
  const [isBusy, setIsBusy] = useState(false);
  const [refused, setRefused] = useState<'on' | 'off' | null>(null);
  if (!isAvailable) return null;
  const turn = async (isWanted: boolean) => {
    setIsBusy(true);
    setRefused(null);
    const isDone = await (isWanted ? biometrics.turnOn(t.whyOn) : biometrics.turnOff(t.whyOff));
    setIsBusy(false);
    if (!isDone) setRefused(isWanted ? 'on' : 'off');
  };
  return (
    <Panel title={t.onThisDevice}>
      <Toggle
        label={kind === 'face' ? t.faceRecognition : kind === 'finger' ? t.finger : t.biometrics}
        hint={t.biometricsHint}
        checked={isOn}
        disabled={isBusy}
        onChange={(isWanted) => void turn(isWanted)}
      />
      <div role="status" className="text-sm">
        {refused !== null && <p className="mt-1 text-down">{refused === 'on' ? t.notLent : t.stillOn}</p>}
      </div>
      {refused === 'on' && (
        <Button className="mt-2" onClick={biometrics.openSettings}>
          {t.openSettings}
        </Button>
      )}
    </Panel>
  );
}
