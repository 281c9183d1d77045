// The services for every page, created in main.tsx.
import { createContext, useContext } from 'react';
import type { Announcements } from './announcements.ts';
import type { Api } from './api.ts';
import type { Session } from './features/sign-in/session.ts';
import type { WantedPage } from './features/sign-in/wanted-page.ts';
import type { LanguageChoice } from './i18n/language-choice.ts';
import type { Telegram } from './telegram/telegram.ts';

export type Services = {
  api: Api;
  session: Session;
  wantedPage: WantedPage;
  /** null: a browser of its own. */
  telegram: Telegram | null;
  language: LanguageChoice;
  announcements: Announcements;
};

export const ServicesContext = createContext<Services | null>(null);

/** Throws outside of the app's tree: a mistake in the wiring. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('There are no services around this component.');
  return services;
}
