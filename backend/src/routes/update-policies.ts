// Update policies of the caller, by tag.
import { signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';

export function updatePolicyRoutes(updatePolicies: UpdatePolicies): Route[] {
  return [
    route('GET /update-policies', signedIn, ({ caller, query }) => updatePolicies.list(caller, query)),
    route('GET /update-policies/:tag', signedIn, async ({ caller, params }) => ({
      policy: await updatePolicies.find(caller, params.tag),
    })),
    route('PUT /update-policies/:tag', signedIn, async ({ caller, params, body, ifMatch, audit }) => ({
      policy: await updatePolicies.change(caller, params.tag, body, { ifMatch }, audit),
    })),
    route('DELETE /update-policies/:tag', signedIn, ({ caller, params, audit }) =>
      updatePolicies.remove(caller, params.tag, audit),
    ),
  ];
}
