// Builds the app by hand: launch → session → client → pages.
import { ApiError, createClient } from '@buoy/contract/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { createActFeedback } from './act-feedback.ts';
import { createAnnouncements } from './announcements.ts';
import { API_ROOT, createApi, fetchWithTimeout } from './api.ts';
import { App } from './app.tsx';
import { attemptKeyOf } from './features/sign-in/attempt-key.ts';
import { createExclusively } from './features/sign-in/exclusively.ts';
import { forgetWithPerson } from './features/sign-in/forget-with-person.ts';
import { createLastPerson } from './features/sign-in/last-person.ts';
import { launchKeyFor } from './features/sign-in/launch-key.ts';
import { takeLinkCode } from './features/sign-in/link-code.ts';
import { takeOidcReturn } from './features/sign-in/oidc-return.ts';
import { createSession } from './features/sign-in/session.ts';
import { personIn } from './features/sign-in/sign-in-offer.ts';
import { takeTelegramReturn } from './features/sign-in/telegram-return.ts';
import { createWantedPage, type TabsChannel } from './features/sign-in/wanted-page.ts';
import { PublicPage } from './features/status-pages/load-public-page.tsx';
import { createLanguageChoice } from './i18n/language-choice.ts';
import { guardHistory } from './leave-guard.ts';
import { leaveGuard, navigate } from './navigation.ts';
import { parentPath } from './parent-path.ts';
import { statusTokenIn } from './paths.ts';
import { randomKey } from './random-key.ts';
import { ServicesContext } from './services.ts';
import { hasTelegramClient } from './telegram/bridge.ts';
import { parseLaunchParams } from './telegram/launch-params.ts';
import { startAddress, takeStartPath } from './telegram/start-path.ts';
import { connectTelegram } from './telegram/telegram.ts';
import { CrashPage } from './ui/crash-page.tsx';
import { pause } from './wait-out.ts';

guardHistory(window, leaveGuard);

const launch = parseLaunchParams(window.location.hash);
// An address that was copied out of Telegram, or made up, opens the app with nobody around it, or as a game: it then decides neither theme
// nor language.
const isInTelegram = launch !== null && !launch.isGame && hasTelegramClient(window);
const telegram =
  launch === null || !isInTelegram
    ? null
    : connectTelegram(window, launch, {
        onBack: () => navigate(parentPath(window.location.pathname)),
        onSettings: () => navigate('/account'),
        newToken: randomKey,
      });
const startPath = launch === null ? null : takeStartPath(launch, window.sessionStorage);
if (startPath !== null) window.history.replaceState(null, '', startAddress(startPath, window.location.hash));

const wantedPage = createWantedPage(window, browserStorage('sessionStorage'), tabsChannel());
// Visitors of a status page are nobody: they do not sign in, and its link is kept nowhere.
const statusToken = statusTokenIn(window.location.pathname);
if (statusToken === null) wantedPage.start();

const language = createLanguageChoice(document.documentElement, browserStorage('localStorage'), [
  isInTelegram ? launch?.languageCode : null,
  ...navigator.languages,
]);

const session = createSession({
  clientFor: (token) => createClient({ baseUrl: API_ROOT, token, fetch: fetchWithTimeout }),
  telegram:
    launch === null
      ? null
      : {
          kind: 'telegram',
          initData: launch.initData,
          launchKey: launchKeyFor(launch.initData, window.sessionStorage),
          isInTelegram,
          person: personIn(launch.initData),
        },
  takeLinkCode: () => takeLinkCode(window),
  takeTelegramReturn: () => takeTelegramReturn(window),
  takeOidcReturn: () => takeOidcReturn(window),
  lastPerson: createLastPerson(browserStorage('localStorage')),
  exclusively: createExclusively(navigator.locks),
  attemptKey: attemptKeyOf(browserStorage('localStorage')),
  pause,
  onLaunchUsed() {
    // A reload inside Telegram needs it.
    if (!isInTelegram) window.history.replaceState(null, '', window.location.pathname);
  },
  onLinkUsed: () => navigate(wantedPage.path() ?? '/', { replace: true }),
});
const api = createApi({ token: session.token, renew: session.renew, person: session.personId });

const announcements = createAnnouncements();
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only silence is worth asking again, once. What is polled is asked again anyway.
      retry: (failures, error) => failures < 1 && error instanceof ApiError && error.status === 0,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
  mutationCache: createActFeedback((kind) => telegram?.haptic(kind), announcements),
});
forgetWithPerson(session, wantedPage);
session.subscribe(() => {
  if (session.state().phase === 'signed-in') return;
  // The next person on this device must not see what the last one saw. How people sign in here is nobody's own.
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'sign-in' });
  queries.getMutationCache().clear();
});
window.addEventListener('hashchange', () => {
  if (statusToken !== null) return;
  // A link that is opened where its page already is changes the fragment only.
  wantedPage.arrive();
  if (window.location.pathname === '/sign-in' && window.location.hash !== '') void session.start();
});

const container = document.getElementById('root');
if (container === null) throw new Error('The page has no root element.');
const root = createRoot(container, { onUncaughtError: () => root.render(<CrashPage />) });
if (statusToken !== null) root.render(<PublicPage token={statusToken} language={language.language()} />);
else start();

function start(): void {
  root.render(
    <ServicesContext value={{ api, session, wantedPage, telegram, language, announcements }}>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </ServicesContext>,
  );
  telegram?.ready();
  telegram?.showSettingsButton(true);
  void session.start();
}

/** null when browser storage is blocked: even reading it throws. */
function browserStorage(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

/** null when browser storage is blocked: some browsers refuse the tabs this as well. */
function tabsChannel(): TabsChannel | null {
  try {
    return new BroadcastChannel('buoy.tabs');
  } catch {
    return null;
  }
}
