// “Log in with Telegram”, where this Buoy has it set up: to Telegram's page, and back to /sign-in.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { signInTexts } from './texts.ts';

export function TelegramLogin() {
  const { api } = useServices();
  const t = useTexts(signInTexts);
  const ways = useQuery({
    queryKey: ['sign-in', 'ways'],
    queryFn: ({ signal }) => api.call('GET /auth/ways', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const begin = useMutation({
    mutationFn: () => api.call('POST /auth/telegram-login'),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  if (ways.data?.telegramLogin !== true) return null;
  return (
    <div className="mt-4 space-y-4">
      {/* Until the browser has left for Telegram's page. */}
      <Button look="primary" disabled={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        {t.telegramLogin}
      </Button>
      {begin.error !== null && <ProblemNote problem={begin.error} />}
      <p className="text-sm text-muted">{t.telegramLoginHint}</p>
    </div>
  );
}
