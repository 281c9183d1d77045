// The person's profile, and the language of this device.
import { useSyncExternalStore } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { BiometricsToggle } from '../../telegram/biometrics-toggle.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { personName } from '../../ui/person-name.ts';
import { DisplayName } from './display-name.tsx';
import { displayNameTexts } from './display-name-texts.ts';
import { LanguageSelect } from './language-select.tsx';
import { accountTexts } from './texts.ts';

export function ProfilePanel() {
  const { session } = useServices();
  const t = useTexts(accountTexts);
  const names = useTexts(displayNameTexts);
  const formats = useFormats();
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase !== 'signed-in') return null;
  const { user } = state;
  return (
    <>
      <Panel title={t.profile}>
        <Facts
          facts={[
            { term: t.name, value: personName(user) },
            { term: t.memberSince, value: formats.moment(user.createdAt) },
            { term: t.standing, value: user.isSuperAdmin ? t.superAdmin : t.ordinary, wide: true },
            {
              term: t.userId,
              wide: true,
              value: (
                <>
                  <span className="flex flex-wrap items-center gap-x-4">
                    <Copyable value={user.id} label={t.copyUserId} />
                  </span>
                  <span className="text-xs text-muted">{t.userIdHint}</span>
                </>
              ),
            },
          ]}
        />
      </Panel>
      <Panel title={names.title}>
        <DisplayName current={personName(user)} />
      </Panel>
      <Panel title={t.languageTitle}>
        <div className="max-w-sm">
          <LanguageSelect hint={t.languageHint} />
        </div>
      </Panel>
      <BiometricsToggle />
    </>
  );
}
