// Skills: what an agent can be taught beyond its tools. Listing, switching, searching, installing, uploading, removing them.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, line } from '../scalars.ts';
import { task } from '../tasks.ts';
import { count, readOf } from './read.ts';

/** Of an agent that is there, however its id came to be; OpenClaw itself uses these letters. */
const agentId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
  error: 'must be the id of an agent: letters, digits, "-" and "_", at most 63',
});
const ofAgent = z.strictObject({ agentId: agentId.optional() });
/** The skill's name; its key works too. */
const skillParams = z.strictObject({ ...idParams.shape, name: line(128) });

/**
 * Where a skill comes from. `workspace`: of one agent. `managed`: of all agents of the server. `personal` and `project`: from
 * `.agents/skills` in the home or the workspace. `extra`: from a folder that the config names. `other`: a newer OpenClaw knows.
 */
export const skillSource = z.enum([
  'bundled',
  'workspace',
  'managed',
  'extra',
  'plugin',
  'workshop',
  'library',
  'personal',
  'project',
  'other',
]);
export type SkillSource = z.output<typeof skillSource>;

export const skill = z
  .object({
    name: z.string(),
    /** What the config calls it. */
    key: z.string(),
    description: z.string(),
    source: skillSource,
    emoji: z.string().nullable(),
    homepage: z.string().nullable(),
    /** Switched on for all agents. */
    enabled: z.boolean(),
    /** Nothing that it needs is missing. */
    eligible: z.boolean(),
    /** The agent has a list of skills that it may use, and this one is not on it. */
    blockedByAgent: z.boolean(),
    /** What it needs and the host does not have. */
    missing: z.object({
      bins: z.array(z.string()),
      /** One of these is enough. */
      anyBins: z.array(z.string()),
      env: z.array(z.string()),
      config: z.array(z.string()),
      os: z.array(z.string()),
    }),
    /** Ways to get what is missing: `installId` of `POST …/skills/install`. */
    installable: z.array(
      z.object({ installId: z.string(), kind: z.string(), label: z.string(), bins: z.array(z.string()) }),
    ),
    /** `DELETE` takes it: it lies in a folder of its own that somebody put there. */
    removable: z.boolean(),
  })
  .meta({ id: 'Skill' });
export type Skill = z.output<typeof skill>;

export const clawhubSkill = z
  .object({
    /** As `POST …/skills/install` takes it. */
    slug: z.string(),
    name: z.string(),
    summary: z.string().nullable(),
    version: z.string().nullable(),
    owner: z.string().nullable(),
    official: z.boolean().nullable(),
  })
  .meta({ id: 'ClawhubSkill' });
export type ClawhubSkill = z.output<typeof clawhubSkill>;

/** `high`: it could take over or empty the server, or sends secrets away. `medium`: worth a review. `low`: worth knowing. */
export const findingSeverity = z.enum(['high', 'medium', 'low']);

export const skillFinding = z
  .object({
    /** Stable, as in `pipe-to-shell`. */
    rule: z.string(),
    severity: findingSeverity,
    message: z.string(),
    /** Inside the upload. */
    file: z.string(),
    /** null when the whole file is meant. */
    line: count.nullable(),
    /** A part of that line. */
    excerpt: z.string().nullable(),
  })
  .meta({ id: 'SkillFinding' });
export type SkillFinding = z.output<typeof skillFinding>;

/** Bytes of an uploaded archive or SKILL.md. */
const MAX_UPLOAD_BYTES = 5 * 1024 * 1024;

/** A skill from ClawHub: `slug` or `@owner/slug`. */
const clawhubSlug = z
  .string()
  .max(128)
  .regex(/^(?:@?[A-Za-z0-9][A-Za-z0-9-]*\/)?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/, {
    error: 'must be a slug of ClawHub: letters, digits and "-", "owner/" before it',
  });

export const skillInstallation = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('clawhub'),
    slug: clawhubSlug,
    /** Absent: the newest. */
    version: line(64).optional(),
    agentId: agentId.optional(),
  }),
  z.strictObject({
    source: z.literal('dependency'),
    /** The skill that needs it. */
    name: line(128),
    installId: line(128),
    agentId: agentId.optional(),
  }),
]);
export type SkillInstallation = z.output<typeof skillInstallation>;

/** In a query, where everything is text. */
const yes = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

export const openclawSkillsEndpoints = {
  'GET /servers/:id/openclaw/skills': {
    summary: 'Skills as an agent sees them, the default agent where none is named',
    params: idParams,
    query: ofAgent,
    status: 200,
    response: readOf({ skills: z.array(skill) }),
  },
  'GET /servers/:id/openclaw/skills/search': {
    summary: 'Search ClawHub from the server; 503 clawhub_unreachable when it has no way there',
    params: idParams,
    query: z.strictObject({ q: line(200) }),
    status: 200,
    cost: 'expensive',
    response: readOf({ results: z.array(clawhubSkill) }),
  },
  'POST /servers/:id/openclaw/skills/install': {
    summary: 'Install a skill from ClawHub, or a program that a skill needs',
    params: idParams,
    body: skillInstallation,
    status: 202,
    cost: 'expensive',
    response: z.object({ task }),
  },
  'POST /servers/:id/openclaw/skills/upload': {
    summary:
      'Install a skill from a zip or one SKILL.md, the bytes being the body. It is scanned first; with findings of severity high it is installed only with confirm=true',
    params: idParams,
    query: z.strictObject({
      /** For this agent alone; absent: for all agents of the server. */
      agentId: agentId.optional(),
      /** The person has read the findings. */
      confirm: yes,
      /** Take the place of an uploaded skill of the same name. */
      replace: yes,
    }),
    upload: { types: ['application/zip', 'text/markdown'], maxBytes: MAX_UPLOAD_BYTES },
    status: 200,
    response: z.object({
      /** null when it was not installed. */
      skill: skill.nullable(),
      installed: z.boolean(),
      findings: z.array(skillFinding),
    }),
  },
  'PUT /servers/:id/openclaw/skills/:name': {
    summary: 'Switch a skill on or off, for all agents',
    params: skillParams,
    query: ofAgent,
    body: z.strictObject({ enabled: z.boolean() }),
    status: 200,
    response: z.object({ skill }),
  },
  'DELETE /servers/:id/openclaw/skills/:name': {
    summary: 'Remove a skill that was uploaded or installed; 409 for any other',
    params: skillParams,
    query: ofAgent,
    status: 204,
  },
} as const satisfies Endpoints;
