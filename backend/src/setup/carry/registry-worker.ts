// Worker thread that reads what a registry tells. See registry-reader.ts.
import { answerJobs } from '../../lib/answer-jobs.ts';
import { type PackumentJob, readPackument } from './read-packument.ts';
import { filesInShrinkwrap, type ShrinkwrapJob } from './read-shrinkwrap.ts';

answerJobs((input) => {
  const job = input as { packument: PackumentJob } | { shrinkwrap: ShrinkwrapJob };
  return 'packument' in job ? readPackument(job.packument) : filesInShrinkwrap(job.shrinkwrap);
});
