// The login dialogue: which methods to try with one credential, and the error for each refusal.
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import type { AppError } from '../lib/app-error.ts';
import { failure, printable } from './failures.ts';
import type { OpenedKey } from './private-key.ts';
import { signingAgent } from './signing-agent.ts';

export type Secret = { type: 'password'; password: string } | { type: 'key'; key: OpenedKey };

export type Login = {
  handler: AuthHandlerMiddleware;
  /** Must be called at each refused attempt: after one with a key, ssh2 does not notify the handler. */
  onRefused(methodsLeft: AuthenticationType[], partialSuccess: boolean): void;
  /** True once the credential was sent. */
  tried(): boolean;
  /** Why the login failed. `peerError`: the server's own words when it hung up. */
  failure(peerError?: unknown): AppError;
  /** The server wants a new password before it lets anyone in. */
  passwordExpired(): AppError;
};

/**
 * One attempt with the given credential: each refused attempt counts for fail2ban. `none` is asked first, which sshd does not
 * count: it answers with the list of methods. Keyboard-interactive stands in where `password` is not offered.
 */
export function createLogin({
  username,
  secret,
  hostPort,
  mayTry,
  onUnsent,
}: {
  username: string;
  secret: Secret;
  hostPort: string;
  /** Asked before the credential is sent, which waits for it. */
  mayTry: () => Promise<void>;
  /** Called with the reason why nothing was sent: what `mayTry` rejected with, or why the key could not sign. */
  onUnsent: (error: unknown) => void;
}): Login {
  let offered: AuthenticationType[] = [];
  let tried: 'key' | 'password' | null = null;
  let needsMore = false;
  let asked = false;

  const who = `the user "${printable(username)}" at ${hostPort}`;

  const handler: AuthHandlerMiddleware = (methodsLeft, _partialSuccess, next) => {
    if (methodsLeft === null) return next({ type: 'none', username });
    // Not `tried`: refusals that come while `mayTry` waits would each begin a login of their own.
    if (asked) return next(false as never);
    const send = (method: AnyAuthMethod) => {
      asked = true;
      mayTry()
        .then(() => {
          tried = secret.type;
          next(method);
        })
        .catch(onUnsent);
    };
    if (secret.type === 'key') {
      if (!offered.includes('publickey')) return next(false as never);
      return send({ type: 'agent', username, agent: signingAgent(secret.key, onUnsent) });
    }
    if (offered.includes('password')) {
      return send({ type: 'password', username, password: secret.password });
    }
    if (offered.includes('keyboard-interactive')) {
      let answered = false;
      return send({
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          // Only a single hidden question can be the password; anything else is a second factor.
          const isPassword = prompts.length === 1 && prompts[0]?.echo !== true && !answered;
          if (!isPassword) needsMore = true;
          answered = true;
          finish(isPassword ? [secret.password] : prompts.map(() => ''));
        },
      });
    }
    return next(false as never);
  };

  function auth(message: string, hint: string, cause?: unknown): AppError {
    return failure('auth', 'ssh_auth', message, { hint, details: { offered }, cause });
  }

  return {
    handler,
    onRefused(methodsLeft, partialSuccess) {
      offered = methodsLeft;
      if (partialSuccess) needsMore = true;
    },
    tried: () => tried !== null,
    failure(peerError) {
      if (needsMore) {
        return auth(
          `The login of ${who} asks for a second factor.`,
          'Use a key that needs no second factor, or exempt this account in sshd_config.',
        );
      }
      if (tried === null && secret.type === 'key') {
        return auth(
          `${hostPort} takes no keys for the user "${printable(username)}".`,
          onlyOffers(offered),
          peerError,
        );
      }
      if (tried === null) {
        return auth(
          `${hostPort} takes no passwords for the user "${printable(username)}".`,
          onlyOffers(offered),
          peerError,
        );
      }
      if (peerError instanceof Error && /too many auth/i.test(peerError.message)) {
        return auth(
          `Too many failed logins of ${who}.`,
          'Wait a few minutes, check the login data, and raise MaxAuthTries if it is very low.',
          peerError,
        );
      }
      return secret.type === 'key'
        ? auth(
            `The key was refused for ${who}.`,
            "Check the user name, and that the key's public half is in ~/.ssh/authorized_keys of that account.",
            peerError,
          )
        : auth(
            `The password was refused for ${who}.`,
            'Check user name and password; for root, sshd often allows only keys (PermitRootLogin).',
            peerError,
          );
    },
    passwordExpired: () =>
      auth(
        `The password of ${who} has expired.`,
        'Log in manually once, set a new password, then enter it here.',
      ),
  };
}

function onlyOffers(offered: readonly string[]): string {
  const list = offered.map(printable).join(', ');
  return list === ''
    ? 'Check the user name and the login methods in sshd_config.'
    : `The server offers only: ${list}. Change the login data, or sshd_config.`;
}
