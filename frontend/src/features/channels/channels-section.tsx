// The chat channels of a server, its pairing requests, and OpenClaw's security audit.
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { ChannelsPanel } from './channels-panel.tsx';
import { PairingPanel } from './pairing-panel.tsx';
import { SecurityPanel } from './security-panel.tsx';
import { channelsTexts } from './texts.ts';

export function ChannelsSection({ server, rest }: SectionProps) {
  const t = useTexts(channelsTexts);
  const [section, ...more] = rest;
  if (more.length > 0 || (section !== undefined && section !== 'security')) return <NotFound />;
  return (
    <div className="space-y-4">
      <SubNavigation
        label={t.items}
        items={[
          { path: serverPath(server.id, 'channels'), title: t.channels, isCurrent: section === undefined },
          {
            path: serverPath(server.id, 'channels', 'security'),
            title: t.security,
            isCurrent: section === 'security',
          },
        ]}
      />
      {section === 'security' ? (
        <SecurityPanel server={server} />
      ) : (
        <>
          <ChannelsPanel server={server} />
          {server.role !== 'viewer' && <PairingPanel server={server} />}
        </>
      )}
    </div>
  );
}
