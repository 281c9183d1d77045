// The administration pages of super-admins. Each has its own address.
import { useTexts } from '../../i18n/use-texts.ts';
import type { PageProps } from '../../page-props.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { BackupsPage } from '../backups/backups-page.tsx';
import { AuditPage } from './audit-page.tsx';
import { HealthPage } from './health-page.tsx';
import { adminTexts } from './texts.ts';
import { UsersPage } from './users-page.tsx';

const items = [
  { name: 'health', content: HealthPage },
  { name: 'backups', content: BackupsPage },
  { name: 'audit', content: AuditPage },
  { name: 'users', content: UsersPage },
] as const;

export function AdminPage({ rest }: PageProps) {
  const t = useTexts(adminTexts);
  const [name = 'health', ...more] = rest;
  const current = items.find((section) => section.name === name);
  if (current === undefined || more.length > 0) return <NotFound />;
  return (
    <div className="mx-auto max-w-5xl">
      <SubNavigation
        label={t.items}
        items={items.map((section) => ({
          path: `/admin/${section.name}`,
          title: t[section.name],
          isCurrent: section === current,
        }))}
      />
      <div key={current.name} className="mt-4">
        <current.content />
      </div>
    </div>
  );
}
