// Typed access to light-hosts.sh: many small SSH hosts on loopback addresses, for scale tests.
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runCommand } from './run-command.ts';

const lightHostSchema = z.object({
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  /** Path of the private key; one for all. */
  key: z.string(),
  /** `SHA256:…` of its ed25519 host key. */
  hostKey: z.string(),
});
export type LightHost = z.infer<typeof lightHostSchema>;

const script = fileURLToPath(new URL('./light-hosts.sh', import.meta.url));
/** 500 hosts take 12 s on an idle machine; the image may have to be built first. */
const upTimeoutMs = 10 * 60_000;

/** Hosts `from` to `to` (1 to 60000, both included), running; those that run already are kept. Needs what full hosts need. */
export async function lightHosts(from: number, to: number): Promise<LightHost[]> {
  const stdout = await runScript('up', String(from), String(to));
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => lightHostSchema.parse(JSON.parse(line)));
}

/** Stops all processes of hosts `from` to `to`, which then accept connections and answer nothing, until they are ended. */
export async function freezeLightHosts(from: number, to: number): Promise<void> {
  await runScript('freeze', String(from), String(to));
}

/** Ends hosts `from` to `to`; they are made anew, with new host keys, when asked for again. */
export async function endLightHosts(from: number, to: number): Promise<void> {
  await runScript('down', String(from), String(to));
}

/** Ends all of them; 500 take some seconds. */
export async function releaseLightHosts(): Promise<void> {
  await runScript('down-all');
}

async function runScript(...args: string[]): Promise<string> {
  const result = await runCommand('bash', [script, ...args], { timeoutMs: upTimeoutMs });
  if (result.code !== 0)
    throw new Error(
      `light-hosts.sh ${args.join(' ')}: ${result.stderr.trim() || `ended with ${result.code}`}`,
    );
  return result.stdout;
}
