// The pages and sections that the paths lead to. Pages but the first are fetched when they are opened, so that the first load stays small.
import type { ComponentType } from 'react';
import type { PageProps, SectionProps } from './page-props.ts';
import type { PageName, ServerSection } from './paths.ts';
import { lazyPage } from './ui/lazy-page.tsx';

type Page = { page: ComponentType<PageProps>; isForSuperAdmins?: boolean };

export const pages: Readonly<Record<PageName, Page>> = {
  device: { page: lazyPage(async () => (await import('./features/sign-in/device-page.tsx')).DevicePage) },
  invite: { page: lazyPage(async () => (await import('./features/access/invite-page.tsx')).InvitePage) },
  'control-ui': {
    page: lazyPage(async () => (await import('./features/dashboard/control-ui-page.tsx')).ControlUiPage),
  },
  alerts: { page: lazyPage(async () => (await import('./features/alerts/alerts-page.tsx')).AlertsPage) },
  inbox: { page: lazyPage(async () => (await import('./features/inbox/inbox-page.tsx')).InboxPage) },
  tasks: { page: lazyPage(async () => (await import('./features/tasks/tasks-page.tsx')).TasksPage) },
  rollouts: {
    page: lazyPage(async () => (await import('./features/rollouts/rollouts-page.tsx')).RolloutsPage),
  },
  'update-policies': {
    page: lazyPage(async () => (await import('./features/update-policies/policies-page.tsx')).PoliciesPage),
  },
  'status-pages': {
    page: lazyPage(
      async () => (await import('./features/status-pages/status-pages-page.tsx')).StatusPagesPage,
    ),
  },
  account: { page: lazyPage(async () => (await import('./features/account/account-page.tsx')).AccountPage) },
  admin: {
    page: lazyPage(async () => (await import('./features/admin/admin-page.tsx')).AdminPage),
    isForSuperAdmins: true,
  },
};

/** The sections of a server's page; a viewer may not open those for admins. */
export const serverSections = {
  history: {
    section: lazyPage(async () => (await import('./features/history/history-section.tsx')).HistorySection),
  },
  agents: {
    section: lazyPage(async () => (await import('./features/agents/agents-section.tsx')).AgentsSection),
  },
  sessions: {
    section: lazyPage(async () => (await import('./features/sessions/sessions-section.tsx')).SessionsSection),
  },
  channels: {
    section: lazyPage(async () => (await import('./features/channels/channels-section.tsx')).ChannelsSection),
  },
  skills: {
    section: lazyPage(async () => (await import('./features/skills/skills-section.tsx')).SkillsSection),
  },
  cron: { section: lazyPage(async () => (await import('./features/cron/cron-section.tsx')).CronSection) },
  config: {
    section: lazyPage(async () => (await import('./features/config/config-section.tsx')).ConfigSection),
  },
  logs: { section: lazyPage(async () => (await import('./features/logs/logs-section.tsx')).LogsSection) },
  usage: { section: lazyPage(async () => (await import('./features/usage/usage-section.tsx')).UsageSection) },
  terminal: {
    section: lazyPage(async () => (await import('./features/terminal/terminal-page.tsx')).TerminalPage),
    isForAdmins: true,
  },
  access: {
    section: lazyPage(async () => (await import('./features/access/access-section.tsx')).AccessSection),
    isForAdmins: true,
  },
  tasks: { section: lazyPage(async () => (await import('./features/tasks/tasks-section.tsx')).TasksSection) },
  settings: {
    section: lazyPage(async () => (await import('./features/servers/settings-section.tsx')).SettingsSection),
    isForAdmins: true,
  },
} as const satisfies Record<ServerSection, { section: ComponentType<SectionProps>; isForAdmins?: boolean }>;
