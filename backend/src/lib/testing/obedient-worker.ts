// A worker thread for tests whose jobs say what it does.
import { answerJobs } from '../answer-jobs.ts';
import { AppError } from '../app-error.ts';

type Order = {
  act: 'echo' | 'refuse' | 'spin' | 'fill' | 'exit' | 'throw' | 'wait';
  ms?: number;
  word?: string;
};

answerJobs(async (input) => {
  const { act, ms = 0, word } = input as Order;
  switch (act) {
    case 'echo':
      return word;
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, ms));
      return word;
    case 'refuse':
      throw new AppError('key_format', 'No.', { hint: 'Try yes.', details: { why: word } });
    case 'spin':
      for (;;);
    case 'fill': {
      const kept: string[][] = [];
      for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => `text ${index}`));
    }
    case 'exit':
      return process.exit(1);
    case 'throw':
      throw new Error('broken');
  }
});
