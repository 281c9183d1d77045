// Open items for the caller across all servers.
import { signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { InboxReader } from '../inbox/inbox.ts';

export function inboxRoutes(inbox: InboxReader): Route[] {
  return [route('GET /inbox', signedIn, ({ caller, signal }) => inbox.read(caller, { signal }))];
}
