// What a person sees who is not signed in: how to get in, in words.
import type { ApiError } from '@buoy/contract/client';
import { useServices } from '../../services.ts';
import { Brand } from '../../ui/brand.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type PageWithCode, pageTitles } from './wanted-page.ts';

const whyFirst: Record<PageWithCode, string> = {
  '/device': 'A terminal asks to be signed in. Sign in here first; you then approve it.',
  '/invite': 'You were invited to a server. Sign in first; you then accept the invite.',
};

export function SignInPage({ problem }: { problem: ApiError | null }) {
  const { session, telegram, wantedPage } = useServices();
  const wanted = wantedPage.path();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-5 px-4 py-10">
      <Brand />
      <section className="rounded-lg border border-line bg-surface p-5 sm:p-7">
        <PageHeading title="Sign in">Sign in to Buoy</PageHeading>
        {wanted !== null && <p className="mt-4">{whyFirst[wanted]}</p>}
        {problem !== null && (
          <div className="mt-4">
            <ProblemNote problem={problem} />
          </div>
        )}
        {telegram === null ? <LinkInstructions wanted={wanted} /> : <TelegramInstructions />}
        <div className="mt-6">
          <Button onClick={() => void session.start()}>Try again</Button>
        </div>
      </section>
    </main>
  );
}

function LinkInstructions({ wanted }: { wanted: PageWithCode | null }) {
  return (
    <div className="mt-4 space-y-4 text-muted">
      <p>
        Buoy has no passwords. You get in with a <strong className="text-ink">one-time link</strong>, and this
        browser then keeps you signed in.
      </p>
      <ol className="list-decimal space-y-3 pl-5">
        <li>
          Nobody has signed in yet? <Command>npm start</Command> printed a link in its terminal. Open it; the
          first person in becomes the super-admin.
        </li>
        <li>
          Otherwise make a new link, on the machine that Buoy runs on, in its folder:
          <Command block>npm run sign-in-link</Command>
        </li>
        <li>
          If this Buoy has a Telegram bot, open the app from the bot: Telegram signs you in by itself.
          {wanted !== null && ` There, press your name and choose “${pageTitles[wanted]}”.`}
        </li>
      </ol>
    </div>
  );
}

function TelegramInstructions() {
  return (
    <p className="mt-4 text-muted">
      Close this window in Telegram and open the app again from the bot: Telegram then signs you in by itself.
    </p>
  );
}

function Command({ children, block = false }: { children: string; block?: boolean }) {
  return (
    <code
      className={`rounded border border-line bg-inset px-1.5 py-0.5 font-mono text-sm text-ink select-all ${block ? 'mt-2 block px-3 py-2' : 'whitespace-nowrap'}`}
    >
      {children}
    </code>
  );
}
