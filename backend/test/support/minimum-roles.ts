// The reviewed table of the role matrix: the lowest role for each endpoint of the contract, and what an admitted call answers.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';

/** `in person`: any signed-in user, but not by an API token. */
type MinimumRole = 'public' | 'user' | 'in person' | 'viewer' | 'admin' | 'owner' | 'super';

/** The lowest role that may call each endpoint, as the pages of the contract say. Reviewed by hand; never generated. */
export const minimumRoles: Record<EndpointKey, MinimumRole> = {
  'GET /health': 'public',
  'GET /openapi.json': 'public',

  'GET /auth/ways': 'public',
  'POST /auth/telegram': 'public',
  'POST /auth/link': 'public',
  'POST /auth/telegram-login': 'public',
  'POST /auth/telegram-login/finish': 'public',
  'POST /auth/passkey/options': 'public',
  'POST /auth/passkey/verify': 'public',
  'POST /auth/invite/show': 'public',
  'POST /auth/invite': 'public',
  'POST /auth/oidc': 'public',
  'POST /auth/oidc/finish': 'public',
  'POST /auth/device': 'public',
  'POST /auth/device/token': 'public',
  'GET /auth/device': 'in person',
  'POST /auth/device/approve': 'in person',
  'POST /auth/refresh': 'public',
  'POST /auth/logout': 'in person',

  'GET /me': 'user',
  'PUT /me': 'in person',
  'GET /me/sign-in-link': 'user',
  'POST /me/sign-in-link': 'in person',
  'DELETE /me/sign-in-link': 'in person',
  'GET /me/sessions': 'user',
  'DELETE /me/sessions/:id': 'in person',
  'GET /me/tokens': 'user',
  'POST /me/tokens': 'in person',
  'DELETE /me/tokens/:id': 'in person',
  'GET /me/passkeys': 'user',
  'POST /me/passkeys/options': 'in person',
  'POST /me/passkeys': 'in person',
  'PUT /me/passkeys/:id': 'in person',
  'DELETE /me/passkeys/:id': 'in person',
  'GET /me/notification-prefs': 'user',
  'PUT /me/notification-prefs': 'user',

  'GET /servers': 'user',
  'GET /servers/events': 'user',
  'POST /servers': 'user',
  'POST /servers/host-key': 'user',
  'GET /servers/:id': 'viewer',
  'PUT /servers/:id': 'admin',
  'DELETE /servers/:id': 'owner',
  'POST /servers/:id/clone': 'admin',
  'POST /servers/:id/test': 'admin',
  'POST /servers/:id/host-key/accept': 'owner',
  'POST /servers/:id/exec': 'admin',
  'POST /servers/:id/exec/stream': 'admin',
  'POST /servers/:id/terminal/ticket': 'admin',
  'GET /servers/:id/terminal': 'admin',

  'GET /servers/:id/access': 'admin',
  'POST /servers/:id/access': 'owner',
  'PUT /servers/:id/access/:userId': 'owner',
  // Of another person; one's own role may be given up by every member.
  'DELETE /servers/:id/access/:userId': 'owner',
  'GET /servers/:id/invites': 'owner',
  'POST /servers/:id/invites': 'owner',
  'DELETE /servers/:id/invites/:inviteId': 'owner',
  'POST /invites/accept': 'user',
  'POST /servers/:id/transfer': 'owner',

  'GET /servers/:id/openclaw/status': 'viewer',
  'GET /servers/:id/openclaw/agents': 'viewer',
  'POST /servers/:id/openclaw/agents': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId': 'admin',
  'DELETE /servers/:id/openclaw/agents/:agentId': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/files': 'viewer',
  'GET /servers/:id/openclaw/agents/:agentId/files/:name': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/files/:name': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/skills': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/skills': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/bindings': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/bindings': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/keys': 'viewer',
  'GET /servers/:id/openclaw/agents/:agentId/keys/:provider': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/keys/:provider': 'admin',
  'DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider': 'admin',
  'POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test': 'admin',
  'POST /servers/:id/openclaw/start': 'admin',
  'POST /servers/:id/openclaw/stop': 'admin',
  'POST /servers/:id/openclaw/restart': 'admin',
  'GET /servers/:id/openclaw/config': 'viewer',
  'GET /servers/:id/openclaw/config/schema': 'viewer',
  'POST /servers/:id/openclaw/config/preview': 'admin',
  'PUT /servers/:id/openclaw/config': 'admin',
  'GET /servers/:id/openclaw/config/history': 'viewer',
  'GET /servers/:id/openclaw/config/history/:rev/diff': 'viewer',
  'POST /servers/:id/openclaw/config/rollback': 'admin',
  'GET /servers/:id/openclaw/models': 'viewer',
  'PUT /servers/:id/openclaw/models/default': 'admin',
  'GET /servers/:id/openclaw/cron': 'viewer',
  'POST /servers/:id/openclaw/cron': 'admin',
  'PUT /servers/:id/openclaw/cron/:jobId': 'admin',
  'DELETE /servers/:id/openclaw/cron/:jobId': 'admin',
  'POST /servers/:id/openclaw/cron/:jobId/run': 'admin',
  'GET /servers/:id/openclaw/cron/:jobId/runs': 'viewer',
  'GET /servers/:id/openclaw/logs': 'viewer',
  'GET /servers/:id/openclaw/logs/stream': 'viewer',
  'GET /servers/:id/openclaw/usage': 'viewer',
  'GET /servers/:id/openclaw/security-audit': 'viewer',
  'GET /servers/:id/openclaw/dashboard-url': 'admin',
  'POST /me/control-ui': 'in person',
  'POST /servers/:id/openclaw/model-check': 'admin',
  'GET /servers/:id/openclaw/sessions': 'viewer',
  'GET /servers/:id/openclaw/sessions/:key': 'viewer',
  'GET /servers/:id/openclaw/sessions/:key/messages': 'viewer',
  'POST /servers/:id/openclaw/sessions/:key/messages': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/abort': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/reset': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/compact': 'admin',
  'PUT /servers/:id/openclaw/sessions/:key': 'admin',
  'DELETE /servers/:id/openclaw/sessions/:key': 'admin',
  'GET /servers/:id/openclaw/events': 'viewer',

  'GET /servers/:id/openclaw/skills': 'viewer',
  'GET /servers/:id/openclaw/skills/search': 'viewer',
  'POST /servers/:id/openclaw/skills/install': 'admin',
  'POST /servers/:id/openclaw/skills/upload': 'admin',
  'PUT /servers/:id/openclaw/skills/:name': 'admin',
  'DELETE /servers/:id/openclaw/skills/:name': 'admin',

  'GET /servers/:id/openclaw/channels': 'viewer',
  'POST /servers/:id/openclaw/channels/:channelId/start': 'admin',
  'POST /servers/:id/openclaw/channels/:channelId/stop': 'admin',
  'GET /servers/:id/openclaw/pairing': 'admin',
  'POST /servers/:id/openclaw/pairing/:requestId/approve': 'admin',
  'POST /servers/:id/openclaw/pairing/:requestId/reject': 'admin',
  'GET /servers/:id/openclaw/approvals': 'admin',
  'POST /servers/:id/openclaw/approvals/:approvalId/resolve': 'admin',
  'GET /servers/:id/openclaw/exec-policy': 'viewer',
  'PUT /servers/:id/openclaw/exec-policy': 'admin',

  'GET /servers/:id/setup/check-prereqs': 'viewer',
  'POST /servers/:id/setup/check-prereqs': 'viewer',
  'POST /servers/:id/setup/fix': 'admin',
  'POST /servers/:id/setup/install-node': 'admin',
  'POST /servers/:id/setup/install-openclaw': 'admin',
  'POST /servers/:id/setup/onboard': 'admin',
  'POST /servers/:id/setup/configure-gateway': 'admin',
  'POST /servers/:id/setup/systemd': 'admin',
  'GET /servers/:id/setup/verify-health': 'viewer',
  'POST /servers/:id/setup/verify-health': 'admin',
  'POST /servers/:id/setup/create-default-agent': 'admin',
  'GET /servers/:id/setup/check-updates': 'viewer',
  'POST /servers/:id/setup/check-updates': 'viewer',
  'POST /servers/:id/setup/run': 'admin',

  'GET /inbox': 'user',

  'GET /tasks': 'user',
  'GET /tasks/active': 'user',
  'GET /tasks/active-server': 'user',
  'GET /tasks/:id': 'viewer',
  'GET /tasks/:id/events': 'viewer',
  'GET /tasks/:id/output': 'viewer',
  'POST /tasks/:id/cancel': 'admin',
  'POST /tasks/:id/retry': 'admin',

  'GET /alerts': 'user',
  'POST /alerts/:id/ack': 'admin',
  'POST /alerts/:id/snooze': 'admin',
  'POST /alerts/:id/read': 'viewer',
  'POST /servers/:id/check': 'admin',

  'GET /admin/health/detailed': 'super',
  'GET /admin/backups': 'super',
  'POST /admin/backups/run': 'super',
  'GET /admin/backups/download/:filename': 'super',
  'GET /admin/audit': 'super',
  'GET /admin/audit/export': 'super',
  'GET /admin/users': 'super',
  'POST /admin/users': 'super',
  'POST /admin/users/:id/sign-in-link': 'super',
  'PUT /admin/users/:id': 'super',
  'POST /admin/users/:id/approve': 'super',
  'POST /admin/users/:id/refuse': 'super',
  'POST /admin/users/:id/disable': 'super',
  'POST /admin/users/:id/enable': 'super',
  'POST /admin/vault/rotate': 'super',
  'GET /metrics': 'super',
};

