// Inspects an uploaded skill in a worker thread: unpacking and scanning ten megabytes takes seconds.
import { type SkillFinding, skillFinding, type Upload } from '@buoy/contract';
import { z } from 'zod';
import type { IsolatedWork, WorkKind } from '../../lib/isolated-work.ts';
import { refusedUpload, type SkillFile } from './skill-file.ts';

export type InspectedUpload = {
  name: string;
  description: string;
  files: SkillFile[];
  findings: SkillFinding[];
};

const inspectedUpload: z.ZodType<InspectedUpload> = z.object({
  name: z.string(),
  description: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z
        .instanceof(Uint8Array)
        .transform((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      executable: z.boolean(),
    }),
  ),
  findings: z.array(skillFinding),
});
const inspection: WorkKind<InspectedUpload> = {
  module: new URL('./skill-worker.ts', import.meta.url),
  output: inspectedUpload,
  // The largest skill takes 2 s on an idle machine.
  deadlineMs: 20_000,
  waitingPerPerson: 4,
  tooCostly: () => refusedUpload('The skill takes too long to check.'),
};

/** @throws AppError `invalid_request` with the problem of the upload; `rate_limited` */
export function inspectUpload(
  isolatedWork: IsolatedWork,
  { type, bytes }: Upload,
  limits: { person: string; signal: AbortSignal },
): Promise<InspectedUpload> {
  return isolatedWork.run(inspection, { type, bytes }, limits);
}
