// Signing in at another site, which sends the browser back: Telegram, or a company's OpenID provider.
import { useMutation } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';

export function ProviderSignIn({
  route,
  text,
  hint,
}: {
  route: 'POST /auth/telegram-login' | 'POST /auth/oidc';
  text: string;
  hint: string;
}) {
  const { api } = useServices();
  const begin = useMutation({
    mutationFn: () => api.call(route),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <>
      {/* Until the browser has left for that page. */}
      <Button variant="primary" disabled={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        {text}
      </Button>
      {begin.error !== null && <ProblemNote problem={begin.error} />}
      <p className="text-sm text-muted">{hint}</p>
    </>
  );
}
