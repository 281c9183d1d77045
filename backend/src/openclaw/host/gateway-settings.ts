// Reads the gateway's port and secret from openclaw.json and its environment. Contains secrets: nothing here logs.
import { z } from 'zod';
import { ownText } from '../../lib/own-text.ts';
import { boundedRecord, nameText, ownValue } from '../reads/bounded.ts';
import { brokenConfig, type ConfigFile } from './config-file.ts';
import type { GatewayAccess } from './installation.ts';

export type GatewaySettings = {
  port: number;
  bind: string | null;
  authMode: string | null;
  access: GatewayAccess;
};

export type SettingsSource = {
  /** openclaw.json; null when it is absent or cannot be read. */
  config: ConfigFile | null;
  configPath: string | null;
  /** Variables of the gateway's process or unit. */
  environment: Record<string, string>;
  /** Variables of ~/.openclaw/.env: they fill gaps only (docs/help/environment of OpenClaw 2026.9.6). */
  dotEnv: Record<string, string>;
  /** `--port` of the unit. */
  commandPort: number | null;
};

/** OpenClaw's default. */
export const DEFAULT_GATEWAY_PORT = 18_789;

/** UTF-16 units of a path; Linux takes no longer ones. */
const MAX_PATH = 4_095;
/** Variables that are read; OpenClaw knows some thirty. */
const MAX_VARIABLES = 5_000;