/** The answer of the feature to an authorized caller, where it is neither the endpoint's success nor 400 for an invalid body. */
const insideAnswers: Partial<Record<EndpointKey, readonly number[]>> = {
  // Not set up on this Buoy.
  'POST /auth/telegram-login': [401],
  'POST /auth/oidc': [401],
  // No cookie.
  // Does not exist, so that nothing is ended.
  'DELETE /me/sessions/:id': [404],
  'DELETE /me/tokens/:id': [404],
  'DELETE /me/passkeys/:id': [404],
  'DELETE /servers/:id/access/:userId': [404],
  'DELETE /servers/:id/invites/:inviteId': [404],
  // No such person exists, so that nobody is disabled.
  'POST /admin/users/:id/sign-in-link': [404],
  'POST /admin/users/:id/approve': [404],
  'POST /admin/users/:id/refuse': [404],
  'POST /admin/users/:id/disable': [404],
  'POST /admin/users/:id/enable': [404],
  // Buoy's own records, also of a server that cannot be reached; the path has no valid revision number.
  'GET /servers/:id/openclaw/config/history': [200],
  'GET /servers/:id/openclaw/config/history/:rev/diff': [400],
  // One at a time.
  'POST /servers/:id/openclaw/start': [202, 409],
  'POST /servers/:id/openclaw/stop': [202, 409],
  'POST /servers/:id/openclaw/restart': [202, 409],
  // The stream says it in its first event.
  'GET /servers/:id/openclaw/events': [200],
  'POST /tasks/:id/retry': [202, 409],
  // No file.
  'POST /servers/:id/openclaw/skills/upload': [400],
  // No search text.
  'GET /servers/:id/openclaw/skills/search': [400],
  // It says that the server cannot be reached, and ends.
  'GET /servers/:id/openclaw/logs/stream': [200],
  // It has ended.
  'POST /tasks/:id/cancel': [409],
  // Called as a plain request.
  'GET /servers/:id/terminal': [426],
};

/** The matrix's server cannot be reached: this is the answer to anyone authorized to use its OpenClaw. */
const isOnManagedServer = (key: EndpointKey) => /\/servers\/:id\/(openclaw|setup)\//.test(key);

export function answersInside(key: EndpointKey): readonly number[] {
  const endpoint: Endpoint = contract[key];
  if (insideAnswers[key] !== undefined) return insideAnswers[key];
  if (endpoint.body !== undefined) return [400];
  return [isOnManagedServer(key) ? 503 : endpoint.status];
}
