// The frame around every page, and which page a path shows.
import type { User } from '@buoy/contract';
import { Suspense, useEffect, useSyncExternalStore } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { Announcer } from './announcer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { AlertsLink } from './features/alerts/alerts-link.tsx';
import { InboxLink } from './features/inbox/inbox-link.tsx';
import { PlainHttpBanner } from './features/plain-http/plain-http-banner.tsx';
import { loadServerPage } from './features/servers/load-server-page.ts';
import { Home, ServerColumn } from './features/servers/server-list.tsx';
import type { SessionState } from './features/sign-in/session.ts';
import { SignInPage } from './features/sign-in/sign-in-page.tsx';
import { SignInQuestion } from './features/sign-in/sign-in-question.tsx';
import { RunningTaskLink } from './features/tasks/running-task-link.tsx';
import { LanguageContext, useTexts } from './i18n/use-texts.ts';
import { LeaveQuestion } from './leave-question.tsx';
import { linkTo, navigate, usePath } from './navigation.ts';
import { routeOf } from './paths.ts';
import { pages } from './routes.tsx';
import { useServices } from './services.ts';
import { shellTexts } from './shell-texts.ts';
import { Brand } from './ui/brand.tsx';
import { BusyBar } from './ui/busy-bar.tsx';
import { Button } from './ui/button.tsx';
import { lazyPage } from './ui/lazy-page.tsx';
import { NotFound } from './ui/not-found.tsx';
import { PageBoundary } from './ui/page-boundary.tsx';
import { ProblemNote } from './ui/problem-note.tsx';
import { Skeleton } from './ui/skeleton.tsx';
import { useUnsavedDrafts } from './ui/use-draft.ts';
import { useWideScreen } from './ui/use-wide-screen.ts';

const ServerPage = lazyPage(loadServerPage);
const PendingPage = lazyPage(async () => (await import('./features/sign-in/pending-page.tsx')).PendingPage);
const AddServerPage = lazyPage(
  async () => (await import('./features/servers/add-server-page.tsx')).AddServerPage,
);

const BulkSetupPage = lazyPage(
  async () => (await import('./features/bulk-setup/bulk-setup-page.tsx')).BulkSetupPage,
);

export function App() {
  const { language } = useServices();
  const current = useSyncExternalStore(language.subscribe, language.language);
  return (
    <LanguageContext value={current}>
      <PlainHttpBanner />
      <WhoIsThere />
      <Announcer />
    </LanguageContext>
  );
}

function WhoIsThere() {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase === 'starting') return <Starting />;
  if (state.phase === 'asking') return <SignInQuestion {...state} />;
  if (state.phase === 'signed-out')
    return <SignInPage problem={state.problem} refusal={state.refusal ?? null} />;
  return state.user.approved ? <SignedIn state={state} /> : <Pending user={state.user} />;
}

function Pending({ user }: { user: User }) {
  const t = useTexts(shellTexts);
  return (
    <Suspense fallback={<Skeleton label={t.loadingPage} rows={4} />}>
      <PendingPage user={user} />
    </Suspense>
  );
}

function Starting() {
  const t = useTexts(shellTexts);
  return (
    <main className="grid min-h-dvh place-items-center">
      <p role="status" className="flex flex-col items-center gap-3 text-sm text-muted">
        <Brand />
        {t.signingIn}
        <progress aria-hidden="true" className="meter" />
      </p>
    </main>
  );
}

