// Worker thread that opens private keys. See private-keys.ts.
import { z } from 'zod';
import { answerJobs } from '../lib/answer-jobs.ts';
import { openPrivateKey } from './private-key.ts';

const job = z.object({ privateKey: z.string(), passphrase: z.string().nullable(), stored: z.boolean() });

answerJobs((input) => {
  const { privateKey, passphrase, stored } = job.parse(input);
  return openPrivateKey(privateKey, passphrase, { stored });
});
