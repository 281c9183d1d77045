// Authorizes callers by the policy that the route declares; the only place that does.
import { id, type Scope, type User } from '@buoy/contract';
import { includesRole, roleTooLow } from '../access/access.policy.ts';
import type { Access } from '../access/access.ts';
import { AppError } from '../lib/app-error.ts';
import type { Caller } from '../users/caller.ts';
import { nameOf } from '../users/user.presenter.ts';
import { globalScope, type PathParams, type Policy } from './route.ts';

export type Resource = string | null | typeof globalScope;

export type Authorizer = {
  /** The caller of this token. @throws AppError 401 */
  identify(authorization: string | undefined): Promise<Caller>;
  /** Called before anything is looked up for the caller. @throws AppError `not_approved` for a person without approval */
  checkApproved(policy: Policy, caller: Caller): void;
  /** The server that the path leads to; null where the policy names none or there is nothing. */
  locate(policy: Policy, params: PathParams): Promise<Resource>;
  /** @throws AppError 403, or 404 for what the caller cannot see */
  authorize(policy: Policy, method: string, caller: Caller, resource: Resource): Promise<void>;
  /** The caller with the person as they are now; null when what they brought is over. */
  current(caller: Caller): Promise<Caller | null>;
  /** Whether the same caller is still authorized. For streams, which outlive the first answer. */
  stillAdmits(policy: Policy, method: string, caller: Caller | null, params: PathParams): Promise<boolean>;
};

/** What authorization needs to know of people and tokens. */
export type Authentication = {
  /** @throws AppError 401 with the reason */
  authenticate(token: string): Promise<Caller>;
  /** The caller with the person as they are now; null when what they brought is over. */
  current(caller: Caller): Promise<Caller | null>;
};

const scopeRank: Record<Exclude<Scope, 'metrics'>, number> = { read: 1, operate: 2, admin: 3 };

/** The scope that an API token needs for a route that leads to `place`. */
export function scopeFor(policy: Policy, method: string, resource: Resource): Scope {
  if (policy.who === 'super') return policy.scope ?? 'admin';
  // Access is given and ended by what an owner's token may do.
  if ('endsOwnRole' in policy) return 'admin';
  // A viewer's few changes, such as acknowledging an alert, also need more than the read scope.
  const changes = policy.who === 'admin' || method !== 'GET';
  // Resources without a server require the same scope as super-admin routes, since only super-admins see them.
  if (policy.who === 'owner' || (changes && resource === globalScope)) return 'admin';
  return changes ? 'operate' : 'read';
}

function includesScope(held: readonly Scope[], needed: Scope): boolean {
  if (needed === 'metrics') return held.includes('metrics') || held.includes('admin');
  return held.some((scope) => scope !== 'metrics' && scopeRank[scope] >= scopeRank[needed]);
}

/** For routes of which only some requests are closed to API tokens; `inPerson` of a policy does the same. @throws AppError 403 */
export function checkInPerson({ apiToken }: Caller): void {
  if (apiToken !== null)
    throw new AppError('forbidden', 'This cannot be done with an API token.', {
      hint: 'Sign in, in the app or with the command line, and do it there.',
    });
}

function checkScope(policy: Policy, method: string, caller: Caller, resource: Resource): void {
  if (caller.apiToken === null) return;
  if ('inPerson' in policy && policy.inPerson) checkInPerson(caller);
  const needed = scopeFor(policy, method, resource);
  if (!includesScope(caller.apiToken.scopes, needed))
    throw new AppError(
      'forbidden',
      `This requires an API token with the scope "${needed}"; yours has ${caller.apiToken.scopes.map((scope) => `"${scope}"`).join(', ') || 'none'}.`,
      { hint: 'Make another token under your account.' },
    );
}

function checkApproved(policy: Policy, { user }: Caller): void {
  const admitsPending = policy.who === 'user' && policy.pending === true;
  if (!user.approved && !admitsPending) throw notApproved(user);
}

/** A sentence to forward to an admin, with the person's name and id. */
function notApproved(user: User): AppError {
  return new AppError(
    'not_approved',
    `Ask an admin of this Buoy for access: "${nameOf(user)} (id ${user.id}) asks for access."`,
    { hint: 'Send that sentence to an admin, or open the invite link that you received.' },
  );
}

export function createAuthorizer({
  authentication,
  access,
}: {
  authentication: Authentication;
  access: Access;
}): Authorizer {
  const locate: Authorizer['locate'] = async (policy, params) => {
    if (!('serverOf' in policy)) return null;
    // An id that cannot be one is not worth a query, and PostgreSQL refuses NUL bytes in it.
    // Other path parts may be OpenClaw's names, such as `agent:main:main` or `AGENTS.md`; the route's schema checks them.
    return id.safeParse(params.id).success ? policy.serverOf(params) : null;
  };

  const authorize: Authorizer['authorize'] = async (policy, method, caller, resource) => {
    checkApproved(policy, caller);
    if (policy.who === 'super' && !caller.user.isSuperAdmin)
      throw new AppError('forbidden', 'Only a super-admin of this Buoy may do this.');
    if ('serverOf' in policy) {
      const role =
        resource === null
          ? null
          : resource === globalScope
            ? caller.user.isSuperAdmin
              ? 'owner'
              : null
            : await access.roleOf(caller.user, resource);
      if (role === null) throw new AppError('not_found', 'Not found, or you have no access to it.');
      if (!includesRole(role, policy.who)) throw roleTooLow(policy.who, role);
    }
    checkScope(policy, method, caller, resource);
  };

  return {
    checkApproved,
    locate,
    authorize,

    identify(authorization) {
      const token = /^Bearer ([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined)
        throw new AppError('unauthenticated', 'This call needs a token: "Authorization: Bearer …".', {
          hint: 'Sign in first.',
        });
      return authentication.authenticate(token);
    },

    current: (caller) => authentication.current(caller),

    async stillAdmits(policy, method, caller, params) {
      if (caller === null) return policy.who === 'public';
      const current = await authentication.current(caller);
      if (current === null) return false;
      try {
        checkApproved(policy, current);
        await authorize(policy, method, current, await locate(policy, params));
        return true;
      } catch {
        return false;
      }
    },
  };
}
