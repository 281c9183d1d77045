// Every error code that crosses the wire, with its HTTP status. Clients branch on the code, never on the sentence.
import type { ErrorDetails } from './problem.ts';

/** Code → HTTP status. A closed set: a new way to fail gets a new line here. */
export const errorStatus = {
  // the caller's mistake
  invalid_request: 400,
  malformed_json: 400,
  key_format: 400,
  unauthenticated: 401,
  token_expired: 401,
  session_revoked: 401,
  sign_in_failed: 401,
  forbidden: 403,
  not_approved: 403,
  account_disabled: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  duplicate: 409,
  stale_version: 409,
  task_already_running: 409,
  withdrawn: 409,
  idempotency_key_reused: 409,
  idempotency_key_in_use: 409,
  host_key_mismatch: 409,
  payload_too_large: 413,
  range_not_satisfiable: 416,
  upgrade_required: 426,
  // the managed server said no
  refused: 422,
  unsupported: 422,
  not_installed: 422,
  // a setup that stopped
  node_missing: 422,
  openclaw_missing: 422,
  sudo_refused: 422,
  disk_full: 422,
  registry_failed: 422,
  checksum_mismatch: 422,
  version_not_found: 422,
  provider_refused: 422,
  port_taken: 422,
  no_service_manager: 422,
  config_invalid: 422,
  not_ready: 422,
  busy: 422,
  authorization_pending: 428,
  rate_limited: 429,
  // ours
  internal: 500,
  response_contract: 500,
  storage_full: 503,
  storage_unavailable: 503,
  shutting_down: 503,
  too_many_streams: 503,
  // the managed server or the way to it
  bad_gateway: 502,
  output_too_large: 502,
  unreachable: 503,
  host_key_changed: 503,
  ssh_auth: 503,
  circuit_open: 503,
  queue_full: 503,
  gateway_unavailable: 503,
  clawhub_unreachable: 503,
  deadline: 504,
  cancelled: 499,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** The error body of every route. */
export type Problem = {
  error: string;
  code: ErrorCode;
  requestId: string;
  hint?: string;
  details?: ErrorDetails;
  taskId?: string;
};
