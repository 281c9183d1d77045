// Worker thread that unpacks and scans uploaded skills. See inspect-upload.ts.
import { z } from 'zod';
import { answerJobs } from '../../lib/answer-jobs.ts';
import type { InspectedUpload } from './inspect-upload.ts';
import { scanSkill } from './scan.ts';
import { packageOf } from './skill-package.ts';

const job = z.object({ type: z.string(), bytes: z.instanceof(Uint8Array) });

answerJobs(async (input): Promise<InspectedUpload> => {
  const pack = await packageOf(job.parse(input));
  const { name, description } = pack.head;
  return { name, description, files: pack.files, findings: scanSkill(pack) };
});
