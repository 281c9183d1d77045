// The one place where a caller is let in or not, from what the route declares.
import { id } from '@buoy/contract';
import { includesRole } from '../access/access.policy.ts';
import type { Access } from '../access/access.ts';
import { AppError } from '../lib/app-error.ts';
import type { Caller, SignIn } from '../users/sign-in.ts';
import type { PathParams, Policy } from './route.ts';

export type Door = {
  /** @returns who calls, null on public routes. @throws AppError 401, 403, or 404 for what the caller cannot see. */
  admit(policy: Policy, authorization: string | undefined, params: PathParams): Promise<Caller | null>;
  /** Would the same caller still be let in? For streams, which outlive the first answer. */
  stillAdmits(policy: Policy, caller: Caller | null, params: PathParams): Promise<boolean>;
};

export function createDoor({ signIn, access }: { signIn: SignIn; access: Access }): Door {
  const authorize = async (policy: Policy, caller: Caller, params: PathParams): Promise<void> => {
    if (policy.who === 'public' || policy.who === 'user') return;
    if (policy.who === 'super') {
      if (!caller.user.isSuperAdmin)
        throw new AppError('forbidden', 'Only a super-admin of this Buoy may do this.');
      return;
    }
    // An id that cannot be one is not worth a query, and PostgreSQL refuses NUL bytes in it.
    const wellFormed = Object.values(params).every((value) => id.safeParse(value).success);
    const serverId = wellFormed ? await policy.serverOf(params) : null;
    const role = serverId === null ? null : await access.roleOf(caller.user, serverId);
    if (role === null)
      throw new AppError('not_found', 'There is no such thing here, or you have no access to it.');
    if (!includesRole(role, policy.who))
      throw new AppError(
        'forbidden',
        `This takes the role "${policy.who}" on the server; yours is "${role}".`,
        {
          hint: 'Ask the owner of the server for a higher role.',
        },
      );
  };

  return {
    async admit(policy, authorization, params) {
      if (policy.who === 'public') return null;
      const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined)
        throw new AppError('unauthenticated', 'This call needs a token: "Authorization: Bearer …".', {
          hint: 'Sign in first.',
        });
      const caller = await signIn.authenticate(token);
      await authorize(policy, caller, params);
      return caller;
    },

    async stillAdmits(policy, caller, params) {
      if (caller === null) return policy.who === 'public';
      if (!(await signIn.isLive(caller.sessionId))) return false;
      return authorize(policy, caller, params).then(
        () => true,
        () => false,
      );
    },
  };
}