function SignedIn({ state }: { state: Extract<SessionState, { phase: 'signed-in' }> }) {
  const { session, telegram } = useServices();
  const { user, notice } = state;
  useUnsavedDrafts();
  const t = useTexts(shellTexts);
  return (
    <>
      <header className="border-b border-line bg-surface pt-(--safe-top)">
        <BusyBar />
        <div className="mx-auto flex min-h-14 max-w-[100rem] items-center justify-between gap-3 pr-[max(1rem,var(--safe-right))] pl-[max(1rem,var(--safe-left))]">
          <a {...linkTo('/')} className="inline-flex min-h-11 items-center">
            <Brand />
          </a>
          <nav
            aria-label={t.mainPages}
            className="flex min-w-0 items-center gap-1 text-sm whitespace-nowrap text-muted"
          >
            <RunningTaskLink />
            <AlertsLink />
            <InboxLink />
            <AccountMenu user={user} />
            {/* On a phone it is in the menu; Telegram would sign in again at once. */}
            {telegram === null && (
              <span className="hidden sm:block">
                <Button variant="quiet" onClick={() => void session.signOut()}>
                  {t.signOut}
                </Button>
              </span>
            )}
          </nav>
        </div>
      </header>
      {notice !== null && (
        <div className="mx-auto flex max-w-[100rem] flex-wrap items-center gap-2 px-4 pt-4">
          <div className="min-w-0 flex-1">
            <ProblemNote problem={notice} />
          </div>
          <Button onClick={session.dismissNotice}>{t.close}</Button>
        </div>
      )}
      <Pages isSuperAdmin={user.isSuperAdmin} />
      <ConnectionBanner />
      <LeaveQuestion />
    </>
  );
}

function Pages({ isSuperAdmin }: { isSuperAdmin: boolean }) {
  const { telegram, wantedPage } = useServices();
  const path = usePath();
  const isWide = useWideScreen();
  const t = useTexts(shellTexts);
  const isHome = path === '/' || path === '/sign-in';
  useEffect(() => {
    if (path === '/sign-in') navigate(wantedPage.path() ?? '/', { replace: true });
    else wantedPage.visited(path);
  }, [path, wantedPage]);
  useEffect(() => telegram?.showBackButton(!isHome), [telegram, isHome]);

  const route = routeOf(path);
  switch (route.kind) {
    case 'home':
      return (
        <Frame>
          <Home />
        </Frame>
      );
    case 'add-server':
      return (
        <Frame>
          <Suspense fallback={<Skeleton label={t.loadingPage} rows={8} />}>
            <AddServerPage />
          </Suspense>
        </Frame>
      );
    case 'bulk-setup':
      return (
        <Frame>
          <Suspense fallback={<Skeleton label={t.loadingPage} rows={8} />}>
            <BulkSetupPage />
          </Suspense>
        </Frame>
      );
    case 'server':
      return (
        <Frame>
          <div className="lg:grid lg:grid-cols-[20rem_minmax(0,1fr)] lg:gap-6">
            {/* On a phone there is room for one of the two. */}
            {isWide && (
              <PageBoundary>
                <ServerColumn selectedId={route.serverId} />
              </PageBoundary>
            )}
            <PageBoundary>
              <Suspense fallback={<Skeleton label={t.loadingPage} rows={6} />}>
                <ServerPage
                  key={route.serverId}
                  id={route.serverId}
                  section={route.section}
                  rest={route.rest}
                />
              </Suspense>
            </PageBoundary>
          </div>
        </Frame>
      );
    case 'page': {
      const { page: Page, isForSuperAdmins = false } = pages[route.name] ?? {};
      return (
        <Frame>
          {Page === undefined || (isForSuperAdmins && !isSuperAdmin) ? (
            <NotFound />
          ) : (
            <Suspense fallback={<Skeleton label={t.loadingPage} rows={2} />}>
              <Page rest={route.rest} />
            </Suspense>
          )}
        </Frame>
      );
    }
    case 'unknown':
      return (
        <Frame>
          <NotFound />
        </Frame>
      );
  }
}

function Frame({ children }: { children: React.ReactNode }) {
  return (
    <main className="mx-auto max-w-[100rem] pt-5 pr-[max(1rem,var(--safe-right))] pb-[calc(1.25rem+var(--safe-bottom))] pl-[max(1rem,var(--safe-left))]">
      <PageBoundary>{children}</PageBoundary>
    </main>
  );
}
