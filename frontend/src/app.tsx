// The frame around every page, and which page a path shows.
import { Suspense, useEffect, useSyncExternalStore } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { AddServerPage } from './features/servers/add-server-page.tsx';
import { ServerList } from './features/servers/server-list.tsx';
import { ServerPage } from './features/servers/server-page.tsx';
import type { SessionState } from './features/sign-in/session.ts';
import { SignInPage } from './features/sign-in/sign-in-page.tsx';
import { linkTo, navigate, usePath } from './navigation.ts';
import { useServices } from './services.ts';
import { Brand } from './ui/brand.tsx';
import { Button } from './ui/button.tsx';
import { lazyPage } from './ui/lazy-page.tsx';
import { NotFound } from './ui/not-found.tsx';
import { ProblemNote } from './ui/problem-note.tsx';
import { Skeleton } from './ui/skeleton.tsx';
import { useWideScreen } from './ui/use-wide-screen.ts';

const DevicePage = lazyPage(async () => (await import('./features/sign-in/device-page.tsx')).DevicePage);
const ControlUiPage = lazyPage(
  async () => (await import('./features/control-ui/control-ui-page.tsx')).ControlUiPage,
);
const InvitePage = lazyPage(async () => (await import('./features/access/invite-page.tsx')).InvitePage);
const BackupsPage = lazyPage(async () => (await import('./features/backups/backups-page.tsx')).BackupsPage);

export function App() {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase === 'starting') return <Starting />;
  if (state.phase === 'signed-out') return <SignInPage problem={state.problem} />;
  return <SignedIn state={state} />;
}

function Starting() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <p role="status" className="flex flex-col items-center gap-3 text-sm text-muted">
        <Brand />
        Signing you in…
      </p>
    </main>
  );
}

function SignedIn({ state }: { state: Extract<SessionState, { phase: 'signed-in' }> }) {
  const { session, telegram } = useServices();
  const { user, notice } = state;
  return (
    <>
      <header className="border-b border-line bg-surface pt-[env(safe-area-inset-top)]">
        <div className="mx-auto flex min-h-14 max-w-[100rem] items-center justify-between gap-3 px-4">
          <a {...linkTo('/')} className="inline-flex min-h-11 items-center">
            <Brand />
          </a>
          <div className="flex min-w-0 items-center gap-1 text-sm text-muted">
            <AccountMenu user={user} />
            {/* Telegram would sign in again at once. */}
            {telegram === null && (
              <Button look="quiet" onClick={() => void session.signOut()}>
                Sign out
              </Button>
            )}
          </div>
        </div>
      </header>
      {notice !== null && (
        <div className="mx-auto flex max-w-[100rem] flex-wrap items-center gap-2 px-4 pt-4">
          <div className="min-w-0 flex-1">
            <ProblemNote problem={notice} />
          </div>
          <Button onClick={session.dismissNotice}>Close</Button>
        </div>
      )}
      <Pages isSuperAdmin={user.isSuperAdmin} />
    </>
  );
}

function Pages({ isSuperAdmin }: { isSuperAdmin: boolean }) {
  const { telegram, wantedPage } = useServices();
  const path = usePath();
  const isWide = useWideScreen();
  const isHome = path === '/' || path === '/sign-in';
  useEffect(() => {
    if (path === '/sign-in') navigate(wantedPage.path() ?? '/', { replace: true });
    else wantedPage.visited(path);
  }, [path, wantedPage]);
  useEffect(() => telegram?.showBackButton(!isHome), [telegram, isHome]);

  const serverId = /^\/servers\/([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1] ?? null;
  if (path === '/servers/new')
    return (
      <Frame>
        <AddServerPage />
      </Frame>
    );
  if (serverId !== null)
    return (
      <Frame>
        <div className="lg:grid lg:grid-cols-[23rem_minmax(0,1fr)] lg:gap-6">
          {/* On a phone there is room for one of the two. */}
          {isWide && (
            <div>
              <ServerList selectedId={serverId} />
            </div>
          )}
          <ServerPage key={serverId} id={serverId} />
        </div>
      </Frame>
    );
  if (isHome)
    return (
      <Frame>
        <ServerList selectedId={null} />
      </Frame>
    );
  return (
    <Frame>
      <Suspense fallback={<Skeleton label="Loading the page" rows={2} />}>
        {path === '/device' ? (
          <DevicePage />
        ) : path === '/control-ui' ? (
          <ControlUiPage />
        ) : path === '/invite' ? (
          <InvitePage />
        ) : path === '/admin/backups' && isSuperAdmin ? (
          <BackupsPage />
        ) : (
          <NotFound />
        )}
      </Suspense>
    </Frame>
  );
}

function Frame({ children }: { children: React.ReactNode }) {
  return (
    <main className="mx-auto max-w-[100rem] px-4 py-5 pb-[calc(1.25rem+env(safe-area-inset-bottom))]">
      {children}
    </main>
  );
}