const secretRef = z.object({ source: z.string(), id: z.string().optional() });
const port = z.coerce.number().int().min(1).max(65_535);
const configSchema = z.object({
  gateway: z
    .object({
      port: port.optional().catch(undefined),
      bind: nameText.optional().catch(undefined),
      controlUi: z
        .object({ basePath: nameText.optional().catch(undefined) })
        .optional()
        .catch(undefined),
      auth: z
        .object({
          mode: nameText.optional().catch(undefined),
          token: z.union([z.string(), secretRef]).optional().catch(undefined),
          password: z.union([z.string(), secretRef]).optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  env: z
    .object({ vars: boundedRecord(z.unknown(), MAX_VARIABLES).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * Port: `--port`, OPENCLAW_GATEWAY_PORT, `gateway.port`, 18789, in OpenClaw's own order (docs/gateway of 2026.9.6).
 * Secret: `gateway.auth.token|password`, else OPENCLAW_GATEWAY_TOKEN|PASSWORD. References to files, commands and
 * OpenClaw's secret store are not followed; `access.problem` then says so in words.
 */
export function readGatewaySettings(source: SettingsSource): GatewaySettings {
  const parsed = configIn(source.config);
  const gateway = parsed.config?.gateway;
  const configured = Object.entries(parsed.config?.env?.vars ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const variables: Record<string, string> = {
    ...Object.fromEntries(configured),
    ...source.dotEnv,
    ...source.environment,
  };
  const environmentPort = port.safeParse(variables.OPENCLAW_GATEWAY_PORT);
  const settings = {
    port:
      source.commandPort ??
      (environmentPort.success ? environmentPort.data : undefined) ??
      gateway?.port ??
      DEFAULT_GATEWAY_PORT,
    bind: gateway?.bind ?? null,
    authMode: gateway?.auth?.mode ?? null,
  };
  const token = resolve(gateway?.auth?.token, 'OPENCLAW_GATEWAY_TOKEN', variables);
  const password = resolve(gateway?.auth?.password, 'OPENCLAW_GATEWAY_PASSWORD', variables);
  const mode = settings.authMode ?? (token.value === null && password.value !== null ? 'password' : 'token');
  // Slashes around it are optional (docs/web/control-ui of 2026.9.6).
  const controlUiPath = `/${withoutSlashesAround(gateway?.controlUi?.basePath ?? '')}`;
  const finish = (auth: GatewayAccess['auth'], problem: string | null): GatewaySettings => ({
    ...settings,
    access: { port: settings.port, ...(controlUiPath === '/' ? {} : { controlUiPath }), auth, problem },
  });

  if (mode === 'none') return finish(null, null);
  const wanted = mode === 'password' ? password : token;
  if (wanted.value !== null) {
    return finish(mode === 'password' ? { password: wanted.value } : { token: wanted.value }, null);
  }
  if (mode === 'trusted-proxy') {
    return finish(null, 'The gateway leaves sign-in to a proxy (gateway.auth.mode is "trusted-proxy").');
  }
  if (wanted.problem !== null) return finish(null, wanted.problem);
  if (parsed.problem !== null) return finish(null, parsed.problem);
  if (source.configPath === null) return finish(null, 'OpenClaw has no config file yet.');
  if (source.config === null) return finish(null, 'The login may not read the config file of OpenClaw.');
  return finish(
    null,
    `The config file of OpenClaw has no gateway.auth.${mode === 'password' ? mode : 'token'}.`,
  );
}

const tlsSchema = z.looseObject({
  gateway: z.looseObject({
    tls: z.looseObject({
      enabled: z.literal(true),
      certPath: z.string().max(MAX_PATH).optional(),
    }),
  }),
});

/** Of a gateway that serves TLS, by default where OpenClaw makes one; null: it serves none, or the file cannot be told. */
export function readCertificatePath(config: ConfigFile | null, statePath: string | null): string | null {
  const parsed = tlsSchema.safeParse(config?.value);
  if (!parsed.success) return null;
  const { certPath } = parsed.data.gateway.tls;
  const path = certPath ?? (statePath === null ? '' : `${statePath}/gateway/tls/gateway-cert.pem`);
  return path.startsWith('/') && ownText(path) === path && !/[\0\n]/.test(path) ? path : null;
}

/** `NAME=value` lines, quotes around a value removed. */
export function parseVariables(text: string | null): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of (text ?? '').split('\n', MAX_VARIABLES)) {
    const match = /^([A-Z_][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match) variables[match[1]!] = match[2]!.trim().replace(/^(["'])(.*)\1$/, '$2');
  }
  return variables;
}

function configIn(file: ConfigFile | null): {
  config: z.output<typeof configSchema> | null;
  problem: string | null;
} {
  if (file === null || file.problem !== null) return { config: null, problem: file?.problem ?? null };
  const result = configSchema.safeParse(file.value);
  return result.success ? { config: result.data, problem: null } : { config: null, problem: brokenConfig };
}

/** UTF-16 units of a secret: it is kept in memory, and searched for in each chunk that the gateway sends to a browser. */
const MAX_SECRET = 4_096;

type Resolved = { value: string | null; problem: string | null };

function resolve(
  value: string | z.output<typeof secretRef> | undefined,
  variable: string,
  variables: Record<string, string>,
): Resolved {
  if (value === undefined || value === '') return withinLength(variables[variable] || null);
  if (typeof value === 'string') return filledIn(value, variables);
  if (value.source === 'env') {
    const found = value.id === undefined ? undefined : ownValue(variables, value.id);
    return found
      ? withinLength(found)
      : { value: null, problem: "The gateway's secret is in an environment variable that Buoy cannot see." };
  }
  return {
    value: null,
    problem: `The gateway's secret is kept in a "${value.source}" reference, which Buoy does not follow.`,
  };
}

/** `text` with its `${VARIABLES}`, measured before it is put together: a few names of a long one make a text that fills the memory. */
function filledIn(text: string, variables: Record<string, string>): Resolved {
  let missing: string | null = null;
  let length = 0;
  const filled = text.replace(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (_whole, name: string) => {
    const found = ownValue(variables, name);
    if (!found) missing = name;
    length += found?.length ?? 0;
    return length > MAX_SECRET ? '' : (found ?? '');
  });
  if (missing !== null)
    return {
      value: null,
      problem: `The gateway's secret refers to the variable ${missing}, which Buoy cannot see.`,
    };
  return length > MAX_SECRET ? tooLong : withinLength(filled);
}

function withinLength(value: string | null): Resolved {
  if (value === null) return { value, problem: null };
  return value.length > MAX_SECRET ? tooLong : { value: ownText(value), problem: null };
}

const tooLong: Resolved = { value: null, problem: "The gateway's secret is longer than Buoy takes." };

function withoutSlashesAround(path: string): string {
  const start = path.search(/[^/]/);
  // Not by /\/+$/, which begins anew at each slash.
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return start === -1 ? '' : path.slice(start, end);
}
