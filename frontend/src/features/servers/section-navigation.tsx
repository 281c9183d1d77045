// The tabs of a server's page, without those that the person cannot open.
import type { Server } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { type ServerSection, serverPath } from '../../paths.ts';
import { serverSections } from '../../routes.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { serverTexts } from './texts.ts';

/** @param current null: the overview */
export function SectionNavigation({ server, current }: { server: Server; current: ServerSection | null }) {
  const t = useTexts(serverTexts);
  const names = (Object.keys(serverSections) as ServerSection[]).filter(
    (name) => server.role !== 'viewer' || !('isForAdmins' in serverSections[name]),
  );
  return (
    <SubNavigation
      label={t.sections}
      items={[
        { path: serverPath(server.id), title: t.overview, isCurrent: current === null },
        ...names.map((name) => ({
          path: serverPath(server.id, name),
          title: t[`section_${name}`],
          isCurrent: current === name,
        })),
      ]}
    />
  );
}
