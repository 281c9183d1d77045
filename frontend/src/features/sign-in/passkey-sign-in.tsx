// Signing in with a passkey, where this Buoy and this browser have them.
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { PasskeyProblem } from './passkey-problem.tsx';
import { askForPasskey } from './passkey-prompt.ts';
import { passkeyTexts } from './passkey-texts.ts';

export function PasskeySignIn() {
  const { api, session } = useServices();
  const t = useTexts(passkeyTexts);
  const signIn = useMutation({
    mutationFn: async () => {
      const { options } = await api.call('POST /auth/passkey/options');
      const credential = await askForPasskey(options);
      session.enter(await api.call('POST /auth/passkey/verify', { body: { credential } }));
    },
  });
  return (
    <>
      <Button variant="primary" disabled={signIn.isPending} onClick={() => signIn.mutate()}>
        {signIn.isPending ? t.waiting : t.signIn}
      </Button>
      {signIn.error !== null && <PasskeyProblem problem={signIn.error} />}
    </>
  );
}
