// The account pages: language, notifications, devices, tokens. Each has its own address.
import { useTexts } from '../../i18n/use-texts.ts';
import type { PageProps } from '../../page-props.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { NotificationsPanel } from './notifications-panel.tsx';
import { ProfilePanel } from './profile-panel.tsx';
import { SignInPanel } from './sign-in-panel.tsx';
import { accountTexts } from './texts.ts';
import { TokensPanel } from './tokens-panel.tsx';

const items = [
  { name: undefined, path: '/account', title: 'profile', content: ProfilePanel },
  {
    name: 'notifications',
    path: '/account/notifications',
    title: 'notifications',
    content: NotificationsPanel,
  },
  { name: 'sign-in', path: '/account/sign-in', title: 'signIn', content: SignInPanel },
  { name: 'sessions', path: '/account/sessions', title: 'devices', content: DevicesPanel },
  { name: 'tokens', path: '/account/tokens', title: 'tokens', content: TokensPanel },
] as const;

export function AccountPage({ rest }: PageProps) {
  const t = useTexts(accountTexts);
  const [name, ...more] = rest;
  const current = items.find((section) => section.name === name);
  if (current === undefined || more.length > 0) return <NotFound />;
  return (
    <div className="mx-auto max-w-3xl">
      <SubNavigation
        label={t.items}
        items={items.map((section) => ({
          path: section.path,
          title: t[section.title],
          isCurrent: section === current,
        }))}
      />
      <div key={current.path} className="mt-4 space-y-4">
        <PageHeading title={t[current.title]}>
          {current.name === undefined ? t.account : t[current.title]}
        </PageHeading>
        <current.content />
      </div>
    </div>
  );
}
