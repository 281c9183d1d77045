import { expect, it } from 'vitest';
import { MAX_UPLOAD_BYTES, uploadProblem, uploadType } from './upload-file.ts';

it.each([
  ['tea.zip', 'application/zip'],
  ['SKILL.MD', 'text/markdown'],
  ['notes.markdown', 'text/markdown'],
  ['tea.tar.gz', null],
  ['zip', null],
])('%s is %s', (name, type) => {
  expect(uploadType(name)).toBe(type);
});

it.each([
  [{ name: 'tea.zip', size: 10 }, null],
  [{ name: 'tea.zip', size: MAX_UPLOAD_BYTES }, null],
  [{ name: 'tea.zip', size: MAX_UPLOAD_BYTES + 1 }, 'large'],
  [{ name: 'SKILL.md', size: 0 }, 'empty'],
  [{ name: 'tea.rar', size: 10 }, 'type'],
])('what keeps %j from being uploaded is %s', (file, problem) => {
  expect(uploadProblem(file)).toBe(problem);
});
