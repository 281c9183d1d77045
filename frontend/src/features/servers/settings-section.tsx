// The settings of a server in Buoy: edit, clone, transfer and remove it.

import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import type { SectionProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { Panel } from '../../ui/panel.tsx';
import { AutoRepairPanel } from '../repair/auto-repair-panel.tsx';
import { useUser } from '../sign-in/use-user.ts';
import { ThresholdsPanel } from '../thresholds/thresholds-panel.tsx';
import { CloneServer } from './clone-server.tsx';
import { ConnectionTest } from './connection-test.tsx';
import { EditServer } from './edit-server.tsx';
import { homeTexts } from './home-texts.ts';
import { HostKeyPanel } from './host-key-panel.tsx';
import { RemoveServer } from './remove-server.tsx';
import { settingsTexts } from './settings-texts.ts';

export function SettingsSection({ server, rest }: SectionProps) {
  const t = useTexts(settingsTexts);
  const { mayNotAdd } = useTexts(homeTexts);
  const mayAddServers = useUser()?.mayAddServers === true;
  if (rest[0] === 'clone' && rest.length === 1) return <CloneServer server={server} />;
  if (rest.length > 0) return <NotFound />;
  return (
    <div className="space-y-4">
      <EditServer server={server} />
      <Panel title={t.connection} aside={<ConnectionTest.Button serverId={server.id} />}>
        <div className="space-y-3">
          <p className="text-sm text-muted">{t.connectionNote}</p>
          <ConnectionTest.Result server={server} />
        </div>
      </Panel>
      <AutoRepairPanel server={server} />
      <ThresholdsPanel server={server} />
      <HostKeyPanel server={server} />
      <Panel title={t.clone}>
        {mayAddServers ? (
          <Choice
            text={t.cloneNote}
            path={serverPath(server.id, 'settings', 'clone')}
            words={t.cloneTitle(server.name)}
          />
        ) : (
          <p className="max-w-prose text-sm text-muted">{mayNotAdd}</p>
        )}
      </Panel>
      {server.role === 'owner' && (
        <Panel title={t.transfer}>
          <Choice text={t.transferNote} path={serverPath(server.id, 'access')} words={t.openAccess} />
        </Panel>
      )}
      <RemoveServer server={server} />
    </div>
  );
}

function Choice({ text, path, words }: { text: string; path: string; words: string }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <p className="max-w-prose text-sm text-muted">{text}</p>
      <a {...linkTo(path)} className={buttonClass()}>
        {words}
      </a>
    </div>
  );
}
