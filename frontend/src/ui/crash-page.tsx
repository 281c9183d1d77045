// What is left when a page has broken: words and a way on, instead of a blank screen.
import { Brand } from './brand.tsx';
import { Button } from './button.tsx';

export function CrashPage() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-4 px-4">
      <Brand />
      <h1 className="text-xl font-semibold">This page has broken</h1>
      <p className="text-muted">
        That is a mistake in Buoy's web app. Your servers are not touched by it. Loading the page again
        usually helps.
      </p>
      <div>
        <Button look="primary" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </div>
    </main>
  );
}
